//! Entities in their text as a page.

mod errors;
mod inline;

use std::fmt::Write as _;

use ner_align_core::{Document, SourceSpan};
use ner_align_metrics::analysis::Outcome;

use crate::colours::label_hue;
use crate::comparison::Comparison;
use crate::page::Page;
use crate::report::grouped;
use crate::side::{Drawn, Labels, Mark, drawn};
use crate::units::{Unit, clusters, units};
use crate::visible::{escape, push_html};
use inline::push_unit;

/// A page with entities in their text: coloured by type, with a legend that filters, overlapping
/// entities on tracks of their own, spans that fit no words in a list. Or gold beside predicted
/// entities, with every error marked and listed.
///
/// Each document has the anchor `#dN`, each sentence `#dN.M`, each error `#eN`, all from 1. Elements of
/// entities have `data-at`, the offsets in code points of the document's text. The size of a page
/// grows with the corpus, 0.6 to 1.4 kilobytes for each sentence.
#[derive(Debug, Clone)]
pub struct EntityPage<'a> {
    title: &'a str,
    content: Content<'a>,
    errors: Vec<Outcome>,
}

#[derive(Debug, Clone, Copy)]
enum Content<'a> {
    Documents(&'a [Document]),
    Comparison(&'a Comparison),
}

/// A column of the page, or the only one.
struct Side<'a> {
    document: &'a Document,
    entities: Vec<Drawn<'a>>,
}

impl<'a> EntityPage<'a> {
    /// A page of these documents.
    #[must_use]
    pub const fn new(documents: &'a [Document]) -> Self {
        Self::of(Content::Documents(documents))
    }

    /// A page of gold beside predicted entities.
    #[must_use]
    pub const fn compare(comparison: &'a Comparison) -> Self {
        Self::of(Content::Comparison(comparison))
    }

    const fn of(content: Content<'a>) -> Self {
        Self { title: "Named entities", content, errors: Vec::new() }
    }

    /// What the page is about.
    #[must_use]
    pub const fn title(mut self, title: &'a str) -> Self {
        self.title = title;
        self
    }

    /// Of a comparison, shows only sentences with such errors.
    #[must_use]
    pub fn errors(mut self, errors: impl IntoIterator<Item = Outcome>) -> Self {
        self.errors.extend(errors);
        self
    }

    /// The page.
    #[must_use]
    pub fn render(&self) -> String {
        let labels = match self.content {
            Content::Documents(documents) => Labels::of(documents.iter()),
            Content::Comparison(comparison) => {
                Labels::of(comparison.gold().chain(comparison.predicted()))
            }
        };
        let mut page = Page::new(self.title);
        page.style(include_str!("../assets/entities.css"));
        page.style(label_styles(&labels, self.tracks()));
        page.script(include_str!("../assets/entities.js"));
        let out = page.body();
        let _ = write!(out, "<header>\n<h1>{}</h1>\n", escape(self.title));
        self.facts(out);
        out.push_str("</header>\n<nav class=\"bar-top\">\n");
        legend(out, &labels);
        if let Content::Comparison(comparison) = self.content {
            errors::filters(out, comparison.errors(), &self.errors);
        }
        out.push_str("<output></output>\n</nav>\n");
        match self.content {
            Content::Documents(documents) => {
                out.push_str("<main>\n");
                for (index, document) in documents.iter().enumerate() {
                    let side = Side { document, entities: drawn(document, &labels, &[]) };
                    let odd = document.unaligned().iter().map(|span| (span, document.text()));
                    self.article(out, index, &[side], &odd.collect::<Vec<_>>(), &labels);
                }
            }
            Content::Comparison(comparison) => {
                errors::list(out, comparison.errors(), &self.errors);
                out.push_str(
                    "<main class=\"two\">\n<div class=\"heads\"><b>gold</b><b>predicted</b></div>\n",
                );
                for (index, pair) in comparison.pairs().iter().enumerate() {
                    let sides =
                        [(&pair.gold, &pair.gold_marks), (&pair.predicted, &pair.predicted_marks)]
                            .map(|(document, marks)| Side {
                                document,
                                entities: drawn(document, &labels, marks),
                            });
                    let gold = pair.gold.unaligned().iter().map(|span| (span, pair.gold.text()));
                    let predicted = pair.unaligned.iter().map(|(span, text)| (span, text.as_str()));
                    let odd: Vec<_> = gold.chain(predicted).collect();
                    self.article(out, index, &sides, &odd, &labels);
                }
            }
        }
        out.push_str("</main>\n");
        page.finish()
    }

