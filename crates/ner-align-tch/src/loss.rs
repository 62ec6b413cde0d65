//! The loss of rows: cross-entropy and its relatives.

use ner_align_core::{Batch, IGNORE_INDEX, SoftTarget};
use tch::{Device, Kind, Reduction, Tensor};

use crate::error::{ModelError, Result};

/// How a row's loss is computed and weighed.
#[derive(Debug, Clone, PartialEq, Default)]
#[non_exhaustive]
pub struct LossConfig {
    /// Share of a target's probability that is spread over all classes, 0 to 1 (Szegedy et al.
    /// 2016).
    pub label_smoothing: f64,
    /// Exponent of focal loss, which gives less weight to rows that the model gets right (Lin et
    /// al. 2017). 0: plain cross-entropy.
    pub focal_gamma: f64,
    /// Weight of each class; a row has the weight of its target. Empty: all have the weight 1.
    pub class_weights: Vec<f64>,
}

ner_align_core::setters! { LossConfig {
    with_label_smoothing: label_smoothing: f64,
    with_focal_gamma: focal_gamma: f64,
    with_class_weights: class_weights: Vec<f64>,
} }

impl LossConfig {
    /// Refuses settings that do not apply to a CRF, whose loss is that of paths, not of rows.
    pub(crate) fn check_for_chains(&self) -> Result<()> {
        let refuse = |what, expected, found| Err(ModelError::LossOfRows { what, expected, found });
        if self.label_smoothing != 0.0 {
            return refuse("label smoothing", "0", self.label_smoothing.to_string());
        }
        if self.focal_gamma != 0.0 {
            return refuse("gamma of focal loss", "0", self.focal_gamma.to_string());
        }
        match self.class_weights.len() {
            0 => Ok(()),
            found => refuse("class weights", "none", found.to_string()),
        }
    }
}

/// What is learned from one batch: the classes of its rows, and the soft targets of rows that have
/// no class.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Lesson<'a> {
    pub(crate) batch: &'a Batch,
    pub(crate) soft: &'a [(usize, SoftTarget)],
}

/// The loss of one model.
#[derive(Debug)]
pub(crate) struct Loss {
    config: LossConfig,
    weights: Option<Tensor>,
}

/// A sum divided by the total weight of the rows; 0 if the rows have no weight.
pub(crate) fn share(sum: &Tensor, total: f64) -> Result<Tensor> {
    Ok(if total > 0.0 { sum.f_div_scalar(total)? } else { sum.f_mul_scalar(0.0)? })
}

/// Refuses targets that are neither ignored nor a class, and another number of them than of rows.
pub(crate) fn check_targets(batch: &Batch, classes: usize) -> Result<()> {
    let Batch { rows, targets, .. } = batch;
    if targets.len() != rows.len() {
        return Err(ModelError::Batch {
            expected: format!("a target for each of {} rows", rows.len()),
            found: targets.len().to_string(),
        });
    }
    let limit = classes as i64;
    match targets.iter().find(|&&id| id != IGNORE_INDEX && !(0..limit).contains(&id)) {
        Some(&found) => Err(ModelError::OutOfRange { what: "class id", found, limit }),
        None => Ok(()),
    }
}

/// The same of a batch with soft targets.
pub(crate) fn check_lesson(lesson: Lesson<'_>, classes: usize) -> Result<()> {
    check_targets(lesson.batch, classes)?;
    let rows = lesson.batch.rows.len();
    for (row, target) in lesson.soft {
        let refuse = |(expected, found)| ModelError::Batch { expected, found };
        if *row >= rows {
            return Err(refuse((format!("a soft target of one of {rows} rows"), row.to_string())));
        }
        target.check(classes).map_err(refuse)?;
    }
    Ok(())
}

