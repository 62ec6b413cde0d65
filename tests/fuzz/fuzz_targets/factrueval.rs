#![no_main]
libfuzzer_sys::fuzz_target!(|data: &[u8]| {
    ner_align_fuzz::files(ner_align_corpus::Format::FactRuEval, &["txt", "tokens", "spans", "objects"], data);
});