    fn facts(&self, out: &mut String) {
        let count = |count: usize, one: &str, many: &str| {
            format!("<b>{}</b> {}", grouped(count as u64), if count == 1 { one } else { many })
        };
        let sizes = |documents: &mut dyn Iterator<Item = &Document>| {
            documents.fold((0, 0, 0, 0), |(a, b, c, d), document| {
                let sentences = document.sentences().len();
                (
                    a + 1,
                    b + sentences,
                    c + document.entities().len(),
                    d + document.unaligned().len(),
                )
            })
        };
        let mut facts = Vec::new();
        let odd = match self.content {
            Content::Documents(all) => {
                let (documents, sentences, entities, odd) = sizes(&mut all.iter());
                facts.push(count(documents, "document", "documents"));
                facts.push(count(sentences, "sentence", "sentences"));
                facts.push(count(entities, "entity", "entities"));
                odd
            }
            Content::Comparison(comparison) => {
                let (documents, sentences, gold, odd) = sizes(&mut comparison.gold());
                let predicted = sizes(&mut comparison.predicted()).2;
                facts.push(count(documents, "document", "documents"));
                facts.push(count(sentences, "sentence", "sentences"));
                facts.push(count(gold, "gold entity", "gold entities"));
                facts.push(count(predicted, "predicted", "predicted"));
                facts.push(count(comparison.errors().len(), "error", "errors"));
                odd + comparison.pairs().iter().map(|pair| pair.unaligned.len()).sum::<usize>()
            }
        };
        if odd > 0 {
            facts.push(count(odd, "span fits no words", "spans fit no words"));
        }
        let _ = writeln!(out, "<p class=\"facts\">{}</p>", facts.join(" · "));
    }

    /// How many tracks the page needs.
    fn tracks(&self) -> usize {
        let of = |document: &Document| {
            let spans: Vec<_> = document.mentions().map(|mention| mention.bytes).collect();
            let tracks =
                |cluster: &crate::units::Cluster| cluster.tracks.iter().map(|t| t.1 + 1).max();
            clusters(&spans).iter().filter_map(tracks).max().unwrap_or(0)
        };
        match self.content {
            Content::Documents(documents) => documents.iter().map(of).max(),
            Content::Comparison(comparison) => {
                comparison.gold().chain(comparison.predicted()).map(of).max()
            }
        }
        .unwrap_or(0)
    }

    /// A document: its units, with one column for each side.
    fn article(
        &self,
        out: &mut String,
        index: usize,
        sides: &[Side<'_>],
        odd: &[(&SourceSpan, &str)],
        labels: &Labels<'_>,
    ) {
        let Some(first) = sides.first() else { return };
        let document = first.document;
        let lists: Vec<_> = sides.iter().map(|side| side.document.entities()).collect();
        let units = units(document, &lists);
        let shown: Vec<(usize, &Unit)> =
            units.iter().enumerate().filter(|(_, unit)| self.shows(unit, sides)).collect();
        if shown.is_empty() && odd.is_empty() {
            return;
        }
        let number = index + 1;
        let _ = writeln!(out, "<article id=\"d{number}\">");
        if document.id().is_some() || units.len() > 1 {
            let name = document.id().map_or_else(|| format!("document {number}"), escape);
            let _ = writeln!(out, "<h2><a href=\"#d{number}\" dir=\"auto\">{name}</a></h2>");
        }
        for (at, unit) in shown {
            let id = format!("d{number}.{}", at + 1);
            let place = match unit.line {
                Some(line) => format!("{line}"),
                None if units.len() > 1 => format!("{}", at + 1),
                None => format!("{number}"),
            };
            let what = if unit.line.is_some() { "line" } else { "number" };
            let _ = write!(
                out,
                "<div class=\"s{}\" id=\"{id}\"><a class=\"n\" href=\"#{id}\" title=\"{what} {place}\">{place}</a>",
                if sides.iter().any(|side| has_error(unit, side)) { " bad" } else { "" }
            );
            for (side, name) in sides.iter().zip(["gold", "predicted"]) {
                let within = |e: &&Drawn<'_>| {
                    e.words.start >= unit.words.start && e.words.end <= unit.words.end
                };
                let entities: Vec<&Drawn<'_>> = side.entities.iter().filter(within).collect();
                let class =
                    if sides.len() > 1 { format!(" class=\"{name}\"") } else { String::new() };
                let _ = write!(out, "<p dir=\"auto\"{class}>");
                push_unit(out, side.document.text(), unit, &entities);
                out.push_str("</p>");
            }
            out.push_str("</div>\n");
        }
        unaligned(out, odd, labels);
        out.push_str("</article>\n");
    }

