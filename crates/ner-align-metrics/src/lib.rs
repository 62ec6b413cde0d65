//! Scores of named-entity recognition: strict, SemEval, relaxed, confusion matrices.
