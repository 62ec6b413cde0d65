//! What a person should know of a run, as values.

use std::collections::BTreeMap;
use std::fmt;
use std::path::PathBuf;

use ner_align_core::{AlignmentCounts, Finding, Label, LabelSet, Scheme, Severity};
use ner_align_corpus::Resolved;
use serde::{Deserialize, Serialize};

use crate::settings::Precision;

/// What a corpus is used for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Split {
    /// The model learns from it.
    Train,
    /// The model is scored on it after each epoch, and the best one kept.
    Dev,
    /// The best model is scored on it once, at the end.
    Test,
}

impl Split {
    /// `train`, `dev` or `test`.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Train => "train",
            Self::Dev => "dev",
            Self::Test => "test",
        }
    }
}

impl fmt::Display for Split {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// Something that does not stop a run, and that a person should know.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub enum Notice {
    /// A corpus was read in another way than it was written.
    Findings {
        /// The corpus.
        split: Split,
        /// How many findings there were of each code.
        counts: BTreeMap<String, usize>,
        /// The first findings, with their places.
        findings: Vec<Finding>,
    },
    /// Policies settled entities that tags cannot hold.
    Resolved {
        /// The corpus.
        split: Split,
        /// What the policies did.
        resolved: Resolved,
    },
    /// Words or spans were lost, or texts cut, on the way to windows.
    Alignment {
        /// The corpus.
        split: Split,
        /// What became of the words.
        counts: AlignmentCounts,
    },
    /// The development data have no entities, so that no epoch can be called the best.
    NoEntities {
        /// The corpus.
        split: Split,
    },
    /// Entities of a type that the training data lack count as missed.
    UnknownType {
        /// The corpus.
        split: Split,
        /// The type.
        label: Label,
        /// Number of its entities.
        entities: usize,
    },
    /// There are so many classes that decoding is slow.
    ManyClasses {
        /// Number of entity types.
        types: usize,
        /// Number of classes.
        classes: usize,
    },
    /// The model was fine-tuned for other classes, whose head a new one replaces.
    NewHead {
        /// The model's classes, by id.
        classes: Vec<String>,
        /// The first class of the run that the model lacks.
        lacks: String,
    },
    /// The base model finds types that the training data lack, and the run keeps them.
    KeptTypes {
        /// The types.
        types: Vec<Label>,
    },
    /// A model with a CRF is evaluated by argmax, without its transitions.
    UnusedTransitions,
    /// The best model predicts no entity on the development data.
    NothingPredicted {
        /// Optimizer steps of the run.
        steps: usize,
    },
    /// The machine has a GPU that the run could have chosen and cannot use.
    UnusedGpu {
        /// What it lacks.
        reason: String,
    },
    /// The type of numbers that was chosen for this machine.
    Precision {
        /// The type.
        precision: Precision,
    },
    /// The development data are the training data.
    DevIsTrain,
    /// The training corpora have tags in several schemes, which are brought to one.
    Schemes {
        /// The schemes of the corpora.
        found: Vec<Scheme>,
        /// The scheme of the run.
        taken: Scheme,
    },
    /// The learning rate rises for as long as the run lasts.
    LongWarmup {
        /// Steps of the warm-up.
        warmup: usize,
        /// Steps of the run.
        steps: usize,
    },
    /// A setting looks at documents, and no document has two sentences.
    DocumentsOfOneSentence {
        /// The setting, as a config file has it.
        setting: String,
    },
    /// Batches are smaller than asked for, since the data are few.
    SmallBatches {
        /// Windows in a batch.
        size: usize,
        /// Windows that were asked for.
        asked: usize,
        /// Steps that an epoch has at least.
        epoch_steps: usize,
    },
    /// There was no checkpoint to resume from.
    NothingToResume {
        /// The folder of the run.
        output: PathBuf,
    },
    /// The run replaces an earlier one in its folder.
    ReplacesRun {
        /// The folder of the run.
        output: PathBuf,
    },
}

impl Notice {
    /// The notice for a model with classes of its own that are not those of the run.
    pub(super) fn of_head(own: Option<&LabelSet>, wanted: &LabelSet) -> Option<Self> {
        let own = own.filter(|own| own.ids_of(wanted).is_none())?;
        let lacks = (0..wanted.len()).find(|&id| match wanted.tag(id) {
            Some(tag) => own.id(tag).is_none(),
            None => !own.names().contains(&wanted.names()[id]),
        });
        let lacks = wanted.names().get(lacks?)?.clone();
        Some(Self::NewHead { classes: own.names().to_vec(), lacks })
    }

    /// How bad it is.
    #[must_use]
    pub fn severity(&self) -> Severity {
        match self {
            Self::Findings { .. }
            | Self::Alignment { .. }
            | Self::NoEntities { .. }
            | Self::UnknownType { .. }
            | Self::NothingPredicted { .. }
            | Self::UnusedGpu { .. }
            | Self::DevIsTrain
            | Self::LongWarmup { .. }
            | Self::ManyClasses { .. }
            | Self::UnusedTransitions => Severity::Warning,
            Self::NewHead { .. }
            | Self::KeptTypes { .. }
            | Self::Precision { .. }
            | Self::Schemes { .. }
            | Self::DocumentsOfOneSentence { .. }
            | Self::SmallBatches { .. }
            | Self::NothingToResume { .. }
            | Self::Resolved { .. }
            | Self::ReplacesRun { .. } => Severity::Info,
        }
    }

