//! The errors of a comparison: their kinds as filters, and a list with links.

use std::fmt::Write as _;

use ner_align_metrics::analysis::{EntityError, Mention, Outcome};

use crate::report::grouped;
use crate::visible::{escape, push_html};

/// Errors listed before the page gets unwieldy. All are marked in the text.
const MAX_LISTED: usize = 5_000;

fn is_chosen(chosen: &[Outcome], outcome: Outcome) -> bool {
    chosen.is_empty() || chosen.contains(&outcome)
}

/// A button for each kind, with its number.
pub(super) fn filters(out: &mut String, errors: &[EntityError], chosen: &[Outcome]) {
    out.push_str("<div class=\"kinds\" role=\"group\" aria-label=\"kinds of errors\">\n");
    for outcome in Outcome::ERRORS.into_iter().filter(|outcome| is_chosen(chosen, *outcome)) {
        let count = errors.iter().filter(|error| error.outcome == outcome).count();
        let (kind, class) = (outcome.as_str(), outcome.as_str().replace(' ', "-"));
        let count = grouped(count as u64);
        let _ = writeln!(
            out,
            "<button type=\"button\" data-kind=\"{class}\" aria-pressed=\"true\">{kind} <b>{count}</b>\
             </button>"
        );
    }
    out.push_str(
        "<label><input type=\"checkbox\"> only sentences with these</label>\n<span class=\"steps\">\
         <button type=\"button\" data-step=\"-1\" title=\"previous error (p)\">↑ previous</button>\
         <button type=\"button\" data-step=\"1\" title=\"next error (n)\">↓ next</button></span>\n</div>\n",
    );
}

/// A row for each error, which links to its place.
pub(super) fn list(out: &mut String, errors: &[EntityError], chosen: &[Outcome]) {
    let shown = errors.iter().enumerate().filter(|(_, error)| is_chosen(chosen, error.outcome));
    let count = shown.clone().count();
    if count == 0 {
        return;
    }
    let listed = if count > MAX_LISTED {
        format!("the first {} of {} errors", grouped(MAX_LISTED as u64), grouped(count as u64))
    } else {
        format!("{} error{}", grouped(count as u64), if count == 1 { "" } else { "s" })
    };
    let _ = writeln!(
        out,
        "<details class=\"list\">\n<summary>List of {listed}</summary>\n<div class=\"scroll\"><table \
         class=\"errors\">\n<thead><tr><th>where</th><th>kind</th><th>gold</th><th>predicted</th>\
         <th>in its sentence</th></tr></thead>\n<tbody>"
    );
    for (index, error) in shown.take(MAX_LISTED) {
        let kind = error.outcome.as_str();
        let place = match error.place.line {
            Some(line) => format!("line {line}"),
            None => format!("{}.{}", error.place.document + 1, error.place.sentence + 1),
        };
        let _ = write!(
            out,
            "<tr data-kind=\"{}\"><td class=\"place\"><a href=\"#e{}\">{place}</a></td>\
             <td class=\"kind\">{kind}</td>",
            kind.replace(' ', "-"),
            index + 1
        );
        for mention in [&error.gold, &error.predicted] {
            out.push_str("<td>");
            match mention {
                Some(Mention { text, label, .. }) => {
                    let _ =
                        write!(out, "<bdi>{}</bdi> <small>{}</small>", escape(text), escape(label));
                }
                None => out.push_str("<span class=\"none\">–</span>"),
            }
            out.push_str("</td>");
        }
        out.push_str("<td class=\"context\" dir=\"auto\">");
        push_html(out, &error.before);
        out.push_str(" <b>");
        push_html(out, &error.text);
        out.push_str("</b> ");
        push_html(out, &error.after);
        out.push_str("</td></tr>\n");
    }
    out.push_str("</tbody></table></div>\n</details>\n");
}
