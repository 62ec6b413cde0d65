//! Makes a folder from wheels: the CPU half of libtorch with its headers, or the CUDA half.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use super::cache::Cache;
use super::download::{fetch as fetch_wheel, progress_bar, remove_leftovers, say};
use super::files::{create_dir, megabytes, partial, remove, replace, require_space, symlink};
use super::pins::{CUDART, CUPTI, LIBTORCH_VERSION, TORCH, cuda};
use super::python::Python;
use super::stamp::Stamp;
use super::unpack::{Pick, WheelFile};
use super::wheels::Wheel;
use crate::failure::Failure;

/// What a folder is made of.
#[derive(Debug)]
pub(super) struct Layout {
    /// For the progress line.
    label: &'static str,
    /// The wheels, and what is taken from each. The small ones come first, so that network errors
    /// show before the long downloads.
    parts: &'static [(&'static Wheel, &'static [Pick])],
    /// Links and where they lead.
    links: &'static [(&'static str, &'static str)],
    /// Files of a folder that is taken whole; their absence shows that it was removed.
    sample: &'static [&'static str],
    /// A folder of the old one that the new one takes over.
    kept: Option<&'static str>,
    /// Bytes of the unpacked files, rounded up, with what small files waste.
    unpacked: u64,
}

/// The CPU half: `lib` and `include`.
///
/// Each library has `$ORIGIN` in its run path, so they find each other in one folder. Without
/// `libtorch_cuda.so` beside it, torch-sys links the CPU half alone.
pub(super) const CPU: Layout = Layout {
    label: "unpacking libtorch",
    parts: &[
        (&CUDART, &[("nvidia/cu13/lib/libcudart.so.13", "lib/libcudart.so.13")]),
        (&CUPTI, &[("nvidia/cu13/lib/libcupti.so.13", "lib/libcupti.so.13")]),
        (
            &TORCH,
            &[
                ("torch/lib/libtorch_cpu.so", "lib/libtorch_cpu.so"),
                ("torch/lib/libc10.so", "lib/libc10.so"),
                ("torch/lib/libgomp.so.1", "lib/libgomp.so.1"),
                ("torch/include/", "include/"),
            ],
        ),
    ],
    // Names that the linker asks for: `-lgomp`, and `-ltorch`. The wheel's own libtorch.so is a
    // wrapper that needs the CUDA half, so the name leads to the CPU half.
    links: &[("lib/libgomp.so", "libgomp.so.1"), ("lib/libtorch.so", "libtorch_cpu.so")],
    sample: &["include/torch/headeronly/version.h"],
    kept: Some(CUDA_FOLDER),
    unpacked: 620_000_000,
};

/// The folder of the CUDA half, below that of the CPU half. It is not `lib`: torch-sys would link
/// programs with what lies there, and these would then not start without it.
pub(super) const CUDA_FOLDER: &str = "cuda";

