//! The threads that libtorch computes on.

use std::sync::Once;

/// Keeps the number of threads as it is.
///
/// Left alone, MKL uses fewer threads while the machine is busy. Sums of parts then round in
/// another way, and the same run ends with other weights. Setting the number, even to what it is,
/// switches that off.
pub(crate) fn fix_number() {
    static FIXED: Once = Once::new();
    FIXED.call_once(|| tch::set_num_threads(tch::get_num_threads()));
}
