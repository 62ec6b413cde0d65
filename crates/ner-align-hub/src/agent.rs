//! Connections: redirects, timeouts, proxies, certificates.

use std::path::Path;
use std::time::Duration;

use ureq::Agent;
use ureq::config::{AutoHeaderValue, RedirectAuthHeaders};
use ureq::tls::{PemItem, RootCerts, TlsConfig, parse_pem};

use crate::address::{host, is_loopback};
use crate::error::HubError;
use crate::settings::Settings;

/// Redirects that are followed.
pub(crate) const MOST_REDIRECTS: u32 = 10;
const CONNECT: Duration = Duration::from_secs(10);

/// What makes the requests of these settings. It does not add the token.
pub(crate) fn agent(settings: &Settings) -> Result<Agent, HubError> {
    let mut config = Agent::config_builder()
        .http_status_as_error(false)
        .max_redirects(MOST_REDIRECTS)
        // Never to another host, where a signed address is the permission.
        .redirect_auth_headers(RedirectAuthHeaders::SameHost)
        .user_agent(concat!("ner-align/", env!("CARGO_PKG_VERSION")))
        .accept_encoding(AutoHeaderValue::None)
        .timeout_resolve(Some(CONNECT))
        .timeout_connect(Some(CONNECT))
        .timeout_per_read(Some(settings.read_timeout));
    if host(&settings.endpoint).is_some_and(|host| is_loopback(&host)) {
        // No proxy can reach what is on this machine.
        config = config.proxy(None);
    }
    if let Some(path) = &settings.certificates {
        let certificates = RootCerts::new_with_certs(&certificates(path)?);
        config = config.tls_config(TlsConfig::builder().root_certs(certificates).build());
    }
    Ok(config.build().new_agent())
}

fn certificates(path: &Path) -> Result<Vec<ureq::tls::Certificate<'static>>, HubError> {
    let fail = |reason: String| HubError::Certificates { path: path.to_owned(), reason };
    let bytes = std::fs::read(path).map_err(|error| fail(error.to_string()))?;
    let found: Vec<_> = parse_pem(&bytes)
        .filter_map(|item| match item {
            Ok(PemItem::Certificate(certificate)) => Some(certificate),
            _ => None,
        })
        .collect();
    if found.is_empty() {
        Err(fail("expected certificates, found none".to_owned()))
    } else {
        Ok(found)
    }
}
