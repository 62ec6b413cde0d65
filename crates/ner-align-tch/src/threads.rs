//! The threads that models compute on.

use std::sync::OnceLock;

use rayon::{ThreadPool, ThreadPoolBuilder};

use crate::error::{ModelError, Result};

/// Keeps the number of libtorch's threads as it is.
///
/// Left alone, MKL uses fewer threads while the machine is busy. Sums of parts then round in
/// another way, and the same run ends with other weights. Setting the number, even to what it is,
/// switches that off.
pub(crate) fn fix_number() {
    number();
}

/// The number of libtorch's threads before anything changed it for a thread of its own.
fn number() -> i32 {
    static NUMBER: OnceLock<i32> = OnceLock::new();
    *NUMBER.get_or_init(|| {
        let threads = tch::get_num_threads();
        tch::set_num_threads(threads);
        threads
    })
}

/// The threads that encoders on the CPU compute on: as many as libtorch would use, which is what
/// `OMP_NUM_THREADS` says. libtorch computes on one thread within each.
pub(crate) fn pool() -> Result<&'static ThreadPool> {
    static POOL: OnceLock<std::result::Result<ThreadPool, String>> = OnceLock::new();
    let pool = POOL.get_or_init(|| {
        let threads = usize::try_from(number()).unwrap_or(1).max(1);
        ThreadPoolBuilder::new()
            .num_threads(threads)
            .thread_name(|number| format!("encoder-{number}"))
            .start_handler(|_| set_own_number(1))
            .build()
            .map_err(|error| error.to_string())
    });
    pool.as_ref().map_err(|reason| ModelError::Threads { reason: reason.clone() })
}

/// Runs `work` with libtorch on this thread alone. Its other threads would wait for more work for
/// some time afterwards, in the way of the pool's.
pub(crate) fn alone<T>(work: impl FnOnce() -> T) -> T {
    number();
    let before = tch::get_num_threads();
    if before == 1 {
        return work();
    }
    set_own_number(1);
    let result = work();
    set_own_number(before);
    result
}

/// Sets how many threads libtorch computes on when this thread calls it.
fn set_own_number(threads: i32) {
    // libtorch sets the number of a new thread itself when it is first asked.
    let _ = tch::get_num_threads();
    if !own::set(threads) {
        // For all threads, where the libraries beneath are others.
        tch::set_num_threads(threads);
    }
}

#[cfg(target_os = "linux")]
mod own {
    use std::ffi::c_int;
    use std::sync::OnceLock;

    use libloading::os::unix::{Library, Symbol};

    /// The functions of OpenMP and MKL that set the number for the calling thread.
    struct Setters {
        openmp: Symbol<unsafe extern "C" fn(c_int)>,
        mkl: Option<Symbol<unsafe extern "C" fn(c_int) -> c_int>>,
    }

    /// False if there is no such function.
    pub(super) fn set(threads: i32) -> bool {
        static SETTERS: OnceLock<Option<Setters>> = OnceLock::new();
        let Some(setters) = SETTERS.get_or_init(find) else { return false };
        #[expect(unsafe_code, reason = "tch has no function for one thread's number")]
        // SAFETY: both functions take a number of threads and keep it for the calling thread.
        unsafe {
            (setters.openmp)(threads);
            if let Some(mkl) = &setters.mkl {
                (mkl)(threads);
            }
        }
        true
    }

    fn find() -> Option<Setters> {
        let this = Library::this();
        #[expect(unsafe_code, reason = "symbols of libraries that are loaded")]
        // SAFETY: these are the documented signatures (OpenMP 5.2, 18.2.1; oneMKL, support functions).
        unsafe {
            Some(Setters {
                openmp: this.get(b"omp_set_num_threads\0").ok()?,
                mkl: this.get(b"MKL_Set_Num_Threads_Local\0").ok(),
            })
        }
    }
}

#[cfg(not(target_os = "linux"))]
mod own {
    pub(super) const fn set(_threads: i32) -> bool {
        false
    }
}
