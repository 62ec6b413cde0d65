#![no_main]
libfuzzer_sys::fuzz_target!(|data: &[u8]| ner_align_fuzz::settings::mapping(data));
