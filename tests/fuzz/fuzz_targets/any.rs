//! The format is told from the content; gzip and zip are undone.
#![no_main]
libfuzzer_sys::fuzz_target!(|data: &[u8]| ner_align_fuzz::sniffed(data));
