//! Finds to entities: which are marked, and how the document's tags take them in.

use std::cmp::Reverse;

use ner_align_core::{DecodeMode, Document, Entity, Scheme, SchemeError, Tag};

use super::terms::Hit;
use super::{Annotator, Existing};
use ner_align_corpus::CorpusError;

impl Annotator {
    /// The finds that become entities; all others are counted. The first `terms` are of terms.
    pub(super) fn choose(&mut self, document: &Document, hits: &[Hit], terms: usize) -> Vec<Hit> {
        let mut order: Vec<usize> =
            (0..hits.len()).filter(|&index| self.fits(document, &hits[index])).collect();
        order.sort_by_key(|&index| {
            let Hit { words, rule, .. } = hits[index];
            (words.start, Reverse(words.len()), index >= terms, rule)
        });
        let entities = document.entities();
        // How far the entities up to each one reach, which only grows.
        let reach: Vec<usize> = entities
            .iter()
            .scan(0, |reach, entity| {
                *reach = entity.span.end.max(*reach);
                Some(*reach)
            })
            .collect();
        let mut chosen: Vec<Hit> = Vec::new();
        for hit in order.into_iter().map(|index| hits[index]) {
            let label = self.report.rules[hit.rule].label.clone();
            let from = reach.partition_point(|&reach| reach <= hit.words.start);
            let near = entities.get(from..).unwrap_or_default().iter();
            let mut shared = near
                .take_while(|e| e.span.start < hit.words.end)
                .filter(|e| e.span.overlap(&hit.words) > 0);
            if let Some(entity) = shared.next() {
                let is_it = |e: &Entity| e.span == hit.words && e.label == label;
                if is_it(entity) || shared.any(is_it) {
                    self.report.already_marked += 1;
                    continue;
                }
                if self.existing == Existing::Keep {
                    self.report.overlaps_existing += 1;
                    let message = format!(
                        "{label} {:?} shares words with {} {:?}, which was there and stays",
                        document.surface(hit.words),
                        entity.label,
                        document.surface(entity.span)
                    );
                    let hint = "to keep the new one instead, choose `replace`";
                    self.report_hit(document, &hit, "overlaps-existing", message, hint);
                    continue;
                }
            }
            // They are in order and share no word: the last one reaches furthest.
            match chosen.last().filter(|last| last.words.overlap(&hit.words) > 0) {
                None => chosen.push(hit),
                Some(last) if last.words == hit.words && self.label_of(last) == label.as_str() => {}
                Some(last) => {
                    self.report.overlaps += 1;
                    let message = format!(
                        "{label} {:?} shares words with {} {:?}, which is marked",
                        document.surface(hit.words),
                        self.label_of(last),
                        document.surface(last.words)
                    );
                    let hint = "the one that starts first wins, then the longer one";
                    self.report_hit(document, &hit, "overlapping-finds", message, hint);
                }
            }
        }
        for hit in &chosen {
            self.count_marked(hit.rule);
        }
        chosen
    }

    fn label_of(&self, hit: &Hit) -> &str {
        self.report.rules.get(hit.rule).map_or("", |rule| rule.label.as_str())
    }

    /// True for a find of whole words within a sentence.
    fn fits(&mut self, document: &Document, hit: &Hit) -> bool {
        let sentences = document.sentences();
        let sentence = sentences.partition_point(|s| s.words.end <= hit.words.start);
        let ends_in = sentences.partition_point(|s| s.words.end < hit.words.end);
        let rule = &mut self.report.rules[hit.rule];
        let shown = format!("{} {:?}", rule.label, ner_align_corpus::text::shorten(&rule.text));
        if !hit.whole {
            self.report.inside_words += 1;
            let surface = ner_align_corpus::text::shorten(document.surface(hit.words));
            let message = format!("expected whole words for {shown}, found it inside {surface:?}");
            let hint = "add the whole word to the list if it is meant";
            self.report_hit(document, hit, "find-inside-word", message, hint);
            return false;
        }
        rule.found += 1;
        if ends_in > sentence {
            self.report.across_sentences += 1;
            let message = format!("expected words of one sentence for {shown}, found those of two");
            let hint = "an entity ends with its sentence";
            self.report_hit(document, hit, "find-across-sentences", message, hint);
            return false;
        }
        true
    }

