//! Pairs of entities that may nest and overlap: maximum-weight bipartite matching.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

use super::Edge;

const FREE: usize = usize::MAX;

/// Puts into `chosen` the pairs of largest total weight among any `edges` of positive weight.
///
/// The Hungarian method with shortest augmenting paths on sparse rows (Jonker and Volgenant 1987):
/// each gold entity is a row, with a column of its own at weight 0 that stands for being missed.
pub(crate) fn match_general(
    edges: &[Edge],
    golds: usize,
    predictions: usize,
    weight: impl Fn(Edge) -> i128,
    chosen: &mut Vec<Edge>,
) {
    let mut rows: Vec<Vec<(usize, i128)>> =
        (0..golds).map(|gold| vec![(predictions + gold, 0)]).collect();
    for &edge in edges {
        rows[edge.gold as usize].push((edge.predicted as usize, -weight(edge)));
    }
    let columns = golds + predictions;
    let mut state = State {
        row_of: vec![FREE; columns],
        column_of: vec![FREE; golds],
        row_potential: vec![0; golds],
        column_potential: vec![0; columns],
        reached: vec![None; columns],
    };
    for gold in 0..golds {
        state.insert(gold, &rows);
    }
    chosen.clear();
    for (gold, &column) in state.column_of.iter().enumerate() {
        if column < predictions {
            chosen.push(Edge { gold: gold as u32, predicted: column as u32 });
        }
    }
}

/// How a column was reached in the search under way.
#[derive(Debug, Clone, Copy)]
struct Reached {
    distance: i128,
    from: usize,
    settled: bool,
}

struct State {
    row_of: Vec<usize>,
    column_of: Vec<usize>,
    row_potential: Vec<i128>,
    column_potential: Vec<i128>,
    reached: Vec<Option<Reached>>,
}

impl State {
    /// Gives row `new` a column along the cheapest augmenting path.
    fn insert(&mut self, new: usize, rows: &[Vec<(usize, i128)>]) {
        // This potential makes the new row's reduced costs non-negative, as Dijkstra needs.
        self.row_potential[new] = rows[new]
            .iter()
            .map(|&(column, cost)| cost - self.column_potential[column])
            .min()
            .unwrap_or(0);
        let mut heap = BinaryHeap::new();
        let mut touched = Vec::new();
        let (mut row, mut base) = (new, 0);
        // The row's own column is always within reach, so the search ends at a free column.
        let end = loop {
            for &(column, cost) in &rows[row] {
                let reduced = cost - self.row_potential[row] - self.column_potential[column];
                let distance = base + reduced;
                if self.reached[column].is_none() {
                    touched.push(column);
                }
                if self.reached[column].is_none_or(|known| distance < known.distance) {
                    let reached = Reached { distance, from: row, settled: false };
                    self.reached[column] = Some(reached);
                    heap.push(Reverse((distance, column)));
                }
            }
            let Some((column, distance)) = self.settle_next(&mut heap) else { break None };
            if self.row_of[column] == FREE {
                break Some((column, distance));
            }
            (row, base) = (self.row_of[column], distance);
        };
        if let Some((column, total)) = end {
            self.raise_potentials(new, total, &touched);
            self.augment(new, column);
        }
        for column in touched {
            self.reached[column] = None;
        }
    }

    /// The nearest column that was not left yet.
    fn settle_next(
        &mut self,
        heap: &mut BinaryHeap<Reverse<(i128, usize)>>,
    ) -> Option<(usize, i128)> {
        while let Some(Reverse((distance, column))) = heap.pop() {
            if let Some(reached) = self.reached[column].as_mut().filter(|r| !r.settled) {
                reached.settled = true;
                return Some((column, distance));
            }
        }
        None
    }

    fn raise_potentials(&mut self, new: usize, total: i128, touched: &[usize]) {
        self.row_potential[new] += total;
        for &column in touched {
            if let Some(reached) = self.reached[column].filter(|r| r.settled)
                && self.row_of[column] != FREE
            {
                self.row_potential[self.row_of[column]] += total - reached.distance;
                self.column_potential[column] -= total - reached.distance;
            }
        }
    }

    /// Moves every row on the path to the column it was reached by.
    fn augment(&mut self, new: usize, end: usize) {
        let mut column = end;
        while let Some(reached) = self.reached[column] {
            let row = reached.from;
            let previous = std::mem::replace(&mut self.column_of[row], column);
            self.row_of[column] = row;
            if row == new {
                break;
            }
            column = previous;
        }
    }
}
