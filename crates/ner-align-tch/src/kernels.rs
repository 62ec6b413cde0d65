//! Operations of libtorch that `tch` does not wrap.
//!
//! TorchScript reaches every operation by its name, and its files hold source text, so one that is written
//! here and loaded from memory stands for a shim in C++ (and for its compiler). Gradients go through it as
//! through any operation.

use std::io::{Cursor, Write};
use std::sync::OnceLock;

use tch::{CModule, IValue, TchError, Tensor};
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, ZipWriter};

use crate::error::Result;

/// Attention over windows of any lengths: `[rows, heads, width]`, with the first row of each window and
/// the end of the last in `starts`, i32. And AdamW (`torch.optim.AdamW(fused=True)`), whose lists are made
/// outside: of a list that is made here, the interpreter believes that nobody sees what becomes of it.
const SOURCE: &str = "\
class Kernels(Module):
  __parameters__ = []
  __buffers__ = []
  training : bool
  def flash(self: __torch__.Kernels, query: Tensor, key: Tensor, value: Tensor, starts: Tensor, key_starts: Tensor, longest: int, longest_key: int, dropout: float) -> Tensor:
    out, _0, _1, _2, _3, = torch._flash_attention_forward(query, key, value, starts, key_starts, longest, longest_key, dropout, False, False)
    return out
  def efficient(self: __torch__.Kernels, query: Tensor, key: Tensor, value: Tensor, starts: Tensor, key_starts: Tensor, longest: int, longest_key: int, dropout: float) -> Tensor:
    out, _0, _1, _2, _3, _4, = torch._efficient_attention_forward(query, key, value, None, starts, key_starts, longest, longest_key, dropout, 0, True)
    return out
  def adamw(self: __torch__.Kernels, values: List[Tensor], gradients: List[Tensor], means: List[Tensor], squares: List[Tensor], steps: List[Tensor], divisor: Tensor, rate: float, beta1: float, beta2: float, decay: float, epsilon: float) -> NoneType:
    torch._fused_adamw_(values, gradients, means, squares, annotate(List[Tensor], []), steps, lr=rate, beta1=beta1, beta2=beta2, weight_decay=decay, eps=epsilon, amsgrad=False, maximize=False, grad_scale=divisor)
    return None
";

/// A pickled `Kernels` whose `training` is false.
const OBJECT: &[u8] = b"\x80\x02c__torch__\nKernels\n)\x81}(X\x08\0\0\0training\x89ub.";
/// A pickled empty tuple.
const CONSTANTS: &[u8] = b"\x80\x02).";

/// Which operation computes attention over windows of any lengths.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Attention {
    /// FlashAttention 2 (Dao 2023), in bf16.
    Flash,
    /// The memory-efficient attention of xFormers, in f32.
    Efficient,
}

/// The windows of some rows.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Spans<'a> {
    /// The first row of each window, and the end of the last, i32.
    pub(crate) starts: &'a Tensor,
    /// The number of rows of the longest one.
    pub(crate) longest: i64,
}

/// Attention of the rows of each window, `[rows, heads, width]`, over those of `key` and `value`.
pub(crate) fn attention(
    by: Attention,
    [query, key, value]: [&Tensor; 3],
    queries: Spans<'_>,
    keys: Spans<'_>,
    dropout: f64,
) -> Result<Tensor> {
    let tensor = |tensor: &Tensor| IValue::Tensor(tensor.shallow_clone());
    let call = |name, [query, key, value]: [Tensor; 3]| {
        call(
            name,
            &[
                IValue::Tensor(query),
                IValue::Tensor(key),
                IValue::Tensor(value),
                tensor(queries.starts),
                tensor(keys.starts),
                IValue::Int(queries.longest),
                IValue::Int(keys.longest),
                IValue::Double(dropout),
            ],
        )
    };
    match by {
        Attention::Flash => call("flash", [query, key, value].map(Tensor::shallow_clone)),
        // Windows of different lengths are one batch to it.
        Attention::Efficient => {
            let one = |tensor: &Tensor| tensor.f_unsqueeze(0);
            Ok(call("efficient", [one(query)?, one(key)?, one(value)?])?.f_squeeze_dim(0)?)
        }
    }
}

/// The constants of one step of AdamW for elements that learn at one rate.
#[derive(Debug, Clone, Copy)]
pub(crate) struct AdamWStep {
    pub(crate) rate: f64,
    pub(crate) beta1: f64,
    pub(crate) beta2: f64,
    pub(crate) decay: f64,
    pub(crate) epsilon: f64,
}

/// One step of AdamW, in place, by `gradient / divisor`. `step`, from 1, and `divisor` are scalars on the
/// device of the vectors.
pub(crate) fn adamw(
    [values, gradient, mean, square]: [&Tensor; 4],
    step: &Tensor,
    divisor: &Tensor,
    constants: AdamWStep,
) -> Result<()> {
    let list = |tensor: &Tensor| IValue::TensorList(vec![tensor.shallow_clone()]);
    let lists = [values, gradient, mean, square, step].map(list);
    let divisor = IValue::Tensor(divisor.shallow_clone());
    let AdamWStep { rate, beta1, beta2, decay, epsilon } = constants;
    let numbers = [rate, beta1, beta2, decay, epsilon].map(IValue::Double);
    let module = module()?;
    module.method_is(
        "adamw",
        &lists.into_iter().chain([divisor]).chain(numbers).collect::<Vec<_>>(),
    )?;
    Ok(())
}

fn call(name: &str, arguments: &[IValue]) -> Result<Tensor> {
    match module()?.method_is(name, arguments)? {
        IValue::Tensor(tensor) => Ok(tensor),
        other => Err(TchError::Kind(format!("{name} returned {other:?}")).into()),
    }
}

fn module() -> Result<&'static CModule> {
    static MODULE: OnceLock<std::result::Result<CModule, String>> = OnceLock::new();
    let load = || CModule::load_data(&mut Cursor::new(archive()?)).map_err(|e| e.to_string());
    let loaded = MODULE.get_or_init(load);
    loaded.as_ref().map_err(|reason| TchError::Torch(reason.clone()).into())
}

/// The file that `torch.jit.load` reads.
fn archive() -> std::result::Result<Vec<u8>, String> {
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    let stored = SimpleFileOptions::default().compression_method(CompressionMethod::Stored);
    let files: [(&str, &[u8]); 4] = [
        ("data.pkl", OBJECT),
        ("code/__torch__.py", SOURCE.as_bytes()),
        ("constants.pkl", CONSTANTS),
        ("version", b"3\n"),
    ];
    for (name, content) in files {
        zip.start_file(format!("kernels/{name}"), stored).map_err(|error| error.to_string())?;
        zip.write_all(content).map_err(|error| error.to_string())?;
    }
    Ok(zip.finish().map_err(|error| error.to_string())?.into_inner())
}

#[cfg(test)]
mod tests;
