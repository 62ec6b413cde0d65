//! The labelling interface of Label Studio that tasks are made for.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::io::Write as _;
use std::path::{Path, PathBuf};

use crate::io::AtomicFile;
use crate::{CorpusError, ErrorKind};

/// The labelling configuration of Label Studio for tasks of the shape `label-studio` with these labels,
/// each once, in their order by name.
///
/// ```
/// use ner_align_corpus::formats::jsonl::labelling_config;
/// let config = labelling_config(["PER", "A&B", "PER"]);
/// assert_eq!(
///     config,
///     "<View>\n  <Labels name=\"label\" toName=\"text\">\n    <Label value=\"A&amp;B\"/>\n    \
///      <Label value=\"PER\"/>\n  </Labels>\n  <Text name=\"text\" value=\"$text\"/>\n</View>\n"
/// );
/// ```
pub fn labelling_config<'a>(labels: impl IntoIterator<Item = &'a str>) -> String {
    let labels: BTreeSet<&str> = labels.into_iter().collect();
    let mut config = "<View>\n  <Labels name=\"label\" toName=\"text\">\n".to_owned();
    for label in labels {
        let _ = writeln!(config, "    <Label value=\"{}\"/>", escaped(label));
    }
    config + "  </Labels>\n  <Text name=\"text\" value=\"$text\"/>\n</View>\n"
}

/// Writes the [`labelling_config`] beside the file of tasks, with the name's end in `.xml`, such as
/// `tasks.xml` beside `tasks.json` or `tasks.json.gz`. Returns its path.
///
/// # Errors
/// Tasks in a file that is called so itself, or a folder that cannot be written.
pub fn write_labelling_config<'a>(
    tasks: impl AsRef<Path>,
    labels: impl IntoIterator<Item = &'a str>,
) -> Result<PathBuf, CorpusError> {
    let path = config_path(tasks.as_ref());
    if path == tasks.as_ref() {
        let expected = "a name for tasks that does not end in .xml";
        return Err(CorpusError::new(ErrorKind::Usage, "config-name", expected, "one that does")
            .at_path(path.display()));
    }
    let mut file = AtomicFile::create(&path)?;
    file.write_all(labelling_config(labels).as_bytes())
        .map_err(|error| CorpusError::io(&path, "a file that can be written", error))?;
    file.commit()?;
    Ok(path)
}

/// The path of the configuration beside a file of tasks.
#[must_use]
pub fn config_path(tasks: &Path) -> PathBuf {
    let packed = tasks.extension().is_some_and(|end| end.eq_ignore_ascii_case("gz"));
    let tasks = if packed { tasks.with_extension("") } else { tasks.to_owned() };
    tasks.with_extension("xml")
}

/// A text within the quotes of an attribute. A parser makes white space there a plain space unless it is
/// written as a number.
fn escaped(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\t' | '\n' | '\r' => {
                let _ = write!(escaped, "&#{};", u32::from(character));
            }
            other => escaped.push(other),
        }
    }
    escaped
}