/// The CUDA half: libraries in one folder, which `ner-align-tch` loads at run time beside the CPU half.
///
/// `libtorch_cuda.so` finds the others by `$ORIGIN` in its run path, and those that it shares with the
/// CPU half are loaded already.
pub(super) const CUDA: Layout = Layout {
    label: "unpacking CUDA",
    parts: &[
        (&cuda::CUFILE, &[("nvidia/cu13/lib/libcufile.so.0", "libcufile.so.0")]),
        (&cuda::NVJITLINK, &[("nvidia/cu13/lib/libnvJitLink.so.13", "libnvJitLink.so.13")]),
        (&cuda::CURAND, &[("nvidia/cu13/lib/libcurand.so.10", "libcurand.so.10")]),
        (&cuda::NVSHMEM, &[("nvidia/nvshmem/lib/libnvshmem_host.so.3", "libnvshmem_host.so.3")]),
        (
            &cuda::NVRTC,
            &[
                ("nvidia/cu13/lib/libnvrtc.so.13", "libnvrtc.so.13"),
                ("nvidia/cu13/lib/libnvrtc-builtins.so.13.0", "libnvrtc-builtins.so.13.0"),
            ],
        ),
        (&cuda::CUSPARSE, &[("nvidia/cu13/lib/libcusparse.so.12", "libcusparse.so.12")]),
        (&cuda::CUSPARSELT, &[("nvidia/cusparselt/lib/libcusparseLt.so.0", "libcusparseLt.so.0")]),
        (&cuda::NCCL, &[("nvidia/nccl/lib/libnccl.so.2", "libnccl.so.2")]),
        (&cuda::CUFFT, &[("nvidia/cu13/lib/libcufft.so.12", "libcufft.so.12")]),
        // cuDNN loads its parts from its own folder when they are called.
        (&cuda::CUDNN, &[("nvidia/cudnn/lib/", "")]),
        (
            &cuda::CUBLAS,
            &[
                ("nvidia/cu13/lib/libcublas.so.13", "libcublas.so.13"),
                ("nvidia/cu13/lib/libcublasLt.so.13", "libcublasLt.so.13"),
            ],
        ),
        (
            &TORCH,
            &[
                ("torch/lib/libtorch_cuda.so", "libtorch_cuda.so"),
                ("torch/lib/libc10_cuda.so", "libc10_cuda.so"),
                ("torch/lib/libtorch_nvshmem.so", "libtorch_nvshmem.so"),
                ("torch/lib/libcaffe2_nvrtc.so", "libcaffe2_nvrtc.so"),
            ],
        ),
    ],
    links: &[],
    sample: &["libcudnn.so.9", "libcudnn_graph.so.9"],
    kept: None,
    unpacked: 2_850_000_000,
};

/// The oldest C library that the wheel of `torch` runs with.
const GLIBC: (u32, u32) = (2, 28);

impl Layout {
    /// Downloads, unpacks and gives the folder its name `path`. Afterwards the wheels are gone but
    /// for those in `keep`. The caller holds the cache's lock.
    pub(super) fn fetch(
        &self,
        path: &Path,
        python: &Python,
        cache: &Cache,
        keep: &[&str],
    ) -> Result<(), Failure> {
        check_glibc()?;
        let wheels = cache.wheels();
        create_dir(&wheels)?;
        remove_leftovers(&wheels);
        let partial = partial(path)?;
        let missing = self.missing(&wheels);
        eprintln!(
            "{}: {} to download, {} on disk",
            path.display(),
            megabytes(missing),
            megabytes(self.unpacked)
        );
        // pip copies a finished download before it removes the original.
        let largest = self.parts.iter().map(|(wheel, _)| wheel.size).max().unwrap_or(0);
        require_space(&wheels, missing + largest + self.unpacked)?;
        let pip = python.pip(&wheels)?;
        let mut fetched = Vec::new();
        for (wheel, _) in self.parts {
            fetched.push(fetch_wheel(&pip, wheel, &wheels)?);
        }
        self.unpack(&fetched, &partial)?;
        Stamp::of(&partial, LIBTORCH_VERSION, None, &self.files())?.write(&partial)?;
        if let Some(kept) = self.kept.filter(|kept| path.join(kept).is_dir()) {
            let (from, to) = (path.join(kept), partial.join(kept));
            fs::rename(&from, &to).map_err(|error| Failure::io("create", &to, &error))?;
        }
        replace(&partial, path)?;
        // Once unpacked they are of no use, and large.
        let kept = |wheel: &&PathBuf| !keep.iter().any(|keep| wheel.ends_with(keep));
        fetched.iter().filter(kept).try_for_each(|wheel| remove(wheel))
    }

    /// Bytes of the wheels that are not in the cache.
    fn missing(&self, wheels: &Path) -> u64 {
        let held = |wheel: &Wheel| {
            fs::metadata(wheels.join(wheel.file)).is_ok_and(|found| found.len() == wheel.size)
        };
        self.parts.iter().filter(|(wheel, _)| !held(wheel)).map(|(wheel, _)| wheel.size).sum()
    }

