//! Scores of one corpus against another: gold and predicted files of any format, paired word by word.
//!
//! This is a crate of its own, apart from `ner-align-pipeline`, because it needs no model: the program
//! `ner-align` scores without linking libtorch.
