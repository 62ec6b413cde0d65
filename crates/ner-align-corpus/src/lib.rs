//! Readers and writers of corpora annotated with named entities.
