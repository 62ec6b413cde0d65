//! The text of a unit with its entities.

use std::fmt::Write as _;

use ner_align_core::ByteSpan;

use crate::side::{Drawn, Mark};
use crate::units::{Cluster, Unit, clusters};
use crate::visible::{escape, push_html};

/// Writes the text of a unit. An entity alone is a `mark`; of those that overlap, each run of text has
/// one `u` for each entity, nested by track, and the names follow where the entities end.
pub(super) fn push_unit(out: &mut String, text: &str, unit: &Unit, entities: &[&Drawn<'_>]) {
    let slice = |bytes: ByteSpan| text.get(bytes.range()).unwrap_or_default();
    let spans: Vec<ByteSpan> = entities.iter().map(|entity| entity.bytes).collect();
    let mut at = unit.bytes.start;
    for cluster in clusters(&spans) {
        push_html(out, slice(ByteSpan::new(at, cluster.bytes.start)));
        at = cluster.bytes.end;
        match cluster.tracks.as_slice() {
            [(only, _)] => push_alone(out, slice(cluster.bytes), entities[*only]),
            _ => push_cluster(out, &slice, &cluster, entities),
        }
    }
    push_html(out, slice(ByteSpan::new(at, unit.bytes.end)));
}

fn push_alone(out: &mut String, text: &str, entity: &Drawn<'_>) {
    let _ = write!(out, "<mark class=\"t{}", entity.colour);
    push_attributes(out, entity, true);
    out.push('>');
    push_html(out, text);
    push_name(out, entity, false);
    out.push_str("</mark>");
}

fn push_cluster<'a>(
    out: &mut String,
    slice: &dyn Fn(ByteSpan) -> &'a str,
    cluster: &Cluster,
    entities: &[&Drawn<'_>],
) {
    let tracks = cluster.tracks.iter().map(|(_, track)| *track).max().unwrap_or(0);
    let _ = write!(out, "<span class=\"g{tracks}\">");
    for segment in &cluster.segments {
        let open = |out: &mut String, index: usize| {
            let entity = entities[index];
            let _ = write!(out, "<u class=\"t{} k{}", entity.colour, cluster.track(index));
            push_attributes(out, entity, entity.bytes.start == segment.bytes.start);
            out.push('>');
        };
        let ends = |index: usize| entities[index].bytes.end == segment.bytes.end;
        segment.open.iter().for_each(|&index| open(out, index));
        push_html(out, slice(segment.bytes));
        // Closed inside out, an ending entity's name stands within those that go on: the outer ones are
        // open still, the lines of the inner ones go on beneath the name.
        for (place, &index) in segment.open.iter().enumerate().rev() {
            out.push_str("</u>");
            if ends(index) {
                let inner = segment.open[place + 1..].iter().filter(|inner| !ends(**inner));
                inner.clone().for_each(|&inner| push_line(out, cluster, inner, entities[inner]));
                push_name(out, entities[index], true);
                inner.for_each(|_| out.push_str("</u>"));
            }
        }
    }
    out.push_str("</span>");
}

/// Opens the line of an entity beneath what is no text of it.
fn push_line(out: &mut String, cluster: &Cluster, index: usize, entity: &Drawn<'_>) {
    let _ = write!(out, "<u class=\"t{} k{}\">", entity.colour, cluster.track(index));
}

/// Ends the class and adds what else an element of an entity has.
fn push_attributes(out: &mut String, entity: &Drawn<'_>, first: bool) {
    match entity.mark {
        Mark::Plain => out.push('"'),
        Mark::Correct => out.push_str(" ok\""),
        Mark::Unscored => out.push_str(" unscored\""),
        Mark::Wrong(outcome, index) => {
            let class = outcome.as_str().replace(' ', "-");
            let _ = write!(out, " no o-{class}\" data-error=\"{}\"", index + 1);
        }
    }
    let (start, end) = (entity.start, entity.end);
    let name = if first { "at" } else { "of" };
    let _ =
        write!(out, " data-{name}=\"{start}-{end}\" data-tip=\"{}", escape(entity.label.as_str()));
    if let Some(score) = entity.score {
        let _ = write!(out, " · {score:.3}");
    }
    match entity.mark {
        Mark::Wrong(outcome, _) => {
            let _ = write!(out, " · {}", outcome.as_str());
        }
        Mark::Unscored => out.push_str(" · not scored, no gold annotation"),
        _ => {}
    }
    let _ = write!(out, " · {start}–{end}\"");
    if first {
        out.push_str(" tabindex=\"0\"");
    }
}

/// The label, and the kind of error.
fn push_name(out: &mut String, entity: &Drawn<'_>, coloured: bool) {
    match coloured {
        true => {
            let _ = write!(out, "<small class=\"t{}\">", entity.colour);
        }
        false => out.push_str("<small>"),
    }
    push_html(out, entity.label.as_str());
    if let Mark::Wrong(outcome, _) = entity.mark {
        let _ = write!(out, " <em>{}</em>", outcome.as_str());
    }
    out.push_str("</small>");
}