    /// The files whose sizes later runs look at.
    fn files(&self) -> Vec<PathBuf> {
        let picked = self.parts.iter().flat_map(|(_, picks)| *picks).map(|(_, to)| *to);
        let files = picked.filter(|to| !to.is_empty() && !to.ends_with('/'));
        let links = self.links.iter().map(|(link, _)| *link);
        files.chain(links).chain(self.sample.iter().copied()).map(PathBuf::from).collect()
    }

    fn unpack(&self, fetched: &[PathBuf], partial: &Path) -> Result<(), Failure> {
        let mut opened =
            fetched.iter().map(|wheel| WheelFile::open(wheel)).collect::<Result<Vec<_>, _>>()?;
        let parts = self.parts.iter().map(|(_, picks)| *picks);
        let size = opened.iter().zip(parts.clone()).map(|(wheel, p)| wheel.unpacked_size(p)).sum();
        require_space(partial, size)?;
        let bar = progress_bar(self.label, size);
        say(&bar, self.label);
        for (wheel, picks) in opened.iter_mut().zip(parts) {
            wheel.unpack(picks, partial, &bar)?;
        }
        bar.finish_and_clear();
        self.links.iter().try_for_each(|(link, to)| symlink(Path::new(to), &partial.join(link)))
    }
}

/// pip downloads a wheel by its tags and does not check the C library.
fn check_glibc() -> Result<(), Failure> {
    let output = Command::new("getconf").arg("GNU_LIBC_VERSION").output();
    let text = output.map(|output| String::from_utf8_lossy(&output.stdout).into_owned());
    match text.ok().as_deref().and_then(parse_glibc) {
        Some(found) if found < GLIBC => {
            let what =
                format!("libtorch needs glibc 2.28, this system has {}.{}", found.0, found.1);
            Err(Failure::environment(what)
                .hint("set LIBTORCH to a libtorch 2.11 built for this system"))
        }
        _ => Ok(()),
    }
}

/// From `glibc 2.36`.
fn parse_glibc(text: &str) -> Option<(u32, u32)> {
    let mut parts = text.trim().strip_prefix("glibc ")?.split('.');
    Some((parts.next()?.parse().ok()?, parts.next()?.parse().ok()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn glibc_versions() {
        assert_eq!(parse_glibc("glibc 2.36\n"), Some((2, 36)));
        assert_eq!(parse_glibc("musl"), None);
        assert!(parse_glibc("glibc 2.9").unwrap() < GLIBC);
    }

    #[test]
    fn the_pins_are_digests() {
        for (wheel, _) in CPU.parts.iter().chain(CUDA.parts) {
            assert_eq!(wheel.sha256.len(), 64, "{}", wheel.file);
            let version = wheel.requirement.rsplit("===").next().unwrap();
            assert!(wheel.file.contains(&format!("-{version}-")), "{}", wheel.file);
            assert!(wheel.file.ends_with(".whl") && wheel.label.len() <= 18, "{}", wheel.file);
        }
        assert!(TORCH.requirement.ends_with(LIBTORCH_VERSION));
    }

    #[test]
    fn what_torch_sys_would_link_does_not_lie_beside_the_cpu_half() {
        let beside = |file: &PathBuf| file.ends_with("libtorch_cuda.so");
        assert!(CUDA.files().iter().any(beside) && !CPU.files().iter().any(beside));
        assert_ne!(CUDA_FOLDER, "lib");
    }

    #[test]
    fn a_wheel_that_is_there_is_not_counted() {
        let folder = tempfile::tempdir().unwrap();
        let all = CUDA.missing(folder.path());
        fs::write(folder.path().join(TORCH.file), "cut off").unwrap();
        assert_eq!(CUDA.missing(folder.path()), all);
        let file = fs::File::create(folder.path().join(TORCH.file)).unwrap();
        file.set_len(TORCH.size).unwrap();
        assert_eq!(CUDA.missing(folder.path()), all - TORCH.size);
    }
}