    /// Takes the finds in.
    pub(super) fn mark(
        &mut self,
        document: &mut Document,
        chosen: &[Hit],
    ) -> Result<(), CorpusError> {
        if chosen.is_empty() {
            return Ok(());
        }
        let before = document.entities().to_vec();
        let free = |entity: &&Entity| {
            let after = chosen.partition_point(|hit| hit.words.end <= entity.span.start);
            chosen.get(after).is_none_or(|hit| hit.words.overlap(&entity.span) == 0)
        };
        let mut entities: Vec<Entity> = before.iter().filter(free).cloned().collect();
        self.report.replaced += before.len() - entities.len();
        entities.extend(chosen.iter().map(|hit| {
            let label = self.report.rules[hit.rule].label.clone();
            Entity::new(hit.words.start, hit.words.end, label)
        }));
        entities.sort();
        let failed = |error: &dyn std::fmt::Display| {
            CorpusError::input("document", "entities that fit", error.to_string())
        };
        let Some((tags, scheme)) = document.tags() else {
            return document.set_entities(entities).map_err(|error| failed(&error));
        };
        let old = tags.to_vec();
        let spellings: Vec<(usize, Box<str>)> = (0..old.len())
            .filter_map(|word| Some((word, document.spelling(word)?.into())))
            .collect();
        document.set_entities(entities).map_err(|error| failed(&error))?;
        let (tags, scheme) =
            retag(document, &before, &old, scheme).map_err(|error| failed(&error))?;
        let kept = spellings.into_iter().filter(|(word, _)| tags.get(*word) == old.get(*word));
        let kept = kept.collect();
        document.set_tags(tags, scheme).map_err(|error| failed(&error))?;
        document.set_spellings(kept);
        Ok(())
    }
}

/// The tags of the document's entities: those of before as far as they mean the same, so that their
/// faults stay, and words that nobody annotated stay so where no entity is. IO, which cannot tell
/// entities of one type apart that touch, becomes IOB2 where some do.
fn retag(
    document: &Document,
    before: &[Entity],
    old: &[Tag],
    scheme: Scheme,
) -> Result<(Vec<Tag>, Scheme), SchemeError> {
    let entities = document.entities();
    let touch =
        |pair: &[Entity]| pair[0].span.end == pair[1].span.start && pair[0].label == pair[1].label;
    let fresh = scheme == Scheme::Io && entities.windows(2).any(touch);
    let scheme = if fresh { Scheme::Iob2 } else { scheme };
    // Words of entities that are new, or gone; all, where the old tags mean something else now.
    let mut changed = vec![fresh; document.len()];
    for (these, those) in [(entities, before), (before, entities)] {
        for entity in these.iter().filter(|entity| those.binary_search(entity).is_err()) {
            changed[entity.span.range()].fill(true);
        }
    }
    let mut tags = document.encode_tags(scheme)?;
    let mut covered = vec![false; document.len()];
    for entity in entities {
        covered[entity.span.range()].fill(true);
    }
    for word in (0..tags.len()).filter(|&word| !covered[word] && old[word] == Tag::Missing) {
        tags[word] = Tag::Missing;
    }
    for sentence in document.sentences() {
        let words = sentence.words;
        let from = entities.partition_point(|entity| entity.span.start < words.start);
        let inside: Vec<Entity> = entities[from..]
            .iter()
            .take_while(|e| e.span.start < words.end)
            .map(|e| {
                Entity::new(e.span.start - words.start, e.span.end - words.start, e.label.clone())
            })
            .collect();
        let mixed: Vec<Tag> = words
            .range()
            .map(|word| if changed[word] { tags[word].clone() } else { old[word].clone() })
            .collect();
        if scheme.decode(&mixed, DecodeMode::Lenient).entities == inside {
            tags[words.range()].clone_from_slice(&mixed);
        }
    }
    Ok((tags, scheme))
}
