//! Where a model computes.

use std::path::PathBuf;
use std::sync::OnceLock;

use tch::{Device, Kind};

use crate::error::{ModelError, Result};

/// The version of libtorch that this crate is built for.
pub const LIBTORCH_VERSION: &str = "2.11";

/// What a model computes in; its parameters are f32 in any case.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Precision {
    /// f32.
    #[default]
    F32,
    /// bfloat16, with a copy of the parameters in f32 that learns: half the memory of activations,
    /// and several times as fast where the device has units for it. Not on most processors.
    Bf16,
}

impl Precision {
    pub(crate) const fn kind(self) -> Kind {
        match self {
            Self::F32 => Kind::Float,
            Self::Bf16 => Kind::BFloat16,
        }
    }
}

/// The device of this name: `cpu`, `cuda`, `cuda:N`, `mps`, or `auto` for the first CUDA device
/// where there is one and the CPU elsewhere.
///
/// A program that was linked with the CPU's half of libtorch takes up the CUDA half here, where
/// one lies beside it.
///
/// # Errors
/// [`ModelError::UnknownDevice`] for any other name, [`ModelError::NoDevice`] for one that this
/// machine lacks.
pub fn device(name: &str) -> Result<Device> {
    check_device_name(name)?;
    let lacks = |reason: String| Err(ModelError::NoDevice { name: name.to_owned(), reason });
    match name {
        "cpu" => Ok(Device::Cpu),
        "auto" => Ok(match load_cuda() {
            Ok(()) if tch::Cuda::is_available() => Device::Cuda(0),
            _ => Device::Cpu,
        }),
        "mps" if tch::utils::has_mps() => Ok(Device::Mps),
        "mps" => lacks("this libtorch has none".to_owned()),
        // cuda, or cuda:N
        _ => {
            if let Err(reason) = load_cuda() {
                return lacks(reason.clone());
            }
            let index = name.split_once(':').and_then(|(_, index)| index.parse().ok()).unwrap_or(0);
            let devices = tch::Cuda::device_count();
            match usize::try_from(devices).unwrap_or(0) {
                0 => lacks("no CUDA device answers".to_owned()),
                devices if index >= devices => lacks(format!("there are {devices}, from 0")),
                _ => Ok(Device::Cuda(index)),
            }
        }
    }
}

/// Checks the form of a device's name, whether or not this machine has it.
///
/// ```
/// use ner_align_tch::check_device_name;
/// assert!(check_device_name("cuda:7").is_ok());
/// assert!(check_device_name("tpu").is_err());
/// ```
///
/// # Errors
/// [`ModelError::UnknownDevice`] for a name that [`device`] does not know.
pub fn check_device_name(name: &str) -> Result<()> {
    let number = name.strip_prefix("cuda:").is_some_and(|index| index.parse::<usize>().is_ok());
    if number || ["auto", "cpu", "cuda", "mps"].contains(&name) {
        return Ok(());
    }
    Err(ModelError::UnknownDevice { name: name.to_owned() })
}

/// Loads libtorch's CUDA half once; `Err` says why it cannot be had.
fn load_cuda() -> std::result::Result<(), &'static String> {
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_read() {
        assert_eq!(device("cpu").unwrap(), Device::Cpu);
        assert!(device("auto").is_ok());
        for name in ["tpu", "cpu:1", "cuda:x", "cuda:-1", "", "auto:0"] {
            let error = device(name).unwrap_err();
            assert!(matches!(error, ModelError::UnknownDevice { .. }), "{name}: {error}");
        }
        if let Err(error) = device("cuda:999") {
            assert!(error.to_string().starts_with("cuda:999: "), "{error}");
        }
    }
}
