//! Square tables of counts that grow.

/// Counts by row and column; cells never written are 0.
#[derive(Debug, Clone, Default)]
pub(crate) struct Grid {
    side: usize,
    cells: Vec<u64>,
}

impl Grid {
    pub(crate) fn add(&mut self, row: usize, column: usize, count: u64) {
        let needed = row.max(column) + 1;
        if needed > self.side {
            self.grow(needed);
        }
        self.cells[row * self.side + column] += count;
    }

    pub(crate) fn get(&self, row: usize, column: usize) -> u64 {
        if row.max(column) < self.side { self.cells[row * self.side + column] } else { 0 }
    }

    /// Makes room for rows and columns below `side`, which spares the check in hot loops.
    pub(crate) fn grow(&mut self, side: usize) {
        if side <= self.side {
            return;
        }
        // By powers of two, so that label after label does not copy the table each time.
        let side = side.next_power_of_two();
        let mut cells = vec![0; side * side];
        for row in 0..self.side {
            let old = &self.cells[row * self.side..(row + 1) * self.side];
            cells[row * side..row * side + self.side].copy_from_slice(old);
        }
        (self.side, self.cells) = (side, cells);
    }

    /// The cells that are not 0, as row, column, count.
    pub(crate) fn cells(&self) -> impl Iterator<Item = (usize, usize, u64)> + '_ {
        let side = self.side.max(1);
        let cells = self.cells.iter().enumerate();
        cells.filter(|(_, count)| **count > 0).map(move |(i, &count)| (i / side, i % side, count))
    }

    /// Adds the counts of another table, whose row and column `i` is here `map(i)`.
    pub(crate) fn add_mapped(&mut self, other: &Self, map: impl Fn(usize) -> usize) {
        for (row, column, count) in other.cells() {
            self.add(map(row), map(column), count);
        }
    }
}
