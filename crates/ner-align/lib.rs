//! Fine-tune BERT on named entities and trust the result.
