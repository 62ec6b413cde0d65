//! Kernels against plain code in f64, and their ways back against differences of it, with every
//! instruction set that this processor has.

mod activation;
mod attention;
mod norm;
mod numbers;
mod optimizer;
mod products;
