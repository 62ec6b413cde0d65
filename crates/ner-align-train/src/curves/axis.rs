//! Axes with round numbers.

/// From the first to the last of `ticks`, which are the same distance apart.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Axis {
    pub(super) low: f64,
    pub(super) high: f64,
    pub(super) ticks: Vec<f64>,
    step: f64,
}

impl Axis {
    /// An axis around values, at most `most` + 1 ticks with 1, 2 or 5 times a power of ten between
    /// them. Without values, or with one alone, it is as wide as the value, or as 1.
    pub(super) fn around(values: impl Iterator<Item = f64>, most: usize) -> Self {
        let (low, high) = values
            .filter(|value| value.is_finite())
            .fold((f64::MAX, f64::MIN), |(low, high), value| (low.min(value), high.max(value)));
        let (low, high) = match high - low {
            span if span > high.abs() * 1e-9 && span.is_finite() => (low, high),
            _ if low > high => (0.0, 1.0),
            _ if low == 0.0 => (0.0, 1.0),
            _ => (low - low.abs() / 2.0, low + low.abs() / 2.0),
        };
        // One more than `most` may be needed where the ends fall between ticks.
        let mut step = round_up((high - low) / most.max(1) as f64);
        while (high / step).ceil() - (low / step).floor() > most as f64 {
            step = round_up(step * 1.5);
        }
        let (first, last) = ((low / step).floor(), (high / step).ceil());
        let ticks = (0..=(last - first) as usize).map(|index| (first + index as f64) * step);
        let ticks: Vec<f64> = ticks.collect();
        Self { low: first * step, high: last * step, ticks, step }
    }

    /// The same, ending with this value instead of the tick beyond it.
    pub(super) fn until(mut self, high: f64) -> Self {
        self.high = high;
        self.ticks.retain(|tick| *tick <= high * (1.0 + 1e-9));
        self
    }

    /// How far along the axis a value lies, from 0 to 1.
    pub(super) fn place(&self, value: f64) -> f64 {
        (value - self.low) / (self.high - self.low)
    }

    /// A tick as it is written: as many digits as tell it from the next one, powers of ten where
    /// numbers are very small or large.
    pub(super) fn text(&self, tick: f64) -> String {
        if tick.abs() < self.step / 2.0 {
            return "0".to_owned();
        }
        let largest = self.low.abs().max(self.high.abs());
        if (1e-3..1e6).contains(&largest) {
            return if self.step >= 1000.0 {
                format!("{}k", decimal(tick / 1000.0, self.step / 1000.0))
            } else {
                decimal(tick, self.step)
            };
        }
        let exponent = largest.log10().floor() as i32;
        let unit = 10_f64.powi(exponent);
        format!("{}e{exponent}", decimal(tick / unit, self.step / unit))
    }
}

fn decimal(value: f64, step: f64) -> String {
    let digits = (-(step * (1.0 + 1e-9)).log10().floor()).max(0.0) as usize;
    format!("{value:.digits$}")
}

/// The next of 1, 2, 5 times a power of ten.
fn round_up(value: f64) -> f64 {
    let unit = 10_f64.powf(value.log10().floor());
    let factor = [1.0, 2.0, 5.0].into_iter().find(|factor| value <= factor * unit * (1.0 + 1e-9));
    factor.unwrap_or(10.0) * unit
}
