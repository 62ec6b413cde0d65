//! What holds of data yet unseen, with a stated confidence.
//!
//! A measurement on held-out data says how a system did there. A test says what is true beyond them: the
//! hypothesis that the mean of a quantity is too high is rejected if the data would be a rare accident under it
//! ([`betting_p_value`]). Of several settings, ordered from the most careful one, those before the first that is
//! not rejected all hold, and nothing is paid for how many are tried ([`fixed_sequence`]). Together they are
//! "Learn then Test" (Angelopoulos et al. 2021) on a path of settings.

mod betting;
mod sequence;

pub use betting::{betting_p_value, fewest_values};
pub use sequence::fixed_sequence;
