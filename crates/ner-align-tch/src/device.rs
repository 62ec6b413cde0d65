//! Where a model computes, and in which type.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use tch::{Device, Kind};

use crate::cuda::{NoCuda, driver_is_there, load_cuda, why_no_device};
use crate::error::{ModelError, Result};
use crate::faster;

/// The version of libtorch that this crate is built for.
pub const LIBTORCH_VERSION: &str = "2.11";

/// The type that a model computes in; its parameters are f32 in any case.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
#[non_exhaustive]
pub enum Precision {
    /// [`Precision::Bf16`] on a CUDA device and on a processor that multiplies faster in it,
    /// [`Precision::F32`] elsewhere.
    #[default]
    Auto,
    /// f32.
    F32,
    /// bfloat16, with a copy of the parameters in f32 that learns: half the memory of activations,
    /// and several times as fast on devices with units for it: GPUs, and processors with AMX or
    /// AVX-512 BF16.
    Bf16,
    /// 8-bit integers in the matrix products of the layers, f32 elsewhere, over a word embedding rounded
    /// to f16; for prediction on a CPU. The weights have a scale for each output, activations a scale and
    /// a zero for each row.
    Int8,
}

impl Precision {
    /// Every precision.
    pub const ALL: [Self; 4] = [Self::Auto, Self::F32, Self::Bf16, Self::Int8];

    /// The name: `auto`, `f32`, `bf16` or `int8`.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Auto => "auto",
            Self::F32 => "f32",
            Self::Bf16 => "bf16",
            Self::Int8 => "int8",
        }
    }

    /// What [`Precision::Auto`] means on this device; any other stays what it is.
    ///
    /// On a CPU it is bf16 if the processor has units for it (AMX, AVX-512 BF16) and the environment
    /// (`ONEDNN_MAX_CPU_ISA`) lets libtorch use them.
    #[must_use]
    pub fn on(self, device: Device) -> Self {
        match (self, device) {
            (Self::Auto, Device::Cuda(_)) => Self::Bf16,
            (Self::Auto, Device::Cpu) if faster::in_bf16() => Self::Bf16,
            (Self::Auto, _) => Self::F32,
            (precision, _) => precision,
        }
    }

    /// The type of activations on this device.
    pub(crate) fn kind(self, device: Device) -> Kind {
        match self.on(device) {
            Self::Bf16 => Kind::BFloat16,
            _ => Kind::Float,
        }
    }
}

impl fmt::Display for Precision {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for Precision {
    type Err = ModelError;

    /// # Errors
    /// [`ModelError::UnknownPrecision`] for a name that is not one of [`Precision::ALL`].
    fn from_str(name: &str) -> Result<Self> {
        let known = Self::ALL.into_iter().find(|precision| precision.as_str() == name);
        known.ok_or_else(|| ModelError::UnknownPrecision { name: name.to_owned() })
    }
}

/// Where a model is to compute. Its names are `auto`, `cpu`, `cuda`, `cuda:N` and `mps`.
///
/// ```
/// use ner_align_tch::DeviceChoice;
/// assert_eq!("cuda:7".parse::<DeviceChoice>()?, DeviceChoice::Cuda(Some(7)));
/// assert_eq!(DeviceChoice::Cuda(None).to_string(), "cuda");
/// assert!("tpu".parse::<DeviceChoice>().is_err());
/// # Ok::<(), ner_align_tch::ModelError>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
#[non_exhaustive]
pub enum DeviceChoice {
    /// The first CUDA device, or the CPU on machines without one.
    #[default]
    Auto,
    /// The processor.
    Cpu,
    /// The CUDA device of this number, from 0; `None` is the first.
    Cuda(Option<usize>),
    /// The GPU of an Apple processor.
    Mps,
}

impl DeviceChoice {
    /// The device of this machine.
    ///
    /// A program that is linked with the CPU half of libtorch loads the CUDA half here, from the same
    /// folder or the folder `cuda` beside it. The first model of a process decides: once libtorch has
    /// computed on the CPU without the CUDA half, it stays there.
    ///
    /// # Errors
    /// [`ModelError::NoDevice`] if this machine lacks the device, or has a GPU and a CUDA half that
    /// cannot be loaded.
    pub fn resolve(self) -> Result<Device> {
        let lacks = |reason: String| Err(ModelError::NoDevice { name: self.to_string(), reason });
        match self {
            Self::Cpu => Ok(Device::Cpu),
            // Without a driver the CUDA half, two gigabytes of libraries, need not be loaded.
            Self::Auto if !driver_is_there() => Ok(Device::Cpu),
            Self::Auto => match load_cuda() {
                Ok(()) if tch::Cuda::is_available() => Ok(Device::Cuda(0)),
                Ok(()) | Err(NoCuda::Absent(_)) => Ok(Device::Cpu),
                // A GPU that would not be used must not go unnoticed.
                Err(NoCuda::Broken(reason)) => lacks(reason.clone()),
            },
            Self::Mps if tch::utils::has_mps() => Ok(Device::Mps),
            Self::Mps => lacks("this libtorch has none".to_owned()),
            Self::Cuda(index) => {
                if let Err(why) = load_cuda() {
                    return lacks(why.reason().to_owned());
                }
                let index = index.unwrap_or(0);
                match usize::try_from(tch::Cuda::device_count()).unwrap_or(0) {
                    0 => lacks(why_no_device().unwrap_or_else(|| "none answers".to_owned())),
                    devices if index >= devices => lacks(format!("there are {devices}, from 0")),
                    _ => Ok(Device::Cuda(index)),
                }
            }
        }
    }

