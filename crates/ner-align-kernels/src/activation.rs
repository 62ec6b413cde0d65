//! Activations with the bias before them.

use crate::element::Element;
use crate::isa::{Isa, fma, kernel};
use crate::math::{density, share_below, tanh};

/// The activations of the BERT family.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Activation {
    /// `x` times the share of a normal distribution below it (Hendrycks and Gimpel 2016).
    Gelu,
    /// The same by a hyperbolic tangent.
    GeluTanh,
    /// `max(x, 0)`.
    Relu,
}

/// A function and its slope at the same place.
trait Curve {
    fn value<I: Isa>(x: f32) -> f32;
    fn value_and_slope<I: Isa>(x: f32) -> (f32, f32);
}

struct Gelu;
struct GeluTanh;
struct Relu;

impl Curve for Gelu {
    #[inline(always)]
    fn value<I: Isa>(x: f32) -> f32 {
        x * share_below::<I>(x)
    }

    #[inline(always)]
    fn value_and_slope<I: Isa>(x: f32) -> (f32, f32) {
        let below = share_below::<I>(x);
        (x * below, fma::<I>(x, density::<I>(x), below))
    }
}

/// The root of 2 over pi, and the weight of the cube.
const INNER: [f32; 2] = [0.797_884_6, 0.044_715];

impl Curve for GeluTanh {
    #[inline(always)]
    fn value<I: Isa>(x: f32) -> f32 {
        Self::value_and_slope::<I>(x).0
    }

    #[inline(always)]
    fn value_and_slope<I: Isa>(x: f32) -> (f32, f32) {
        let [scale, cube] = INNER;
        let bent = tanh::<I>(scale * x * fma::<I>(cube, x * x, 1.0));
        let slope = scale * fma::<I>(3.0 * cube, x * x, 1.0);
        let half = 0.5 * (1.0 + bent);
        (x * half, fma::<I>(0.5 * x * (1.0 - bent * bent), slope, half))
    }
}

impl Curve for Relu {
    #[inline(always)]
    fn value<I: Isa>(x: f32) -> f32 {
        if x > 0.0 { x } else { 0.0 }
    }

    #[inline(always)]
    fn value_and_slope<I: Isa>(x: f32) -> (f32, f32) {
        if x > 0.0 { (x, 1.0) } else { (0.0, 0.0) }
    }
}

kernel! {
    /// `output = activation(input + bias)`, matrices `[rows, columns]`, `bias` `[columns]`.
    pub fn activate<T: Element>(
        activation: Activation,
        bias: &[f32],
        input: &[T],
        output: &mut [T],
    ) = activate_body
}

kernel! {
    /// The way back through [`activate`]: `output` becomes what it gave, `gradient`, before that of
    /// the output, that of the input; what the bias gets is added to `to_bias`.
    pub fn activate_backward<T: Element>(
        activation: Activation,
        bias: &[f32],
        input: &[T],
        output: &mut [T],
        gradient: &mut [T],
        to_bias: &mut [f32],
    ) = activate_backward_body
}

/// `output[i] = activation(input(i) + bias[i])`.
#[inline(always)]
pub(crate) fn activate_row<I: Isa, T: Element>(
    activation: Activation,
    bias: &[f32],
    input: impl Fn(usize) -> f32,
    output: &mut [T],
) {
    match activation {
        Activation::Gelu => of_row::<I, T, Gelu>(bias, input, output),
        Activation::GeluTanh => of_row::<I, T, GeluTanh>(bias, input, output),
        Activation::Relu => of_row::<I, T, Relu>(bias, input, output),
    }
}

#[inline(always)]
fn of_row<I: Isa, T: Element, C: Curve>(
    bias: &[f32],
    input: impl Fn(usize) -> f32,
    output: &mut [T],
) {
    let bias = &bias[..output.len()];
    for at in 0..output.len() {
        output[at] = T::from_f32(C::value::<I>(input(at) + bias[at]));
    }
}

#[inline(always)]
fn activate_body<I: Isa, T: Element>(
    activation: Activation,
    bias: &[f32],
    input: &[T],
    output: &mut [T],
) {
    match activation {
        Activation::Gelu => forward::<I, T, Gelu>(bias, input, output),
        Activation::GeluTanh => forward::<I, T, GeluTanh>(bias, input, output),
        Activation::Relu => forward::<I, T, Relu>(bias, input, output),
    }
}

#[inline(always)]
fn forward<I: Isa, T: Element, C: Curve>(bias: &[f32], input: &[T], output: &mut [T]) {
    let columns = bias.len();
    for (input, output) in input.chunks_exact(columns).zip(output.chunks_exact_mut(columns)) {
        of_row::<I, T, C>(bias, |at| input[at].to_f32(), output);
    }
}

#[inline(always)]
fn activate_backward_body<I: Isa, T: Element>(
    activation: Activation,
    bias: &[f32],
    input: &[T],
    output: &mut [T],
    gradient: &mut [T],
    to_bias: &mut [f32],
) {
    match activation {
        Activation::Gelu => backward::<I, T, Gelu>(bias, input, output, gradient, to_bias),
        Activation::GeluTanh => backward::<I, T, GeluTanh>(bias, input, output, gradient, to_bias),
        Activation::Relu => backward::<I, T, Relu>(bias, input, output, gradient, to_bias),
    }
}

#[inline(always)]
fn backward<I: Isa, T: Element, C: Curve>(
    bias: &[f32],
    input: &[T],
    output: &mut [T],
    gradient: &mut [T],
    to_bias: &mut [f32],
) {
    let columns = bias.len();
    let to_bias = &mut to_bias[..columns];
    let rows = input.chunks_exact(columns).zip(output.chunks_exact_mut(columns));
    for ((input, output), gradient) in rows.zip(gradient.chunks_exact_mut(columns)) {
        for at in 0..columns {
            let (value, slope) = C::value_and_slope::<I>(input[at].to_f32() + bias[at]);
            output[at] = T::from_f32(value);
            let inner = gradient[at].to_f32() * slope;
            gradient[at] = T::from_f32(inner);
            to_bias[at] += inner;
        }
    }
}
