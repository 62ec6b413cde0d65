//! Why a tool's numbers are not ours, said where it matters.

use serde::Serialize;

use super::{CompatScores, Tool};
use crate::{Averages, OTHER_LABELS, Prf, Scores};

/// A habit of a tool that these tags bring out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Quirk {
    /// A stable name.
    pub code: &'static str,
    /// What the tool does with them.
    pub message: &'static str,
    /// How many tags or entities it concerns, on both sides together.
    pub count: u64,
}

/// What is counted.
#[derive(Debug, Default)]
struct Features {
    /// `I`, `E`, `L` that continue nothing of their type.
    orphans: u64,
    /// `B`, or `I` after it, that no `E` or `L` closes, where the file uses these.
    unclosed: u64,
    last_letter: u64,
    single_letter: u64,
    /// Spelled with `L` or `U`.
    bilou: u64,
    /// Spelled with `E` or `S`.
    iobes: u64,
    no_prefix: u64,
    missing: u64,
    dashes: u64,
    zero: u64,
}

impl Features {
    fn count<S: AsRef<str>>(&mut self, sentence: &[S]) {
        let mut before: Option<(u8, &str)> = None;
        for tag in sentence.iter().map(AsRef::as_ref) {
            let part = tag.split_once('-').filter(|(letter, _)| letter.len() == 1);
            let now = part.map(|(letter, kind)| (letter.as_bytes()[0], kind));
            let open = |(letter, _): (u8, &str)| matches!(letter, b'B' | b'I');
            let continues = now.is_some_and(|(letter, kind)| {
                matches!(letter, b'I' | b'E' | b'L')
                    && before.is_some_and(|b| open(b) && b.1 == kind)
            });
            self.unclosed += u64::from(before.is_some_and(open) && !continues);
            match now {
                Some((letter, kind)) if tag != "-" => {
                    self.orphans += u64::from(matches!(letter, b'I' | b'E' | b'L') && !continues);
                    self.bilou += u64::from(matches!(letter, b'L' | b'U'));
                    self.iobes += u64::from(matches!(letter, b'E' | b'S'));
                    self.last_letter += u64::from(matches!(letter, b'E' | b'L'));
                    self.single_letter += u64::from(matches!(letter, b'S' | b'U'));
                    self.dashes += u64::from(kind.starts_with('-') || kind.ends_with('-'));
                    self.zero += u64::from(kind == "0");
                    self.no_prefix += u64::from(!b"BIELSU".contains(&letter) || kind.is_empty());
                }
                _ if tag == "-" => self.missing += 1,
                _ if tag == "O" => {}
                _ => self.no_prefix += 1,
            }
            before = now;
        }
        let open_end = before.is_some_and(|(letter, _)| matches!(letter, b'B' | b'I'));
        self.unclosed += u64::from(open_end);
    }
}

/// The habits of a tool that these tags bring out and that make its numbers, `theirs`, differ from
/// those of [`crate::Scorer`] on the same tags, `ours`. Empty where they do not differ.
///
/// ```
/// use ner_align_core::{DecodeMode, Metric, Scheme, Tag};
/// use ner_align_metrics::{Scorer, compat};
/// let tags = [["U-PER", "U-PER"]];
/// let read: Vec<Tag> = tags[0].iter().map(|tag| Tag::parse(tag)).collect::<Result<_, _>>()?;
/// let mut scorer = Scorer::new(Scheme::Biluo, DecodeMode::Lenient);
/// scorer.update(&read, &read)?;
/// let (tool, ours) = (compat::Tool::Seqeval, scorer.compute());
/// let theirs = tool.run(&tags, &tags, None)?;
/// let quirks = compat::quirks(&theirs, &tags, &tags, &ours, tool);
/// assert_eq!(quirks[0].code, "bilou-unknown");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[must_use]
pub fn quirks<S: AsRef<str>, G: AsRef<[S]>>(
    theirs: &CompatScores,
    gold: &[G],
    predicted: &[G],
    ours: &Scores,
    tool: Tool,
) -> Vec<Quirk> {
    let (same_total, same_types) = (same_total(theirs, ours), same_types(theirs, ours));
    if same_total && same_types {
        return Vec::new();
    }
    let mut features = Features::default();
    gold.iter().chain(predicted).for_each(|sentence| features.count(sentence.as_ref()));
    let f = &features;
    let errors = &ours.errors;
    // Where no tag ends or stands alone, nothing has to be closed.
    let unclosed = if f.last_letter + f.single_letter > 0 { f.unclosed } else { 0 };
    let overlaps = errors.merged + errors.split + errors.boundary + errors.boundary_and_type;
    let unpaired = if same_total { 0 } else { overlaps };
    let known = match tool {
        Tool::Seqeval => vec![
            ("bilou-unknown", "U and L are not known: neither starts nor ends an entity", f.bilou),
            (
                "no-prefix-is-a-type",
                "a tag without prefix and type loses its first letter and is an entity",
                f.no_prefix,
            ),
            ("missing-is-an-entity", "the missing mark - is an entity of type _", f.missing),
        ],
        Tool::SeqevalStrict => vec![
            ("orphans-dropped", "entities that the scheme does not start so are none", f.orphans),
            ("unclosed-dropped", "entities that no end closes are none", unclosed),
            ("dashes-stripped", "hyphens around a type are no part of it", f.dashes),
        ],
        Tool::Conlleval => vec![
            (
                "bilou-unknown",
                "S, U and L mean nothing: entities part by change of type alone",
                f.bilou + f.single_letter,
            ),
            ("end-then-begin", "B right after E or L starts nothing", f.last_letter),
            ("no-prefix-is-a-type", "a tag without prefix is an entity without type", f.no_prefix),
            ("missing-is-an-entity", "the missing mark - is an entity without type", f.missing),
            ("zero-is-no-type", "a type spelled 0 is none, as in Perl", f.zero),
        ],
        Tool::Nervaluate => vec![
            (
                "first-not-best",
                "predictions take the first gold entity that they overlap, not the best",
                unpaired,
            ),
            (
                "types-apart",
                "by type, an entity of another type is missed there and spurious here",
                errors.entity_type + errors.boundary_and_type,
            ),
            ("missing-is-a-tag", "the missing mark - is read as a tag", f.missing),
        ],
        Tool::Spacy => vec![
            ("iobes-falls-apart", "E starts an entity: B-X E-X are two", f.iobes),
            ("unannotated-skipped", "sentences without any annotation are passed over", f.missing),
            (
                "no-prefix-is-a-type",
                "the first two characters of a tag are its prefix",
                f.no_prefix,
            ),
        ],
    };
    known
        .into_iter()
        .filter(|(.., count)| *count > 0)
        .map(|(code, message, count)| Quirk { code, message, count })
        .collect()
}

