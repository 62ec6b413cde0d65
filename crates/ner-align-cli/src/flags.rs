//! Options of the libraries as arguments of the command line.

/// Options as the libraries' messages and hints name them in backticks, and the arguments that set them.
const FLAGS: [(&str, &str); 28] = [
    ("columns", "--columns"),
    ("delimiter", "--delimiter"),
    ("drop", "--drop"),
    ("encoding", "--encoding"),
    ("fold_white_space", "--fold-white-space"),
    ("format", "--from"),
    ("map", "--map"),
    ("max_memory", "--max-memory"),
    ("near_duplicates", "--near-duplicates"),
    ("offsets", "--offsets"),
    ("on_misaligned", "--on-misaligned"),
    ("on_overlap", "--on-overlap"),
    ("on_surface_mismatch", "--on-surface-mismatch"),
    ("overwrite", "--overwrite"),
    ("read.scheme", "--from-scheme"),
    ("repair", "--repair"),
    ("replace", "--replace"),
    ("scheme", "--scheme"),
    ("shape", "--shape"),
    ("shard_size", "--shard-size"),
    ("split_sentences", "--sentences"),
    ("tag_column", "--tag-col"),
    ("tag_names", "--tag-names"),
    ("to", "--to"),
    ("token_column", "--token-col"),
    ("unwritable: replace", "--replace-unwritable"),
    ("words", "--words"),
    ("write.offsets", "--to-offsets"),
];

/// A message or a hint of a library in the words of the command line: each option in backticks, with or without a
/// value, becomes its argument. Other text in backticks stays.
///
/// ```
/// use ner_align_cli::flags::with_flags;
/// let hint = "see `tag_column`, or read it with `format: parquet`";
/// assert_eq!(with_flags(hint), "see --tag-col, or read it with --from parquet");
/// assert_eq!(with_flags("`ner-align predict` reads text"), "`ner-align predict` reads text");
/// ```
#[must_use]
pub fn with_flags(hint: &str) -> String {
    let mut text = String::with_capacity(hint.len());
    let mut rest = hint;
    while let Some((before, quoted, after)) = next_quoted(rest) {
        text.push_str(before);
        match flag(quoted) {
            Some(flag) => text.push_str(&flag),
            None => text.extend(["`", quoted, "`"]),
        }
        rest = after;
    }
    text + rest
}

/// The first text in backticks, and what is around it.
fn next_quoted(text: &str) -> Option<(&str, &str, &str)> {
    let (before, rest) = text.split_once('`')?;
    let (quoted, after) = rest.split_once('`')?;
    Some((before, quoted, after))
}

/// The argument for an option, or for `option: value`.
fn flag(option: &str) -> Option<String> {
    let find = |name: &str| FLAGS.iter().find(|(own, _)| *own == name).map(|(_, flag)| *flag);
    match (find(option), option.split_once(": ")) {
        (Some(flag), _) => Some(flag.to_owned()),
        (None, Some((name, value))) => find(name).map(|flag| format!("{flag} {value}")),
        (None, None) => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn options_become_arguments_and_other_text_stays() {
        for (hint, expected) in [
            ("", ""),
            ("no option", "no option"),
            ("name it with `to`", "name it with --to"),
            ("`token_column: 1` and `tag_column: -1`", "--token-col 1 and --tag-col -1"),
            ("or `unwritable: replace`", "or --replace-unwritable"),
            ("`columns: word=A,tag=B`; more", "--columns word=A,tag=B; more"),
            ("`ner-align eval` and `to", "`ner-align eval` and `to"),
            ("``", "``"),
        ] {
            assert_eq!(with_flags(hint), expected);
        }
    }
}
