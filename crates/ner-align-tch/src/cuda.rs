//! The CUDA half of libtorch, loaded at run time.

#[cfg(target_os = "linux")]
use std::path::PathBuf;
use std::sync::OnceLock;

/// Loads the CUDA half of libtorch once; `Err` has the reason why it cannot.
pub(crate) fn load_cuda() -> std::result::Result<(), &'static String> {
    static LOADED: OnceLock<std::result::Result<(), String>> = OnceLock::new();
    LOADED.get_or_init(load).as_ref().copied()
}

#[cfg(target_os = "linux")]
fn load() -> std::result::Result<(), String> {
    use libloading::os::unix::{Library, RTLD_GLOBAL, RTLD_NOW};
    if tch::Cuda::is_available() {
        // Linked in.
        return Ok(());
    }
    let Some(path) = beside_libtorch() else {
        return Err("libtorch has no CUDA half here (libtorch_cuda.so)".to_owned());
    };
    #[expect(unsafe_code, reason = "loading runs the library's initialisers")]
    // SAFETY: this is PyTorch's own library, from the folder of the half that is already loaded;
    // its initialisers register the CUDA backend there and do nothing else.
    let loaded = unsafe { Library::open(Some(&path), RTLD_NOW | RTLD_GLOBAL) };
    match loaded {
        Ok(library) => {
            // The backend stays registered; its code must stay too.
            std::mem::forget(library);
            Ok(())
        }
        Err(error) => Err(format!("{}: {error}", path.display())),
    }
}

#[cfg(not(target_os = "linux"))]
fn load() -> std::result::Result<(), String> {
    if tch::Cuda::is_available() {
        Ok(())
    } else {
        Err("this libtorch has no CUDA half".to_owned())
    }
}

/// The CUDA half in the folder that this process has its libtorch from.
#[cfg(target_os = "linux")]
fn beside_libtorch() -> Option<PathBuf> {
    let maps = std::fs::read_to_string("/proc/self/maps").ok()?;
    let line = maps.lines().find(|line| line.ends_with("/libtorch_cpu.so"))?;
    let path = PathBuf::from(line.get(line.find('/')?..)?);
    let beside = path.with_file_name("libtorch_cuda.so");
    beside.is_file().then_some(beside)
}
