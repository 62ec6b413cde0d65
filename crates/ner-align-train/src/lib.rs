//! The training loop of the ner-align toolkit, without a backend.
