//! Spans whose source also says what they cover: whether their offsets count what they should.

use ner_align_core::{CharSpan, Finding, Severity};

use super::{CharMap, OffsetMap, shorten};
use crate::CorpusError;
use crate::contract::{OffsetUnit, OnSurfaceMismatch};

/// The code of a span whose own copy of its text is not what stands at its offsets.
pub(crate) const SURFACE_MISMATCH: &str = "surface-mismatch";

/// Spans that differ which are compared under other units.
const MAX_EXPLAINED: usize = 100;

/// Compares the spans of one document with its text.
#[derive(Debug)]
pub(crate) struct Surfaces<'t> {
    text: &'t str,
    map: &'t CharMap<'t>,
    unit: OffsetUnit,
    offsets: OffsetMap,
    /// Spans that differ, as the source has them, with their texts there.
    differing: Vec<(Vec<CharSpan>, String)>,
    count: usize,
}

/// What was expected and what was found at the offsets of a span.
#[derive(Debug)]
pub(crate) struct Difference {
    expected: String,
    found: String,
    given: String,
}

impl Difference {
    /// As a finding, without its place.
    pub(crate) fn finding(&self) -> Finding {
        let message = format!("expected {}, found {}", self.expected, self.found);
        Finding::new(Severity::Error, SURFACE_MISMATCH, message).with_text(shorten(&self.given))
    }

    /// As an error, without its place.
    pub(crate) fn error(&self) -> CorpusError {
        CorpusError::input(SURFACE_MISMATCH, self.expected.as_str(), self.found.as_str())
    }
}

impl<'t> Surfaces<'t> {
    /// A document's text, whose offsets count `unit`.
    pub(crate) fn new(text: &'t str, map: &'t CharMap<'t>, unit: OffsetUnit) -> Self {
        let offsets = OffsetMap::new(text, unit);
        Self { text, map, unit, offsets, differing: Vec::new(), count: 0 }
    }

    /// Spans in code points, those that differ from their texts as `policy` says. `note` takes findings;
    /// they and the error lack their place.
    pub(crate) fn settle<T, S: AsRef<str>>(
        &mut self,
        spans: impl IntoIterator<Item = (CharSpan, Option<S>, T)>,
        policy: OnSurfaceMismatch,
        note: &mut dyn FnMut(Finding),
    ) -> Result<Vec<(CharSpan, T)>, CorpusError> {
        let mut settled = Vec::new();
        let mut fault = None;
        for (span, given, rest) in spans {
            if let Some(difference) = given.and_then(|given| self.differs(&[span], given.as_ref()))
            {
                if policy == OnSurfaceMismatch::Error {
                    fault.get_or_insert(difference);
                    continue;
                }
                note(difference.finding().with_hint(self.hint()));
                if policy == OnSurfaceMismatch::Drop {
                    continue;
                }
            }
            let Some(chars) = self.chars(span) else {
                let expected = format!("offsets that count {}", self.unit.what());
                let found = format!("{}..{} within a character", span.start, span.end);
                return Err(CorpusError::input("offset", expected, found));
            };
            settled.push((chars, rest));
        }
        match fault {
            Some(difference) => Err(difference.error().with_hint(self.hint())),
            None => Ok(settled),
        }
    }

    /// The code points of a span; `None` if it starts or ends within a character.
    pub(crate) fn chars(&self, span: CharSpan) -> Option<CharSpan> {
        self.offsets.chars_of(span)
    }

    /// How the source's copy of a span's text differs from what stands there; white space may
    /// differ.
    pub(crate) fn differs(&mut self, pieces: &[CharSpan], given: &str) -> Option<Difference> {
        let here = read(self.text, self.map, &self.offsets, pieces);
        if here.as_deref().is_some_and(|here| same(here, given)) {
            return None;
        }
        self.count += 1;
        if self.differing.len() < MAX_EXPLAINED {
            self.differing.push((pieces.to_vec(), given.to_owned()));
        }
        let shown: Vec<String> = pieces.iter().map(|p| format!("{}..{}", p.start, p.end)).collect();
        let found = here.map_or_else(
            || format!("a text of {} characters", self.map.len()),
            |here| format!("{:?}", shorten(&here)),
        );
        let given = shorten(given);
        let expected = format!("{given:?} at {}, as the annotation says", shown.join(" and "));
        Some(Difference { expected, found, given })
    }

