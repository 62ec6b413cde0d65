//! Square tables of counts that grow.

use rustc_hash::FxHashMap;

/// Rows and columns below this are kept in a square, the others by cell: tags of some hundred
/// types fit the square, and no number of types makes the memory explode.
const MAX_SIDE: usize = 1024;

/// Counts by row and column; cells never written are 0.
#[derive(Debug, Clone, Default)]
pub(crate) struct Grid {
    side: usize,
    cells: Vec<u64>,
    /// By codes and ids of labels, which have 32 bits: labels by the million are cells by the million.
    far: FxHashMap<(u32, u32), u64>,
}

impl Grid {
    #[inline]
    pub(crate) fn add(&mut self, row: usize, column: usize, count: u64) {
        let last = row.max(column);
        if last < self.side {
            self.cells[row * self.side + column] += count;
        } else {
            self.add_beyond(row, column, count);
        }
    }

    #[cold]
    fn add_beyond(&mut self, row: usize, column: usize, count: u64) {
        let last = row.max(column);
        if last >= MAX_SIDE {
            *self.far.entry((row as u32, column as u32)).or_default() += count;
            return;
        }
        // By powers of two, so that label after label does not copy the table each time.
        let side = (last + 1).next_power_of_two();
        let mut cells = vec![0; side * side];
        for row in 0..self.side {
            let old = &self.cells[row * self.side..(row + 1) * self.side];
            cells[row * side..row * side + self.side].copy_from_slice(old);
        }
        (self.side, self.cells) = (side, cells);
        self.cells[row * side + column] += count;
    }

    /// The cells that are not 0, as row, column, count, in no particular order.
    pub(crate) fn cells(&self) -> impl Iterator<Item = (usize, usize, u64)> + '_ {
        let side = self.side.max(1);
        let near = self.cells.iter().enumerate().filter(|(_, count)| **count > 0);
        let near = near.map(move |(i, &count)| (i / side, i % side, count));
        let far = self.far.iter();
        near.chain(far.map(|(&(row, column), &count)| (row as usize, column as usize, count)))
    }

    /// Bytes that it takes, and a list of its cells beyond the square.
    pub(crate) fn memory(&self) -> usize {
        8 * self.cells.capacity() + 2 * 17 * self.far.capacity() * 8 / 7
    }

    /// Adds the counts of another table, whose row and column `i` is here `map(i)`.
    pub(crate) fn add_mapped(&mut self, other: &Self, map: impl Fn(usize) -> usize) {
        for (row, column, count) in other.cells() {
            self.add(map(row), map(column), count);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn near_and_far_cells_count_alike() {
        let (mut grid, mut shifted) = (Grid::default(), Grid::default());
        let cells = [(0, 0), (3, 700), (MAX_SIDE - 1, 2), (MAX_SIDE, 0), (5, 900_000)];
        for (row, column) in cells {
            grid.add(row, column, 2);
            grid.add(row, column, 1);
        }
        let sorted = |grid: &Grid| {
            let mut cells: Vec<_> = grid.cells().collect();
            cells.sort_unstable();
            cells
        };
        let mut expected = cells.map(|(row, column)| (row, column, 3));
        expected.sort_unstable();
        assert_eq!(sorted(&grid), expected);
        shifted.add_mapped(&grid, |i| i + MAX_SIDE);
        assert_eq!(shifted.cells().count(), cells.len());
        assert_eq!(shifted.cells().map(|(.., count)| count).sum::<u64>(), 15);
    }
}
