//! Sums up pip's error output in one line.

use super::wheels::Wheel;
use crate::failure::Failure;

const AGAIN: &str =
    "check network, proxy and PIP_INDEX_URL, then run it again (finished downloads are kept)";

/// What pip prints if it cannot reach the index or the connection breaks.
const NETWORK: [&str; 9] = [
    "NewConnectionError",
    "ConnectTimeout",
    "ReadTimeout",
    "Read timed out",
    "ProxyError",
    "SSLError",
    "Connection broken",
    "ConnectionResetError",
    "IncompleteRead",
];

/// The failure that pip's stderr reports.
pub(super) fn explain(stderr: &[String], wheel: &Wheel) -> Failure {
    let Wheel { requirement, otherwise, .. } = wheel;
    if stderr.iter().any(|line| line.contains("No space left on device")) {
        return Failure::environment("the disk filled up while pip was downloading")
            .hint("free some space, or set NER_ALIGN_CACHE to a folder on another disk");
    }
    if let Some(line) = stderr.iter().rev().find(|line| NETWORK.iter().any(|s| line.contains(s))) {
        let what = format!("no network: pip cannot download {requirement} ({})", reason(line));
        return Failure::environment(what).hint(format!("{AGAIN}, or {otherwise}"));
    }
    let said = last_error(stderr).unwrap_or("pip gave no reason");
    let failure = Failure::environment(format!("pip cannot download {requirement}: {said}"));
    if stderr.iter().any(|line| line.contains("No matching distribution")) {
        return failure
            .hint(format!("pip's index does not have it; use another index, or {otherwise}"));
    }
    failure.hint(format!("{AGAIN}, or {otherwise}"))
}

/// pip's last `ERROR:` line, or the last line of a traceback.
fn last_error(stderr: &[String]) -> Option<&str> {
    let errors = stderr.iter().rev().filter_map(|line| line.strip_prefix("ERROR: "));
    let mut errors = errors.map(str::trim).filter(|line| *line != "Exception:");
    let last_line = || stderr.iter().rev().map(|line| line.trim()).find(|line| !line.is_empty());
    errors.next().or_else(last_line)
}

/// The part of a network error that a person can use: the end of
/// `...NewConnectionError('<... object at 0x...>: Failed to establish a new connection: [Errno
/// 111] Connection refused')': /simple/torch/`.
fn reason(line: &str) -> &str {
    const ENDS: [&str; 9] = [
        "Name or service not known",
        "Temporary failure in name resolution",
        "nodename nor servname provided",
        "Connection refused",
        "Network is unreachable",
        "Connection reset by peer",
        "CERTIFICATE_VERIFY_FAILED",
        "Tunnel connection failed",
        "timed out",
    ];
    ENDS.into_iter().find(|end| line.contains(end)).unwrap_or("the connection failed")
}

#[cfg(test)]
mod tests {
    use super::super::pins::TORCH;
    use super::*;

    /// Lines as pip 23.2 prints them.
    #[test]
    fn condenses_what_pip_says() {
        let refused = "WARNING: Retrying (Retry(total=0, connect=None, read=None, redirect=None, \
            status=None)) after connection broken by 'NewConnectionError('<pip._vendor.urllib3.\
            connection.HTTPSConnection object at 0x7f>: Failed to establish a new connection: \
            [Errno 111] Connection refused')': /torch/";
        let none = "ERROR: No matching distribution found for torch===2.11.0";
        let cases: [(&[&str], &str); 6] = [
            (&[refused, "ERROR: Could not find a version", none], "no network"),
            (&[refused, none], "(Connection refused)"),
            (
                &["ERROR: Could not find a version", none],
                "pip cannot download torch===2.11.0: No mat",
            ),
            (
                &[
                    "ERROR: Could not install packages due to an OSError: [Errno 28] No space left on device",
                ],
                "the disk filled up",
            ),
            (
                &["ERROR: Exception:", "Traceback (most recent call last):", "  File", "x.Y: oh"],
                "torch===2.11.0: x.Y: oh",
            ),
            (&[], "pip gave no reason"),
        ];
        for (stderr, expected) in cases {
            let stderr: Vec<String> = stderr.iter().map(|&line| line.to_owned()).collect();
            let shown = explain(&stderr, &TORCH).to_string();
            assert!(shown.contains(expected), "{shown}");
            assert_eq!(shown.lines().count(), 2, "{shown}");
        }
    }
}
