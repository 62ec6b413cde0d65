//! The picture.

use std::fmt::Write as _;

use super::axis::Axis;
use super::{Curves, Points};

const WIDTH: f64 = 720.0;
/// Where the panels begin and end.
const LEFT: f64 = 64.0;
const RIGHT: f64 = 700.0;
/// The first panel's upper edge, the panels' height, and the way from one to the next.
const TOP: f64 = 72.0;
const PANEL: f64 = 130.0;
const PITCH: f64 = 186.0;
const HEIGHT: f64 = TOP + 2.0 * PITCH + PANEL + 52.0;
/// Points of a line, at most; more than there are pixels show nothing.
const POINTS: usize = 1200;

/// Colours for a light background, and for a dark one where the viewer knows of one. The names are
/// long because a page that holds the picture shares them.
const STYLE: &str = "<style>\
.curves-back { fill: #fff } .curves-label { fill: #1c2128 } .curves-note { fill: #5b6570 } \
.curves-grid { stroke: #e3e7eb } .curves-best { stroke: #5b6570; stroke-dasharray: 3 3 } \
.curves-a { stroke: #1f66c1 } .curves-a-text { fill: #1f66c1 } \
.curves-b { stroke: #bd4f00 } .curves-b-text { fill: #bd4f00 } \
.curves-line { fill: none; stroke-width: 1.5; stroke-linejoin: round } \
.curves-dot { stroke-width: 1.5 } \
@media (prefers-color-scheme: dark) { \
.curves-back { fill: #15181d } .curves-label { fill: #e4e7eb } .curves-note { fill: #9aa4b1 } \
.curves-grid { stroke: #2b313a } .curves-best { stroke: #9aa4b1 } \
.curves-a { stroke: #74abf2 } .curves-a-text { fill: #74abf2 } \
.curves-b { stroke: #f0a05a } .curves-b-text { fill: #f0a05a } }</style>";

/// A line of a panel.
struct Line<'c> {
    name: &'static str,
    /// `a` or `b`: its colour.
    class: char,
    points: &'c Points,
    /// Few enough to mark each one.
    dots: bool,
}

pub(super) fn draw(curves: &Curves, title: &str, best: Option<usize>) -> String {
    let title = escape(title);
    let mut out = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {WIDTH} {HEIGHT}\" \
         width=\"{WIDTH}\" height=\"{HEIGHT}\" font-family=\"system-ui, 'DejaVu Sans', sans-serif\" \
         font-size=\"12\" role=\"img\">\n<title>{title}</title>\n{STYLE}\n\
         <rect class=\"curves-back\" width=\"100%\" height=\"100%\"/>\n\
         <text class=\"curves-label\" x=\"16\" y=\"28\" font-size=\"15\" font-weight=\"600\">{title}</text>\n"
    );
    let last = [&curves.train_loss, &curves.eval_loss]
        .into_iter()
        .filter_map(|points| points.last())
        .fold(1.0, |last: f64, (step, _)| last.max(*step));
    let steps = Axis::around([0.0, last].into_iter(), 8).until(last);
    let best = best.map(|step| step as f64);
    let line = |name, class, points, dots| Line { name, class, points, dots };
    let panels = [
        (
            "Loss",
            vec![
                line("training", 'a', &curves.train_loss, false),
                line("dev", 'b', &curves.eval_loss, true),
            ],
        ),
        ("Learning rate", vec![line("", 'a', &curves.learning_rate, false)]),
        ("F1 on dev, strict", vec![line("", 'b', &curves.f1, true)]),
    ];
    for (index, (name, lines)) in panels.iter().enumerate() {
        let top = TOP + index as f64 * PITCH;
        let _ = write!(
            out,
            "<text class=\"curves-label\" x=\"{LEFT}\" y=\"{:.0}\" font-weight=\"600\">{name}",
            top - 10.0
        );
        for Line { name, class, .. } in lines.iter().filter(|line| !line.name.is_empty()) {
            let _ = write!(
                out,
                "<tspan class=\"curves-{class}-text\" dx=\"14\" font-weight=\"400\">— {name}</tspan>"
            );
        }
        out.push_str("</text>\n");
        if let (2, Some(best)) = (index, best) {
            let score = curves.f1.iter().find(|(step, _)| *step == best);
            let score = score.map(|(_, f1)| format!(" {f1:.3}")).unwrap_or_default();
            let _ = writeln!(
                out,
                "<text class=\"curves-note\" x=\"{RIGHT}\" y=\"{:.0}\" text-anchor=\"end\">\
                 best{score} at step {best}</text>",
                top - 10.0
            );
        }
        panel(&mut out, top, lines, &steps, best);
    }
    let bottom = TOP + 2.0 * PITCH + PANEL;
    let _ = writeln!(
        out,
        "<text class=\"curves-note\" x=\"{:.0}\" y=\"{:.0}\" text-anchor=\"middle\">optimizer step</text>",
        f64::midpoint(LEFT, RIGHT),
        bottom + 38.0
    );
    out.push_str("</svg>\n");
    out
}