    /// True if a unit is to be shown.
    fn shows(&self, unit: &Unit, sides: &[Side<'_>]) -> bool {
        let chosen = |entity: &Drawn<'_>| {
            matches!(entity.mark, Mark::Wrong(outcome, _) if self.errors.contains(&outcome))
                && entity.words.start >= unit.words.start
                && entity.words.end <= unit.words.end
        };
        self.errors.is_empty() || sides.iter().any(|side| side.entities.iter().any(chosen))
    }
}

fn has_error(unit: &Unit, side: &Side<'_>) -> bool {
    let from = side.entities.partition_point(|entity| entity.words.start < unit.words.start);
    let here =
        side.entities[from..].iter().take_while(|entity| entity.words.start < unit.words.end);
    here.into_iter().any(|entity| matches!(entity.mark, Mark::Wrong(..)))
}

/// The colours of labels, and how each is left out.
fn label_styles(labels: &Labels<'_>, tracks: usize) -> String {
    let mut css = String::from("\n");
    for index in 0..labels.iter().len() {
        let hue = label_hue(index);
        let _ = writeln!(
            css,
            ".t{index}{{--h:{hue:.3}}}\n.h{index} main mark.t{index}{{all:unset}}\
             .h{index} main :is(small,u).t{index}{{border:0;padding:0}}\
             .h{index} main mark.t{index}>small,.h{index} main small.t{index},\
             .h{index} main .odd .t{index}{{display:none}}"
        );
    }
    for track in 0..tracks {
        let _ = writeln!(css, ".k{track}{{padding-bottom:{}px}}", 1 + 5 * track);
        let _ = writeln!(css, ".g{track}{{line-height:{}px}}", 34 + 5 * track);
    }
    css
}

fn legend(out: &mut String, labels: &Labels<'_>) {
    out.push_str("<div class=\"legend\" role=\"group\" aria-label=\"types\">\n");
    for (index, (label, count)) in labels.iter().enumerate() {
        let _ = write!(
            out,
            "<button type=\"button\" class=\"t{index}\" data-type=\"{index}\" aria-pressed=\"true\">"
        );
        push_html(out, label.as_str());
        let _ = writeln!(out, " <b>{}</b></button>", grouped(count as u64));
    }
    out.push_str("</div>\n");
}

/// Spans that fit no words, with the reason and their pieces.
fn unaligned(out: &mut String, spans: &[(&SourceSpan, &str)], labels: &Labels<'_>) {
    if spans.is_empty() {
        return;
    }
    out.push_str("<ul class=\"odd\">\n");
    for (span, text) in spans {
        let place = labels.place(&span.label);
        let _ = write!(out, "<li class=\"t{place}\"><small class=\"t{place}\">");
        push_html(out, span.label.as_str());
        let _ = write!(out, "</small> {}:", span.reason);
        for piece in &span.pieces {
            let _ = write!(out, " {}–{} <q dir=\"auto\">", piece.start, piece.end);
            let length = piece.end.saturating_sub(piece.start);
            push_html(out, &text.chars().skip(piece.start).take(length).collect::<String>());
            out.push_str("</q>");
        }
        out.push_str("</li>\n");
    }
    out.push_str("</ul>\n");
}
