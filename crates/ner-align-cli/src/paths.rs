//! Which paths a command may write to.

use std::fs;
use std::path::Path;

use crate::Failure;

/// Refuses an output that would replace an input: one of the files read, a folder that holds one of
/// them, or a file in a folder that is read. Paths are compared as the file system has them, links
/// followed; `-` is a stream, and devices such as `/dev/null` hold nothing that could be lost.
///
/// To be asked before anything is written.
///
/// # Errors
/// An output that is at fault, with exit status 2.
pub fn refuse_overwriting<P: AsRef<Path>>(output: &Path, inputs: &[P]) -> Result<(), Failure> {
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
        let message = format!(
            "{}: expected an output apart from the inputs, found {found}",
            output.display()
        );
        let other = if target.is_dir() { "folder" } else { "file" };
        return Err(Failure::usage(message).hint(format!("name another {other}")));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::failure::USAGE;

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
            let failure = refuse_overwriting(&path(output), &[path("missing"), path(input)]).err();
            let told = failure.as_ref().map(ToString::to_string).unwrap_or_default();
            assert_eq!(failure.map(|failure| failure.code), refused.map(|_| USAGE), "{told}");
            assert!(told.contains(refused.unwrap_or_default()), "{output} {input}: {told}");
        }
        for (output, input) in [("-", "-"), ("/dev/null", "/dev/null"), ("/dev/stdout", "-")] {
            assert_eq!(refuse_overwriting(output.as_ref(), &[input]), Ok(()), "{output}");
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
