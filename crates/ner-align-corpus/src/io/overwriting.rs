//! Which paths an output may have.

use std::fs;
use std::path::Path;

use crate::{CorpusError, ErrorKind};

/// Refuses an output that would replace an input: one of the files read, a folder that holds one of
/// them, or a file in a folder that is read. Paths are compared as the file system has them, links
/// followed; `-` is a stream, and devices such as `/dev/null` hold nothing that could be lost.
///
/// Call it before anything is written.
///
/// # Errors
/// [`ErrorKind::Usage`] for such an output.
pub fn refuse_overwriting<P: AsRef<Path>>(
    output: impl AsRef<Path>,
    inputs: &[P],
) -> Result<(), CorpusError> {
    let output = output.as_ref();
    if output.as_os_str() == "-" {
        return Ok(());
    }
    // What is not there replaces nothing.
    let Ok(target) = fs::canonicalize(output) else { return Ok(()) };
    if !target.is_file() && !target.is_dir() {
        return Ok(());
    }
    for input in inputs {
        let input = input.as_ref();
        if input.as_os_str() == "-" {
            continue;
        }
        let Ok(source) = fs::canonicalize(input) else { continue };
        let found = if source == target {
            format!("the input {}", input.display())
        } else if source.starts_with(&target) {
            format!("a folder that holds the input {}", input.display())
        } else if target.is_file() && target.parent() == Some(source.as_path()) {
            format!("a file of the input {}", input.display())
        } else {
            continue;
        };
        let other = if target.is_dir() { "folder" } else { "file" };
        let expected = "an output apart from the inputs";
        return Err(CorpusError::new(ErrorKind::Usage, "output-is-input", expected, found)
            .at_path(output.display())
            .with_hint(format!("name another {other}")));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_outputs_that_replace_no_input_pass() -> std::io::Result<()> {
        let folder = tempfile::tempdir()?;
        let path = |name: &str| folder.path().join(name);
        fs::create_dir_all(path("data/deep"))?;
        fs::create_dir(path("other"))?;
        for name in ["data/a.conll", "data/deep/b.conll", "c.conll"] {
            fs::write(path(name), "")?;
        }
        for (output, input, refused) in [
            ("c.conll", "c.conll", Some("the input")),
            ("data/../c.conll", "c.conll", Some("the input")),
            ("data", "data", Some("the input")),
            ("data", "data/a.conll", Some("a folder that holds the input")),
            ("data", "data/deep/b.conll", Some("a folder that holds the input")),
            ("data/a.conll", "data", Some("a file of the input")),
            ("data/deep", "data", None),
            ("data/deep", "data/a.conll", None),
            ("data/new.conll", "data", None),
            ("other", "data", None),
            ("new.conll", "c.conll", None),
            ("c.conll", "missing.conll", None),
        ] {
            let error = refuse_overwriting(path(output), &[path("missing"), path(input)]).err();
            let message = error.as_ref().map(ToString::to_string).unwrap_or_default();
            let kind = error.map(|error| error.kind());
            assert_eq!(kind, refused.map(|_| ErrorKind::Usage), "{message}");
            assert!(message.contains(refused.unwrap_or_default()), "{output} {input}: {message}");
        }
        for (output, input) in [("-", "-"), ("/dev/null", "/dev/null"), ("/dev/stdout", "-")] {
            assert!(refuse_overwriting(output, &[input]).is_ok(), "{output}");
        }
        Ok(())
    }

    #[cfg(unix)]
    #[test]
    fn links_are_followed() -> std::io::Result<()> {
        let folder = tempfile::tempdir()?;
        let (real, link) = (folder.path().join("real"), folder.path().join("link"));
        fs::write(&real, "")?;
        std::os::unix::fs::symlink(&real, &link)?;
        assert!(refuse_overwriting(&link, &[&real]).is_err());
        assert!(refuse_overwriting(&real, &[&link]).is_err());
        Ok(())
    }
}
