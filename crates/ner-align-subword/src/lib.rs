//! Alignment of word labels with subtokens, windows and batches.
