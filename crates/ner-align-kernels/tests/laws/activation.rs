use ner_align_kernels::{Activation, Bf16, Element, activate, activate_backward};

use crate::numbers::{close, everywhere, numbers, of, rounded, slopes};

/// The share of a normal distribution below `x`, by a series.
fn below(x: f64) -> f64 {
    let (mut term, mut sum) = (x, x);
    for n in 1..200 {
        term *= x * x / f64::from(2 * n + 1);
        sum += term;
    }
    0.5 + sum * (-0.5 * x * x).exp() / (2.0 * std::f64::consts::PI).sqrt()
}

fn expected(activation: Activation, x: f64) -> f64 {
    match activation {
        Activation::Gelu => x * below(x),
        Activation::GeluTanh => {
            let inner = (2.0 / std::f64::consts::PI).sqrt() * (x + 0.044_715 * x.powi(3));
            0.5 * x * (1.0 + inner.tanh())
        }
        Activation::Relu => x.max(0.0),
    }
}

fn check<T: Element>(activation: Activation, most: f64) {
    let (rows, columns) = (4, 37);
    let what = format!("{activation:?}");
    let scaled = |seed, count| -> Vec<f64> {
        rounded::<T>(&numbers(seed, count).iter().map(|x| x * 4.0).collect::<Vec<_>>())
    };
    let (input, gradient) = (scaled(1, rows * columns), scaled(2, rows * columns));
    let bias = rounded::<f32>(&numbers(3, columns));
    let bias_f32 = of::<f32>(&bias);
    let sums: Vec<f64> = input.iter().enumerate().map(|(at, x)| x + bias[at % columns]).collect();
    let values: Vec<f64> = sums.iter().map(|&x| expected(activation, x)).collect();
    let mut output = vec![T::ZERO; input.len()];
    activate(activation, &bias_f32, &of::<T>(&input), &mut output);
    close(&what, &output, &values, most);

    let mut inner = of::<T>(&gradient);
    let (mut again, mut to_bias) = (vec![T::ZERO; input.len()], vec![0.0_f32; columns]);
    let before = of::<T>(&input);
    activate_backward(activation, &bias_f32, &before, &mut again, &mut inner, &mut to_bias);
    close(&what, &again, &values, most);
    let slopes: Vec<f64> =
        sums.iter().map(|&x| slopes(&[x], |x| expected(activation, x[0]))[0]).collect();
    let through: Vec<f64> = slopes.iter().zip(&gradient).map(|(one, other)| one * other).collect();
    close(&format!("{what} back"), &inner, &through, most * 2.0);
    let columnwise: Vec<f64> =
        (0..columns).map(|at| through.iter().skip(at).step_by(columns).sum()).collect();
    close(&format!("{what} to bias"), &to_bias, &columnwise, most * 2.0);
}

#[test]
fn activations_and_their_way_back() {
    for activation in [Activation::Gelu, Activation::GeluTanh, Activation::Relu] {
        everywhere(|most| check::<f32>(activation, most), |most| check::<Bf16>(activation, most));
    }
}
