//! Which documents to annotate next: those that would teach a model most.
//!
//! A document is worth what the model is unsure of in it ([`Uncertainty`]). Documents are chosen one by
//! one. Each time the best one is taken, and what it asks about is asked once: another document loses the
//! share of its worth that comes of mentions with the same words, whatever their case. So a list of a
//! hundred documents is not a hundred times the same open question.
//!
//! [`Predictor::suggest`](crate::Predictor::suggest) does it for a model of the toolkit. [`CandidateBuilder`] takes
//! probabilities of any model, and [`rank`] chooses.
//!
//! ```
//! use ndarray::array;
//! use ner_align_core::{Label, LabelSet, Scheme, Tag};
//! use ner_align_pipeline::suggest::{CandidateBuilder, Uncertainty, rank};
//! let labels = LabelSet::new(Label::new("LOC"), Scheme::Iob2); // O B-LOC I-LOC
//! let of = |words: &[&str], place: f32| {
//!     let probabilities = array![[1.0, 0.0, 0.0], [1.0 - place, place, 0.0]];
//!     let tags = [Tag::Outside, Tag::parse("B-LOC").unwrap()];
//!     let mut candidate = CandidateBuilder::new(Uncertainty::Mnlp, &labels);
//!     candidate.add_sentence(words, probabilities.view(), &tags, None);
//!     candidate.finish()
//! };
//! let candidates = [
//!     of(&["in", "Oslo"], 0.9),
//!     of(&["to", "Tromsø"], 0.6),
//!     of(&["near", "TROMSØ"], 0.55),
//! ];
//! let chosen: Vec<usize> = rank(&candidates, 3).iter().map(|own| own.index).collect();
//! // The model is least sure of the last one. After it the same place is no question any more.
//! assert_eq!(chosen, [2, 0, 1]);
//! ```

mod candidate;
mod ranking;

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

pub use candidate::{Candidate, CandidateBuilder, Doubt};
pub use ranking::{Chosen, rank};

use crate::settings::UnknownChoice;
use crate::settings::choice;

choice! {
    /// How unsure a model is of a document.
    #[derive(Default)]
    Uncertainty {
        /// The negative log-probability of the best tag sequence (least confidence, Culotta and McCallum
        /// 2005). Long documents are worth more: for a budget of documents.
        #[default]
        Total = "total",
        /// The same, divided by the number of words: MNLP (Shen et al. 2018, Deep active learning for named
        /// entity recognition). For a budget of words.
        Mnlp = "mnlp",
        /// The mean over words of 1 minus the distance of the two best classes (margin, Scheffer et al.
        /// 2001), 0 to 1.
        Margin = "margin",
        /// The mean over words of the entropy of the classes (token entropy, Settles and Craven 2008), as
        /// a share of the largest possible one, 0 to 1.
        Entropy = "entropy",
    }
}