/// That two scores are one; what is undefined is 0 with the tools.
fn equal(ours: Option<f64>, theirs: Option<f64>) -> bool {
    (ours.unwrap_or(0.0) - theirs.unwrap_or(0.0)).abs() < 1e-9
}

fn same_total(theirs: &CompatScores, ours: &Scores) -> bool {
    let micro = &ours.strict().micro;
    match theirs {
        CompatScores::Seqeval(s) => {
            equal(micro.precision, s.micro.precision)
                && equal(micro.recall, s.micro.recall)
                && micro.support == s.micro.support
        }
        CompatScores::Conlleval(s) => {
            (micro.support, micro.predicted, micro.correct) == (s.phrases, s.found, s.correct)
        }
        CompatScores::Nervaluate(s) => [
            (ours.strict(), &s.overall.strict),
            (ours.exact(), &s.overall.exact),
            (ours.partial(), &s.overall.partial),
            (ours.entity_type(), &s.overall.ent_type),
        ]
        .into_iter()
        .all(|(a, b)| equal(a.micro.f1, Some(b.f1))),
        CompatScores::Spacy(s) => equal(micro.precision, s.ents_p) && equal(micro.recall, s.ents_r),
    }
}

fn same_types(theirs: &CompatScores, ours: &Scores) -> bool {
    let strict = ours.strict();
    let f1 =
        |averages: &Averages, name: &str| averages.per_type.get(name).and_then(|row: &Prf| row.f1);
    // The rarest of very many types have no row of their own here.
    let is_folded = strict.per_type.contains_key(OTHER_LABELS);
    let has_all = |types: usize| is_folded || types == strict.per_type.len();
    let is_listed = |name: &String| !is_folded || strict.per_type.contains_key(name);
    match theirs {
        CompatScores::Seqeval(s) => {
            has_all(s.per_type.len())
                && s.per_type.iter().filter(|(name, _)| is_listed(name)).all(|(name, row)| {
                    let support = strict.per_type.get(name).map_or(0, |own| own.support);
                    equal(f1(strict, name), row.f1) && support == row.support
                })
        }
        CompatScores::Conlleval(s) => {
            has_all(s.per_type.len())
                && s.per_type
                    .iter()
                    .filter(|(name, _)| is_listed(name))
                    .all(|(name, row)| equal(f1(strict, name), Some(row.fb1 / 100.0)))
        }
        CompatScores::Nervaluate(s) => {
            s.per_type.iter().filter(|(name, _)| is_listed(name)).all(|(name, rows)| {
                [
                    (strict, &rows.strict),
                    (ours.exact(), &rows.exact),
                    (ours.partial(), &rows.partial),
                    (ours.entity_type(), &rows.ent_type),
                ]
                .into_iter()
                .all(|(ours, theirs)| equal(f1(ours, name), Some(theirs.f1)))
            })
        }
        CompatScores::Spacy(s) => {
            let types = s.ents_per_type.iter().flatten();
            has_all(types.clone().count())
                && types
                    .into_iter()
                    .filter(|(name, _)| is_listed(name))
                    .all(|(name, row)| equal(f1(strict, name), Some(row.f)))
        }
    }
}