    /// What to do about the spans that differ so far: the unit under which all of them fit, if
    /// there is one.
    pub(crate) fn hint(&self) -> String {
        let all = match self.count {
            1 => "the offsets fit".to_owned(),
            count => format!("the offsets of all {count} spans that differ fit"),
        };
        let fits = |map: &OffsetMap, change: &dyn Fn(CharSpan) -> Option<CharSpan>| {
            self.differing.iter().all(|(pieces, given)| {
                let pieces: Option<Vec<CharSpan>> = pieces.iter().map(|p| change(*p)).collect();
                pieces
                    .and_then(|pieces| read(self.text, self.map, map, &pieces))
                    .is_some_and(|there| same(&there, given))
            })
        };
        for unit in OffsetUnit::ALL.into_iter().filter(|unit| *unit != self.unit) {
            if fits(&OffsetMap::new(self.text, unit), &Some) {
                return format!("{all} if they count {}: read with `offsets: {unit}`", unit.what());
            }
        }
        let mark = usize::from(self.text.starts_with('\u{feff}'));
        type Change = fn(CharSpan, usize) -> Option<CharSpan>;
        let changes: [(&str, Change); 4] = [
            ("have an inclusive end", |s, _| Some(CharSpan::new(s.start, s.end.checked_add(1)?))),
            ("count from 1 with an inclusive end", |s, _| {
                Some(CharSpan::new(s.start.checked_sub(1)?, s.end))
            }),
            ("leave out the byte order mark", |s, mark| {
                Some(CharSpan::new(s.start.checked_add(mark)?, s.end.checked_add(mark)?))
            }),
            ("count from 1, or a byte order mark that is gone", |s, _| {
                Some(CharSpan::new(s.start.checked_sub(1)?, s.end.checked_sub(1)?))
            }),
        ];
        for (what, change) in changes {
            if fits(&self.offsets, &|span| change(span, mark)) {
                return format!(
                    "{all} if they {what}; here they count {} from 0 and are half-open; {AS_THEY_ARE}",
                    self.unit.what()
                );
            }
        }
        let Some((_, given)) = self.differing.first() else { return AS_THEY_ARE.to_owned() };
        let mut places = self.text.match_indices(given);
        match (places.next(), places.next()) {
            (Some((byte, _)), None) if !given.is_empty() => {
                let start = self.map.char_of(byte);
                let end = start + given.chars().count();
                format!(
                    "that text stands at {start}..{end} only; see whether the text was changed; {AS_THEY_ARE}"
                )
            }
            _ => format!("see whether the text was changed; {AS_THEY_ARE}"),
        }
    }
}

/// The way on where the text was changed on purpose.
const AS_THEY_ARE: &str = "`on_surface_mismatch: offsets` reads the offsets as they are, \
                           `on_surface_mismatch: drop` leaves such spans out";

/// The pieces' text.
fn read(text: &str, map: &CharMap<'_>, offsets: &OffsetMap, pieces: &[CharSpan]) -> Option<String> {
    let texts: Option<Vec<&str>> =
        pieces.iter().map(|piece| super::slice(text, map, offsets, *piece)).collect();
    texts.map(|texts| texts.join(" "))
}

/// True if two texts differ in white space at most; line ends may be written as `\n`.
fn same(one: &str, other: &str) -> bool {
    let equal = |other: &str| one.split_whitespace().eq(other.split_whitespace());
    one == other || equal(other) || other.contains("\\n") && equal(&other.replace("\\n", " "))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn units_are_told() {
        for (text, start, end, given, expected) in [
            ("in Oslo", 3, 7, "Oslo", None),
            ("in  Oslo\nby", 4, 11, "Oslo by", None),
            ("in  Oslo\nby", 4, 11, "Oslo\\nby ", None),
            ("né à Oslo", 7, 11, "Oslo", Some("`offsets: bytes`")),
            ("😀 in Oslo", 6, 10, "Oslo", Some("`offsets: utf16`")),
            ("in Oslo", 3, 6, "Oslo", Some("inclusive end")),
            ("in Oslo", 4, 7, "Oslo", Some("from 1 with")),
            ("a\r\nOslo", 2, 6, "Oslo", Some("`offsets: crlf-as-one`")),
            ("\u{feff}Oslo", 0, 4, "Oslo", Some("leave out the byte order mark")),
            ("in Oslo", 4, 8, "Oslo", Some("that is gone")),
            ("now in Oslo", 3, 7, "Oslo", Some("stands at 7..11")),
            ("Oslo, Oslo", 2, 3, "Oslo", Some("was changed")),
            ("in Oslo", 30, 70, "Rome", Some("was changed")),
            ("in Oslo", usize::MAX, usize::MAX, "Rome", Some("was changed")),
        ] {
            let map = CharMap::new(text);
            let mut surfaces = Surfaces::new(text, &map, OffsetUnit::CodePoints);
            let difference = surfaces.differs(&[CharSpan::new(start, end)], given);
            match expected {
                None => assert!(difference.is_none(), "{text:?}"),
                Some(part) => {
                    assert!(difference.is_some(), "{text:?}");
                    let hint = surfaces.hint();
                    assert!(hint.contains(part), "{hint:?}");
                }
            }
        }
    }

    #[test]
    fn the_unit_fits_all_spans() {
        let text = "😀 Ada é Oslo";
        let map = CharMap::new(text);
        let mut surfaces = Surfaces::new(text, &map, OffsetUnit::CodePoints);
        assert!(surfaces.differs(&[CharSpan::new(3, 6)], "Ada").is_some());
        assert!(surfaces.hint().contains("utf16"));
        // The second one counts bytes: no unit fits both.
        assert!(surfaces.differs(&[CharSpan::new(12, 16)], "Oslo").is_some());
        assert!(!surfaces.hint().contains("`offsets"), "{}", surfaces.hint());
        let mut surfaces = Surfaces::new(text, &map, OffsetUnit::Utf16);
        assert!(surfaces.differs(&[CharSpan::new(3, 6)], "Ada").is_none());
        assert_eq!(surfaces.chars(CharSpan::new(1, 6)), None);
        assert_eq!(surfaces.chars(CharSpan::new(3, 6)), Some(CharSpan::new(2, 5)));
    }
}
