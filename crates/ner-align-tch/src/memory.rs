//! The memory of tensors on the CPU, for kernels.

use ner_align_kernels::Bf16;
use tch::{Device, Kind, Tensor};

/// A type of numbers that both sides know.
pub(crate) trait Stored: Copy + Send + Sync + 'static {
    /// libtorch's name for it.
    const KIND: Kind;
}

impl Stored for f32 {
    const KIND: Kind = Kind::Float;
}

impl Stored for Bf16 {
    const KIND: Kind = Kind::BFloat16;
}

impl Stored for i8 {
    const KIND: Kind = Kind::Int8;
}

impl Stored for i32 {
    const KIND: Kind = Kind::Int;
}

/// The numbers of a contiguous tensor on the CPU; none if it is of another type.
pub(crate) fn slice<T: Stored>(tensor: &Tensor) -> &[T] {
    if !fits::<T>(tensor) {
        return &[];
    }
    #[expect(unsafe_code, reason = "kernels work on the tensor's memory")]
    // SAFETY: the memory holds `numel` numbers of this type, contiguous and aligned, for as long as
    // the tensor lives. libtorch writes to it in calls of this thread alone.
    unsafe {
        std::slice::from_raw_parts(tensor.data_ptr().cast::<T>(), tensor.numel())
    }
}

/// The same to write. Nothing else may use the tensor's memory meanwhile.
pub(crate) fn slice_mut<T: Stored>(tensor: &mut Tensor) -> &mut [T] {
    if !fits::<T>(tensor) {
        return &mut [];
    }
    #[expect(unsafe_code, reason = "kernels work on the tensor's memory")]
    // SAFETY: as above; the borrow keeps other kernels away, and libtorch works on the memory only in
    // calls of this thread.
    unsafe {
        std::slice::from_raw_parts_mut(tensor.data_ptr().cast::<T>(), tensor.numel())
    }
}

fn fits<T: Stored>(tensor: &Tensor) -> bool {
    tensor.numel() > 0
        && tensor.kind() == T::KIND
        && tensor.device() == Device::Cpu
        && tensor.is_contiguous()
}
