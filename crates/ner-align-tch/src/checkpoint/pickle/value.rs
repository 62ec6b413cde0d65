//! What a pickle of tensors is made of.

use std::rc::Rc;

use safetensors::tensor::Dtype;

/// A value on the stack of the machine.
#[derive(Debug, Clone)]
pub(super) enum Value {
    /// Where a list of arguments starts.
    Mark,
    Int(i64),
    Text(Rc<str>),
    /// The values, and how deep tuples are nested in them.
    Tuple(Rc<[Value]>, usize),
    /// The number of a dictionary of the machine.
    Dict(usize),
    Function(Function),
    Storage(Storage),
    Tensor(Rc<Pickled>),
    /// A value that no tensor depends on.
    Other,
}

/// What a pickle may call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Function {
    OrderedDict,
    Tensor,
    Parameter,
    Size,
    /// The class of a storage, with what its numbers are; `None` for whole numbers.
    Storage(Option<Dtype>),
}

impl Function {
    pub(super) fn named(module: &str, name: &str) -> Option<Self> {
        Some(match (module, name) {
            ("collections", "OrderedDict") => Self::OrderedDict,
            ("torch._utils", "_rebuild_tensor_v2") => Self::Tensor,
            ("torch._utils", "_rebuild_parameter") => Self::Parameter,
            ("torch", "Size") => Self::Size,
            ("torch", "FloatStorage") => Self::Storage(Some(Dtype::F32)),
            ("torch", "DoubleStorage") => Self::Storage(Some(Dtype::F64)),
            ("torch", "HalfStorage") => Self::Storage(Some(Dtype::F16)),
            ("torch", "BFloat16Storage") => Self::Storage(Some(Dtype::BF16)),
            (
                "torch",
                "LongStorage" | "IntStorage" | "ShortStorage" | "CharStorage" | "ByteStorage"
                | "BoolStorage",
            ) => Self::Storage(None),
            _ => return None,
        })
    }
}

/// The numbers of one or more tensors.
#[derive(Debug, Clone)]
pub(super) struct Storage {
    /// Its name in the archive.
    pub(super) key: Rc<str>,
    pub(super) dtype: Option<Dtype>,
}

/// A tensor before its numbers are read.
#[derive(Debug, Clone)]
pub(super) struct Pickled {
    pub(super) storage: Storage,
    /// Numbers of the storage before its first.
    pub(super) offset: usize,
    pub(super) shape: Vec<usize>,
    /// Numbers from one element to the next, by dimension.
    pub(super) stride: Vec<usize>,
}

/// True if the numbers of a tensor stand side by side, the last dimension fastest.
pub(super) fn is_contiguous(shape: &[usize], stride: &[usize]) -> bool {
    let mut expected = 1_usize;
    let mut dimensions = shape.iter().zip(stride).rev();
    shape.len() == stride.len()
        && dimensions.all(|(&size, &step)| {
            let fits = size <= 1 || step == expected;
            expected = expected.saturating_mul(size);
            fits
        })
}
