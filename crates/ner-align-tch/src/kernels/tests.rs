use tch::{Device, Kind};

use super::*;

fn numbers(shape: &[i64]) -> Tensor {
    let count = shape.iter().product::<i64>();
    (Tensor::arange(count, (Kind::Float, Device::Cpu)) * 0.37).sin().view(shape)
}

#[test]
fn attention_over_windows_is_known_to_libtorch_and_not_to_the_cpu() {
    let part = numbers(&[5, 2, 8]);
    let starts = Tensor::from_slice(&[0_i32, 2, 5]);
    let spans = Spans { starts: &starts, longest: 3 };
    for (by, name) in [
        (Attention::Flash, "_flash_attention_forward"),
        (Attention::Efficient, "_efficient_attention_forward"),
    ] {
        // Arguments are checked first, then the device.
        let error = attention(by, [&part; 3], spans, spans, 0.1).unwrap_err().to_string();
        assert!(error.contains(name) && error.contains("'CPU' backend"), "{error}");
    }
}

#[test]
fn one_step_of_adamw_by_hand() {
    let [values, mean, square] = [2.0_f32, 0.0, 0.0].map(|value| Tensor::from_slice(&[value]));
    let gradient = Tensor::from_slice(&[6.0_f32]);
    let (step, divisor) = (Tensor::from(1.0_f32), Tensor::from(2.0_f32));
    let constants = AdamWStep { rate: 0.1, beta1: 0.9, beta2: 0.99, decay: 0.5, epsilon: 0.0 };
    adamw([&values, &gradient, &mean, &square], &step, &divisor, constants).unwrap();
    // The first step is by the sign of the gradient: 2 (1 - 0.1 0.5) - 0.1.
    for (tensor, expected) in [(&values, 1.8), (&mean, 0.3), (&square, 0.09)] {
        assert!((tensor.double_value(&[0]) - expected).abs() < 1e-6, "{tensor:?}");
    }
}