fn panel(out: &mut String, top: f64, lines: &[Line<'_>], steps: &Axis, best: Option<f64>) {
    let values = lines.iter().flat_map(|line| line.points.iter().map(|(_, value)| *value));
    let axis = Axis::around(values, 4);
    let bottom = top + PANEL;
    let x = |step: f64| LEFT + steps.place(step) * (RIGHT - LEFT);
    let y = |value: f64| bottom - axis.place(value) * PANEL;
    for &tick in &axis.ticks {
        let (y, text) = (y(tick), axis.text(tick));
        let _ = writeln!(
            out,
            "<path class=\"curves-grid\" d=\"M{LEFT} {y:.1}H{RIGHT}\"/>\
             <text class=\"curves-note\" x=\"{:.0}\" y=\"{:.1}\" text-anchor=\"end\">{text}</text>",
            LEFT - 8.0,
            y + 4.0
        );
    }
    for &tick in &steps.ticks {
        let (x, text) = (x(tick), steps.text(tick));
        let _ = writeln!(
            out,
            "<path class=\"curves-grid\" d=\"M{x:.1} {top}V{bottom}\"/>\
             <text class=\"curves-note\" x=\"{x:.1}\" y=\"{:.0}\" text-anchor=\"middle\">{text}</text>",
            bottom + 18.0
        );
    }
    if let Some(best) = best {
        let _ = writeln!(out, "<path class=\"curves-best\" d=\"M{:.1} {top}V{bottom}\"/>", x(best));
    }
    if lines.iter().all(|line| line.points.is_empty()) {
        let _ = writeln!(
            out,
            "<text class=\"curves-note\" x=\"{:.0}\" y=\"{:.0}\" text-anchor=\"middle\">none yet</text>",
            f64::midpoint(LEFT, RIGHT),
            top + PANEL / 2.0
        );
    }
    for Line { class, points, dots, .. } in lines {
        let mut path = String::new();
        for (index, (step, value)) in thin(points).into_iter().enumerate() {
            let _ = write!(
                path,
                "{}{:.1} {:.1}",
                if index == 0 { 'M' } else { 'L' },
                x(step),
                y(value)
            );
        }
        if !path.is_empty() {
            let _ = writeln!(out, "<path class=\"curves-line curves-{class}\" d=\"{path}\"/>");
        }
        if !*dots || points.len() > 60 {
            // A ring for the best one alone.
            for (step, value) in points.iter().filter(|(step, _)| *dots && Some(*step) == best) {
                dot(out, *class, (x(*step), y(*value)), 4.0, *step, *value);
            }
            continue;
        }
        for (step, value) in *points {
            let radius = if Some(*step) == best { 4.5 } else { 2.5 };
            dot(out, *class, (x(*step), y(*value)), radius, *step, *value);
        }
    }
}

/// A mark that says its value where the pointer rests on it.
fn dot(out: &mut String, class: char, (x, y): (f64, f64), radius: f64, step: f64, value: f64) {
    let _ = writeln!(
        out,
        "<circle class=\"curves-dot curves-back curves-{class}\" cx=\"{x:.1}\" cy=\"{y:.1}\" \
         r=\"{radius}\"><title>step {step}: {value:.4}</title></circle>"
    );
}

/// The points themselves, or, of too many, the lowest and highest of each stretch.
fn thin(points: &Points) -> Points {
    if points.len() <= POINTS {
        return points.clone();
    }
    let stretch = points.len().div_ceil(POINTS / 2);
    let mut kept = Points::new();
    for part in points.chunks(stretch) {
        let by_value = |a: &&(f64, f64), b: &&(f64, f64)| a.1.total_cmp(&b.1);
        let ends = [part.iter().min_by(by_value), part.iter().max_by(by_value)];
        let mut ends: Points = ends.into_iter().flatten().copied().collect();
        ends.sort_by(|a, b| a.0.total_cmp(&b.0));
        ends.dedup();
        kept.extend(ends);
    }
    // The curve ends where the run does.
    kept.extend(points.last().filter(|last| kept.last() != Some(last)).copied());
    kept
}

fn escape(text: &str) -> String {
    let text: String = text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}
