//! Texts of settings: ours, spaCy's, and a mapping of fields.

use ner_align_pipeline::fields::Mapping;
use ner_align_pipeline::settings::spacy;
use ner_align_pipeline::settings::{ConfigText, Recipe, Settings};

/// A config file of `train`.
pub fn own(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else { return };
    let Ok(settings) = Settings::resolve(Recipe::Best, Some(&ConfigText::new("fuzz", text)), &[])
    else {
        return;
    };
    // What was accepted is written, and read back as the same settings.
    let written = settings.to_toml().expect("settings are TOML");
    let again = Settings::resolve(Recipe::Trainer, Some(&ConfigText::new("again", &written)), &[]);
    assert_eq!(again.expect("what was written can be read"), settings);
}

/// A config file of spaCy.
pub fn of_spacy(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else { return };
    if let Ok(imported) = spacy::import(text, Recipe::Best.settings()) {
        let _ = imported.to_commented_toml("fuzz", Recipe::Best);
    }
}

/// A mapping of types to fields.
pub fn mapping(data: &[u8]) {
    if let Ok(text) = std::str::from_utf8(data) {
        let _ = text.parse::<Mapping>();
    }
}