    /// Why [`DeviceChoice::Auto`] does not take the GPU whose driver this machine has: libtorch has no
    /// CUDA half. `None` if it is taken, there is no driver, or another device was chosen.
    #[must_use]
    pub fn unused_gpu(self) -> Option<String> {
        if self != Self::Auto || !cfg!(target_os = "linux") || !driver_is_there() {
            return None;
        }
        match load_cuda() {
            Err(NoCuda::Absent(reason)) => Some(reason.clone()),
            _ => None,
        }
    }
}

impl fmt::Display for DeviceChoice {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Auto => f.write_str("auto"),
            Self::Cpu => f.write_str("cpu"),
            Self::Cuda(None) => f.write_str("cuda"),
            Self::Cuda(Some(index)) => write!(f, "cuda:{index}"),
            Self::Mps => f.write_str("mps"),
        }
    }
}

impl FromStr for DeviceChoice {
    type Err = ModelError;

    /// Reads a name, and the numbers of spaCy and transformers: 0 is `cuda:0`, and -1 the CPU.
    ///
    /// # Errors
    /// [`ModelError::UnknownDevice`] for any other name.
    fn from_str(name: &str) -> Result<Self> {
        // `parse` alone would take a sign.
        let digits = |text: &&str| text.bytes().all(|byte| byte.is_ascii_digit());
        let number = || name.strip_prefix("cuda:").or(Some(name)).filter(digits)?.parse().ok();
        match name {
            "auto" => Ok(Self::Auto),
            "cpu" | "-1" => Ok(Self::Cpu),
            "cuda" | "gpu" => Ok(Self::Cuda(None)),
            "mps" => Ok(Self::Mps),
            _ => number()
                .map(|index| Self::Cuda(Some(index)))
                .ok_or_else(|| ModelError::UnknownDevice { name: name.to_owned() }),
        }
    }
}

impl TryFrom<String> for DeviceChoice {
    type Error = ModelError;

    fn try_from(name: String) -> Result<Self> {
        name.parse()
    }
}

impl From<DeviceChoice> for String {
    fn from(device: DeviceChoice) -> Self {
        device.to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_read_and_written() {
        for name in ["auto", "cpu", "cuda", "cuda:0", "cuda:12", "mps"] {
            let device: DeviceChoice = name.parse().unwrap();
            assert_eq!(device.to_string(), name);
            let json = serde_json::to_string(&device).unwrap();
            assert_eq!(json, format!("{name:?}"));
            assert_eq!(serde_json::from_str::<DeviceChoice>(&json).unwrap(), device);
        }
        for (name, device) in [("0", "cuda:0"), ("3", "cuda:3"), ("-1", "cpu"), ("gpu", "cuda")] {
            assert_eq!(name.parse::<DeviceChoice>().unwrap().to_string(), device);
        }
        for name in ["tpu", "-2", "cpu:1", "cuda:x", "cuda:-1", "cuda:+1", "", "auto:0"] {
            let error = name.parse::<DeviceChoice>().unwrap_err();
            assert!(matches!(error, ModelError::UnknownDevice { .. }), "{name}: {error}");
        }
        for precision in Precision::ALL {
            assert_eq!(precision.to_string().parse::<Precision>().unwrap(), precision);
            let json = serde_json::to_string(&precision).unwrap();
            assert_eq!(json, format!("\"{precision}\""));
        }
        assert!("f16".parse::<Precision>().is_err());
    }

    #[test]
    fn choices_become_devices_and_types() {
        assert_eq!(DeviceChoice::Cpu.resolve().unwrap(), Device::Cpu);
        assert!(DeviceChoice::Auto.resolve().is_ok());
        if let Err(error) = DeviceChoice::Cuda(Some(999)).resolve() {
            assert!(error.to_string().starts_with("cuda:999: "), "{error}");
        }
        for (precision, device, kind) in [
            (Precision::Auto, Device::Mps, Kind::Float),
            (Precision::Auto, Device::Cuda(1), Kind::BFloat16),
            (Precision::F32, Device::Cuda(0), Kind::Float),
            (Precision::Int8, Device::Cpu, Kind::Float),
            (Precision::Bf16, Device::Cpu, Kind::BFloat16),
        ] {
            assert_eq!(precision.kind(device), kind, "{precision} {device:?}");
        }
    }
}
