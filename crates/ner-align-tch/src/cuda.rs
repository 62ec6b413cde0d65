//! The CUDA half of libtorch, loaded at run time.
//!
//! libtorch asks once whether CUDA is there and keeps the answer, so nothing here or before may ask,
//! with `tch::Cuda::is_available` or by seeding its generators, until the half is loaded.

use std::sync::OnceLock;

#[cfg(target_os = "linux")]
pub(crate) use linux::driver_is_there;

/// Loads the CUDA half of libtorch once.
///
/// # Errors
/// Why it cannot be used, with the path of the library where there is one.
pub(crate) fn load_cuda() -> Result<(), &'static NoCuda> {
    static LOADED: OnceLock<Result<(), NoCuda>> = OnceLock::new();
    LOADED.get_or_init(load).as_ref().copied()
}

/// Why there is no CUDA half.
#[derive(Debug)]
pub(crate) enum NoCuda {
    /// This libtorch has none.
    Absent(String),
    /// It cannot be loaded.
    Broken(String),
}

impl NoCuda {
    pub(crate) fn reason(&self) -> &str {
        match self {
            Self::Absent(reason) | Self::Broken(reason) => reason,
        }
    }
}

/// What libtorch says when it is to put a number on the first CUDA device; `None` if it does so.
fn objection() -> Option<String> {
    let one = tch::Tensor::f_zeros([1], (tch::Kind::Float, tch::Device::Cuda(0)));
    let said = one.err()?.to_string();
    let line = said.lines().next().unwrap_or_default();
    Some(line.trim_start_matches("Internal torch error: ").to_owned())
}

/// Whether no library has registered CUDA with libtorch.
#[cfg(target_os = "linux")]
fn backend_is_missing() -> bool {
    objection().is_some_and(|said| said.contains("Could not run") || said.contains("not linked"))
}

/// Why CUDA has no device; `None` if it has one.
pub(crate) fn why_no_device() -> Option<String> {
    let line = &*objection()?;
    Some(if line.contains("no NVIDIA driver") {
        "no NVIDIA driver (libcuda.so.1)".to_owned()
    } else if line.contains("without ATen_cuda") {
        // The answer that libtorch keeps.
        "this process has computed on the CPU before; open the model on the GPU first".to_owned()
    } else {
        // The first sentence; links to downloads follow.
        line.split_once(". ").map_or(line, |(first, _)| first).to_owned()
    })
}

#[cfg(target_os = "linux")]
use linux::load;

#[cfg(not(target_os = "linux"))]
fn load() -> Result<(), NoCuda> {
    if tch::Cuda::is_available() {
        Ok(())
    } else {
        Err(NoCuda::Absent("this libtorch has no CUDA half".to_owned()))
    }
}

/// Programs are linked with what there is.
#[cfg(not(target_os = "linux"))]
pub(crate) fn driver_is_there() -> bool {
    true
}

#[cfg(target_os = "linux")]
mod linux {
    use std::path::{Path, PathBuf};

    use libloading::os::unix::{Library, RTLD_GLOBAL, RTLD_NOW};

    use super::NoCuda;

    const LIBRARY: &str = "libtorch_cuda.so";

    /// What `libtorch_cpu.so` loads by its bare name when it first needs the driver. It is beside the
    /// CUDA half, where the CPU half may not look.
    const DRIVER_CALLS: &str = "libcaffe2_nvrtc.so";

    pub(super) fn load() -> Result<(), NoCuda> {
        let absent = |why: &str| NoCuda::Absent(format!("{why} has no CUDA half ({LIBRARY})"));
        if mapped("/libtorch_cuda.so").is_some() {
            // Linked in.
            return Ok(());
        }
        let cpu_half = mapped("/libtorch_cpu.so").ok_or_else(|| absent("this libtorch"))?;
        let folder = cpu_half.parent().unwrap_or(&cpu_half);
        let path = beside(folder)
            .ok_or_else(|| absent(&format!("the libtorch in {}", folder.display())))?;
        open(&path).map_err(NoCuda::Broken)?;
        if super::backend_is_missing() {
            let what = format!(
                "{}: expected the CUDA half of libtorch, found another library",
                path.display()
            );
            return Err(NoCuda::Broken(what));
        }
        // It fails without a driver, of which the caller learns more.
        let _ = open(&path.with_file_name(DRIVER_CALLS));
        Ok(())
    }

    /// Whether the system has the library of NVIDIA's driver.
    pub(crate) fn driver_is_there() -> bool {
        open(Path::new("libcuda.so.1")).is_ok()
    }

    /// Loads a library for good.
    fn open(path: &Path) -> Result<(), String> {
        #[expect(unsafe_code, reason = "loading runs the library's initialisers")]
        // SAFETY: these are libraries of PyTorch from the folder of the half that is already loaded, and
        // of the driver. Their initialisers register the CUDA backend there and do nothing else.
        let loaded = unsafe { Library::open(Some(path), RTLD_NOW | RTLD_GLOBAL) };
        match loaded {
            Ok(library) => {
                // The backend stays registered; its code must stay too.
                std::mem::forget(library);
                Ok(())
            }
            Err(error) => {
                let (error, path) = (error.to_string(), path.display().to_string());
                // The loader begins with the library that is at fault, which may be another one.
                Err(if error.starts_with(&path) { error } else { format!("{path}: {error}") })
            }
        }
    }

    /// The file of this name that this process has loaded.
    fn mapped(name: &str) -> Option<PathBuf> {
        let maps = std::fs::read_to_string("/proc/self/maps").ok()?;
        let line = maps.lines().find(|line| line.ends_with(name))?;
        Some(PathBuf::from(line.get(line.find('/')?..)?))
    }

    /// The CUDA half of the CPU half in `folder`: in the same folder, as PyTorch has it, or in the
    /// folder `cuda` beside that one, as `cargo xtask setup` lays it out.
    fn beside(folder: &Path) -> Option<PathBuf> {
        let other = folder.parent().map(|above| above.join("cuda").join(LIBRARY));
        [Some(folder.join(LIBRARY)), other].into_iter().flatten().find(|path| path.exists())
    }

    #[cfg(test)]
    mod tests {
        use super::*;

        #[test]
        fn both_layouts_are_found() {
            let root = tempfile::tempdir().unwrap();
            let lib = root.path().join("lib");
            assert_eq!(beside(&lib), None);
            for folder in ["cuda", "lib"] {
                let library = root.path().join(folder).join(LIBRARY);
                std::fs::create_dir_all(library.parent().unwrap()).unwrap();
                std::fs::write(&library, "text").unwrap();
                assert_eq!(beside(&lib).as_ref(), Some(&library));
            }
        }

        #[test]
        fn the_error_names_the_library() {
            let root = tempfile::tempdir().unwrap();
            let library = root.path().join(LIBRARY);
            std::fs::write(&library, "text").unwrap();
            let error = open(&library).unwrap_err();
            assert!(error.starts_with(library.to_str().unwrap()), "{error}");
            assert!(error.contains("file too short") || error.contains("ELF"), "{error}");
            assert!(mapped("/libtorch_cpu.so").is_some());
        }
    }
}