    /// The corpus that it is about, if it is about one.
    #[must_use]
    pub const fn split(&self) -> Option<Split> {
        match self {
            Self::Findings { split, .. }
            | Self::Resolved { split, .. }
            | Self::Alignment { split, .. }
            | Self::NoEntities { split }
            | Self::UnknownType { split, .. } => Some(*split),
            _ => None,
        }
    }
}

impl fmt::Display for Notice {
    /// What is to be known, without the corpus that it is about; several lines where there are
    /// several things.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Findings { counts, findings, .. } => {
                for (line, (code, count)) in counts.iter().enumerate() {
                    let first = findings.iter().find(|finding| finding.code == *code);
                    f.write_str(if line > 0 { "\n" } else { "" })?;
                    write!(f, "{code} ×{count}")?;
                    if let Some(first) = first {
                        write!(f, "; first: {first}")?;
                    }
                }
                Ok(())
            }
            Self::Resolved { resolved, .. } => {
                let lines = resolved.changes().map(|(count, what)| format!("{count} {what}"));
                f.write_str(&lines.collect::<Vec<_>>().join("\n"))
            }
            Self::Alignment { counts, .. } => {
                let lines: Vec<String> =
                    counts.losses().map(|(count, what)| format!("{count} {what}")).collect();
                f.write_str(&lines.join("\n"))
            }
            Self::NoEntities { .. } => {
                f.write_str("no entities, so that no epoch can be called the best")
            }
            Self::UnknownType { label, entities, .. } => write!(
                f,
                "{entities} entities of type {label}, which the training data lack: counted as \
                 missed"
            ),
            Self::ManyClasses { types, classes } => write!(
                f,
                "{types} entity types make {classes} classes, which take time and memory; if they are no types, name \
                 the column of the tags with `tag_column`"
            ),
            Self::NewHead { classes, lacks } => write!(
                f,
                "the model has a head for the classes {}, without {lacks}: a new head is trained",
                first_names(classes)
            ),
            Self::KeptTypes { types } => {
                let names: Vec<String> = types.iter().map(ToString::to_string).collect();
                write!(
                    f,
                    "the model also finds {}, which the training data do not mark: it keeps them, by \
                     its own answers for words without a label; `base_types = \"drop\"` trains \
                     without them",
                    first_names(&names)
                )
            }
            Self::NothingPredicted { steps } => write!(
                f,
                "the best model predicts no entity after {steps} steps: train for more epochs, with \
                 a higher learning_rate or a smaller batch_size; if that does not help, look at the \
                 loss and at the tags"
            ),
            Self::UnusedGpu { reason } => write!(
                f,
                "there is an NVIDIA driver, and the run is on the CPU: {reason}; `cargo xtask setup` or an \
                 installed PyTorch 2.11 has it, device = \"cpu\" asks for none"
            ),
            Self::Precision { precision } => {
                write!(f, "the model computes in {precision}, the fastest type on this machine")
            }
            Self::DevIsTrain => f.write_str(
                "the development data are the training data: scores on them say nothing of new \
                 texts",
            ),
            Self::Schemes { found, taken } => {
                let found: Vec<&str> = found.iter().map(|scheme| scheme.as_str()).collect();
                write!(f, "tags in {} are brought to {taken}", found.join(" and "))
            }
            Self::LongWarmup { warmup, steps } => write!(
                f,
                "the learning rate rises over {warmup} steps, and the run has {steps}: it never \
                 reaches learning_rate; set warmup_steps to a tenth of the steps"
            ),
            Self::UnusedTransitions => {
                f.write_str("decode = argmax evaluates a CRF without its transitions")
            }
            Self::DocumentsOfOneSentence { setting } => write!(
                f,
                "{setting} changes nothing: no document of the training data has two sentences; \
                 read several sentences as a document where no documents are marked"
            ),
            Self::SmallBatches { size, asked, epoch_steps } => write!(
                f,
                "batches of {size}, not {asked}, for so few sentences (epoch_steps = {epoch_steps})"
            ),
            Self::NothingToResume { output } => {
                write!(f, "{}: no checkpoint to resume from: a new run", output.display())
            }
            Self::ReplacesRun { output } => {
                write!(f, "{}: a new run in place of the one before", output.display())
            }
        }
    }
}

/// Classes that a notice names.
const NAMED: usize = 10;

/// The first of these names.
fn first_names(names: &[String]) -> String {
    let shown = names.iter().take(NAMED).map(String::as_str).collect::<Vec<_>>().join(" ");
    match names.len().saturating_sub(NAMED) {
        0 => shown,
        more => format!("{shown} and {more} more"),
    }
}