/// The sum of the losses of rows with soft targets; `logits` is `[rows, classes]`.
fn soft_sum(logits: &Tensor, soft: &[(usize, SoftTarget)]) -> Result<Tensor> {
    let (device, classes) = (logits.device(), logits.size().last().copied().unwrap_or_default());
    let rows: Vec<i64> = soft.iter().map(|(row, _)| *row as i64).collect();
    let rows = Tensor::f_from_slice(&rows)?.f_to_device(device)?;
    let log_p = logits.f_index_select(0, &rows)?.f_log_softmax(-1, Kind::Float)?;
    // Of AnyOf a row holds the logarithm of what a class counts, 0 or minus infinity; of a
    // distribution all count, so that the logarithm of their sum is 0, and the weights count.
    let mut weights = vec![0.0_f32; soft.len() * classes as usize];
    let mut counts = weights.clone();
    let rows = weights.chunks_mut(classes as usize).zip(counts.chunks_mut(classes as usize));
    for ((_, target), (weights, counts)) in soft.iter().zip(rows) {
        match target {
            SoftTarget::AnyOf(ids) => {
                counts.fill(f32::NEG_INFINITY);
                ids.iter().for_each(|&id| counts[id] = 0.0);
            }
            SoftTarget::Distribution(row) => weights.copy_from_slice(row),
            _ => {}
        }
    }
    let shape = [soft.len() as i64, classes];
    let tensor = |values: &[f32]| -> Result<Tensor> {
        Ok(Tensor::f_from_slice(values)?.f_view(shape)?.f_to_device(device)?)
    };
    let known = log_p.f_mul(&tensor(&weights)?)?.f_sum(Kind::Float)?;
    let any = log_p.f_add(&tensor(&counts)?)?.f_logsumexp([-1_i64], false)?;
    Ok(known.f_add(&any.f_sum(Kind::Float)?)?.f_neg()?)
}

impl Loss {
    /// Refuses weights that are not one a class, or less than 0.
    pub(crate) fn new(config: LossConfig, classes: usize, device: Device) -> Result<Self> {
        let fits = |weight: &f64| *weight >= 0.0 && weight.is_finite();
        if let Some(found) = config.class_weights.iter().copied().find(|weight| !fits(weight)) {
            return Err(ModelError::ClassWeight { found });
        }
        let weights = match config.class_weights.len() {
            0 => None,
            len if len == classes => {
                let weights = Tensor::f_from_slice(&config.class_weights)?;
                Some(weights.f_to_kind(Kind::Float)?.f_to_device(device)?)
            }
            len => {
                let (found, limit) = (len as i64, classes as i64);
                return Err(ModelError::OutOfRange {
                    what: "number of class weights",
                    found,
                    limit,
                });
            }
        };
        Ok(Self { config, weights })
    }

    /// The total weight of a batch's rows: their number, unless classes have weights. A row with a
    /// soft target has the weight 1.
    pub(crate) fn weight(&self, lesson: Lesson<'_>) -> f64 {
        self.weight_of_classes(lesson.batch) + lesson.soft.len() as f64
    }

    fn weight_of_classes(&self, batch: &Batch) -> f64 {
        let of = |target: i64| match self.config.class_weights.as_slice() {
            [] => 1.0,
            weights => {
                usize::try_from(target).ok().and_then(|t| weights.get(t)).copied().unwrap_or(0.0)
            }
        };
        batch
            .targets
            .iter()
            .filter(|&&target| target != IGNORE_INDEX)
            .map(|&target| of(target))
            .sum()
    }

    /// The sum over the rows of `logits`, `[rows, classes]`, divided by `total`, as a scalar.
    /// The targets are classes or ignored. Settings of the loss apply to rows with a class.
    pub(crate) fn of(
        &self,
        logits: &Tensor,
        targets: &Tensor,
        soft: &[(usize, SoftTarget)],
        total: f64,
    ) -> Result<Tensor> {
        let entropy = |reduction| {
            logits.f_cross_entropy_loss(
                targets,
                self.weights.as_ref(),
                reduction,
                IGNORE_INDEX,
                self.config.label_smoothing,
            )
        };
        let hard = if self.config.focal_gamma == 0.0 {
            entropy(Reduction::Sum)?
        } else {
            // The probability of the target, from the plain cross-entropy of its row.
            let plain = logits.f_cross_entropy_loss(
                targets,
                None::<&Tensor>,
                Reduction::None,
                IGNORE_INDEX,
                0.0,
            )?;
            let wrong = plain.f_neg()?.f_exp()?.f_neg()?.f_add_scalar(1.0)?;
            // A root of zero has no slope.
            let focus = wrong.f_clamp_min(1e-12)?.f_pow_tensor_scalar(self.config.focal_gamma)?;
            entropy(Reduction::None)?.f_mul(&focus)?.f_sum(None)?
        };
        let sum = if soft.is_empty() { hard } else { hard.f_add(&soft_sum(logits, soft)?)? };
        share(&sum, total)
    }
}
