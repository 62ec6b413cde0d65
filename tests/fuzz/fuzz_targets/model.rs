#![no_main]
libfuzzer_sys::fuzz_target!(|data: &[u8]| ner_align_fuzz::models::model(data));
