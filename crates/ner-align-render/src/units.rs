//! Texts in parts that are drawn one by one, and entities in parts that are drawn in one piece.

use ner_align_core::{ByteSpan, Document, Entity, WordSpan};

/// A part of a document: a sentence, or several that an entity crosses.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Unit {
    /// Its words in the document.
    pub(crate) words: WordSpan,
    /// Its bytes in the document's text; units cover the text without gaps.
    pub(crate) bytes: ByteSpan,
    /// The line of its first word in the source, counted from 1.
    pub(crate) line: Option<u64>,
}

/// The units of a document, such that no entity of either list crosses the end of one. A document
/// without words is one unit.
pub(crate) fn units(document: &Document, sides: &[&[Entity]]) -> Vec<Unit> {
    let crossing = |end: usize| {
        let reaches = |entity: &Entity| entity.span.start < end && entity.span.end > end;
        sides.iter().any(|side| {
            // Ordered by start; those that cross the end start before it.
            let before = side.partition_point(|entity| entity.span.start < end);
            side[..before].iter().rev().take(LOOK_BACK).any(reaches)
                || side[..before.saturating_sub(LOOK_BACK)].iter().any(reaches)
        })
    };
    let mut units: Vec<Unit> = Vec::new();
    let mut open: Option<(WordSpan, Option<u64>)> = None;
    for sentence in document.sentences() {
        let (mut words, line) = open.take().unwrap_or((sentence.words, sentence.line));
        words.end = sentence.words.end;
        if crossing(words.end) && words.end < document.len() {
            open = Some((words, line));
        } else {
            units.push(Unit { words, bytes: ByteSpan::default(), line });
        }
    }
    if units.is_empty() {
        units.push(Unit { words: WordSpan::new(0, 0), bytes: ByteSpan::default(), line: None });
    }
    let mut end = document.text().len();
    let first_byte = |unit: &Unit| {
        document.bytes_of(WordSpan::new(unit.words.start, unit.words.start + 1)).start
    };
    for index in (0..units.len()).rev() {
        let start = if index == 0 { 0 } else { first_byte(&units[index]) };
        units[index].bytes = ByteSpan::new(start, end);
        end = start;
    }
    units
}

/// Entities that are looked at first, since nearly all are short.
const LOOK_BACK: usize = 8;

/// A run of text within which the same entities are open.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Segment {
    /// Its bytes in the document's text.
    pub(crate) bytes: ByteSpan,
    /// The open entities as places in the list that was given: outermost first.
    pub(crate) open: Vec<usize>,
}

/// Entities that overlap one another, or one alone, and how they are drawn.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Cluster {
    /// From the first byte to the last.
    pub(crate) bytes: ByteSpan,
    /// The runs of its text.
    pub(crate) segments: Vec<Segment>,
    /// The track of each entity, from 0 beneath the text downwards: place in the list, track.
    pub(crate) tracks: Vec<(usize, usize)>,
}

impl Cluster {
    /// The track of an entity.
    pub(crate) fn track(&self, entity: usize) -> usize {
        self.tracks.iter().find(|(own, _)| *own == entity).map_or(0, |(_, track)| *track)
    }
}

/// Groups spans, which come by start, into clusters. Spans of a cluster that overlap have different
/// tracks, the longest farthest from the text.
pub(crate) fn clusters(spans: &[ByteSpan]) -> Vec<Cluster> {
    let mut order: Vec<usize> = (0..spans.len()).collect();
    order.sort_by_key(|&i| (spans[i].start, std::cmp::Reverse(spans[i].end)));
    let mut clusters = Vec::new();
    let mut group: Vec<usize> = Vec::new();
    let mut end = 0;
    for index in order {
        if spans[index].start >= end && !group.is_empty() {
            clusters.push(cluster(spans, &std::mem::take(&mut group)));
        }
        end = if group.is_empty() { spans[index].end } else { end.max(spans[index].end) };
        group.push(index);
    }
    if !group.is_empty() {
        clusters.push(cluster(spans, &group));
    }
    clusters
}

fn cluster(spans: &[ByteSpan], group: &[usize]) -> Cluster {
    // The end of the last span of each track, outermost first.
    let mut ends: Vec<usize> = Vec::new();
    let mut tracks = Vec::with_capacity(group.len());
    for &index in group {
        let free = ends.iter().position(|&end| end <= spans[index].start);
        let track = free.unwrap_or(ends.len());
        match free {
            Some(track) => ends[track] = spans[index].end,
            None => ends.push(spans[index].end),
        }
        tracks.push((index, track));
    }
    let last = ends.len() - 1;
    tracks.iter_mut().for_each(|(_, track)| *track = last - *track);
    let mut bounds: Vec<usize> =
        group.iter().flat_map(|&i| [spans[i].start, spans[i].end]).collect();
    bounds.sort_unstable();
    bounds.dedup();
    let segment = |bounds: &[usize]| {
        let bytes = ByteSpan::new(bounds[0], bounds[1]);
        let covers = |i: &usize| spans[*i].start <= bytes.start && spans[*i].end >= bytes.end;
        let mut open: Vec<(usize, usize)> =
            tracks.iter().copied().filter(|(index, _)| covers(index)).collect();
        open.sort_by_key(|(_, track)| std::cmp::Reverse(*track));
        Segment { bytes, open: open.into_iter().map(|(index, _)| index).collect() }
    };
    let segments = bounds.windows(2).map(segment).collect();
    let bytes = ByteSpan::new(bounds[0], bounds[bounds.len() - 1]);
    Cluster { bytes, segments, tracks }
}
