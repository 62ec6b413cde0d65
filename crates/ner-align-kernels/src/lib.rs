//! The arithmetic of a transformer's step on a processor.
//!
//! A step of training in single operations reads and writes every activation a dozen times between
//! two matrix products. The functions here do in one pass over memory what stands between two of
//! them: [`add_norm`] adds bias, dropout and residual before a layer norm, [`activate`] adds a bias
//! before an activation, [`attend`] computes attention without a matrix of all scores, [`adamw`]
//! updates parameters. Each has its way back, written out. [`product`] multiplies matrices, and
//! [`Multiplied::is_fast`] says whether it is compiled for the processor.
//!
//! Every function computes on the thread that calls it, over slices of matrices in rows. Activations
//! are f32 or [`Bf16`]; all arithmetic is f32. One body is compiled for AVX-512, AVX2 and the least
//! that the target has, and the best is chosen at run time.
//!
//! ```
//! use ner_align_kernels::{Activation, activate, activate_backward};
//! // Two rows of three columns.
//! let (bias, input) = ([0.5, 0.0, -1.0], [1.0, -2.0, 3.0, 0.0, 0.25, 1.0_f32]);
//! let mut output = [0.0_f32; 6];
//! activate(Activation::Relu, &bias, &input, &mut output);
//! assert_eq!(output, [1.5, 0.0, 2.0, 0.5, 0.25, 0.0]);
//! let (mut gradient, mut to_bias) = ([1.0_f32; 6], [0.0; 3]);
//! activate_backward(Activation::Relu, &bias, &input, &mut output, &mut gradient, &mut to_bias);
//! assert_eq!(to_bias, [2.0, 1.0, 1.0]);
//! ```

#![expect(clippy::too_many_arguments, reason = "a kernel takes each of its vectors")]
#![expect(
    clippy::needless_range_loop,
    reason = "loops by index over slices of one length are vectors"
)]

mod activation;
mod adamw;
mod attention;
mod dropout;
mod element;
mod int8;
mod isa;
mod math;
mod matmul;
mod norm;
mod turn;

pub use activation::{Activation, activate, activate_backward};
pub use adamw::{Update, adamw, sum_of_squares};
pub use attention::{
    Attention, AttentionSpace, Projected, ToProjected, ToQuery, attend, attend_backward,
};
pub use dropout::{Dropout, PER_WORD, mix, words};
pub use element::{Bf16, Element};
pub use int8::{Integer, RowScale, dequantize, quantize_rows, totals};
pub use isa::Instructions;
pub use matmul::{Factor, Finish, IntegerMatrix, IntegerRows, Multiplied, ProductSpace, product};
pub use norm::{
    Branch, Forward, Norm, NormSums, STATS, add_norm, add_norm_backward, drop_in_place, norm,
};
