//! Addresses on the web.

use ureq::http::Uri;

/// The host of an address, in lower case.
pub(crate) fn host(url: &str) -> Option<String> {
    Some(url.parse::<Uri>().ok()?.host()?.to_ascii_lowercase())
}

/// Whether a host is this machine.
pub(crate) fn is_loopback(host: &str) -> bool {
    let address = host.trim_matches(['[', ']']).parse::<std::net::IpAddr>();
    host == "localhost" || address.is_ok_and(|address| address.is_loopback())
}

/// Whether an address is of the Hub at `endpoint`, so that it may see the token.
pub(crate) fn is_of(endpoint: &str, url: &str) -> bool {
    host(endpoint) == host(url) && (url.starts_with("https://") || endpoint.starts_with("http://"))
}

/// The address that a redirect leads to.
pub(crate) fn join(url: &str, location: &str) -> Option<String> {
    if location.starts_with("http://") || location.starts_with("https://") {
        return Some(location.to_owned());
    }
    let base = url.parse::<Uri>().ok()?;
    let rooted = location.starts_with('/') && !location.starts_with("//");
    rooted.then_some(format!("{}://{}{location}", base.scheme_str()?, base.authority()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn redirects_are_relative_to_their_address() {
        let url = "https://hub.example:1/a/b?c";
        for (location, expected) in [
            ("/d/e", Some("https://hub.example:1/d/e")),
            ("http://cdn.example/f", Some("http://cdn.example/f")),
            ("//other.example/g", None),
            ("ftp://other.example/g", None),
        ] {
            assert_eq!(join(url, location).as_deref(), expected, "{location}");
        }
    }

    #[test]
    fn loopbacks() {
        for (name, loopback) in
            [("localhost", true), ("127.0.0.2", true), ("[::1]", true), ("10.0.0.1", false)]
        {
            assert_eq!(is_loopback(name), loopback, "{name}");
        }
    }
}
