//! From characters on pages to text in the order in which it is read. Nothing here knows PDF.

mod accents;
mod bidi;
mod columns;
mod flow;
mod joints;
mod lines;
mod mark;
mod rows;

pub(crate) use flow::{PageText, Passage, flow};
pub(crate) use mark::{Direction, Mark};

/// The lines of a page in the order in which they are read: those of its main direction first.
///
/// `marks` holds the characters of each direction in its frame; `width` and `height` are those of the
/// page as it is shown, in points.
pub(crate) fn page(
    marks: impl IntoIterator<Item = (Direction, Vec<Mark>)>,
    width: f32,
    height: f32,
) -> PageText {
    let mut groups: Vec<_> = marks.into_iter().collect();
    groups.sort_by_key(|(_, marks)| std::cmp::Reverse(marks.len()));
    let mut passages = Vec::new();
    for (direction, marks) in groups {
        let left = marks.iter().filter(|mark| !mark.is_space());
        let left = left.map(|mark| mark.u0).fold(f32::INFINITY, f32::min);
        // Margins are taken to be equal, until the lines tell more.
        let (u0, _) = direction.frame(0.0, 0.0);
        let (u1, _) = direction.frame(width, height);
        let limit = u0.max(u1) - (left - u0.min(u1)).max(0.0);
        for part in columns::parts(rows::fragments(marks), limit) {
            let lines = lines::lines(&part);
            if !lines.is_empty() {
                passages.push(Passage { direction, lines, limit: part.limit });
            }
        }
    }
    PageText { width, height, passages }
}

#[cfg(test)]
mod tests;
