//! Windows and batches: where words are counted there, subtokens are here.

use toml::Value as Toml;

use super::Import;

const BATCHER: &str = "training.batcher";
const WORDS: &str = "words there, subtokens here: about 1.3 to a word in English";

pub(super) fn read(import: &mut Import<'_>) {
    windows(import);
    batches(import);
}

/// The windows of a transformer component.
fn windows(import: &mut Import<'_>) {
    let is_windows = |setting: &&super::Setting| {
        setting.section.starts_with("components.")
            && (setting.section.ends_with(".get_spans") || setting.section.ends_with(".with_spans"))
    };
    let Some(section) = import.settings.iter().find(is_windows) else { return };
    let section = section.section.as_str();
    // spacy-curated-transformers counts subtokens, as it is done here.
    let note = section.ends_with(".get_spans").then_some(WORDS);
    let registry = if note.is_some() { "@span_getters" } else { "@architectures" };
    if let Some((setting, name)) = import.function(section, registry) {
        if name.contains("sent_spans") {
            // A sentence is the unit here, too.
            return;
        }
        let strided = name.to_lowercase().contains("strided");
        if !strided && !name.contains("doc_spans") {
            import.refuse(setting, "windows are sentences, documents, or parts of long ones here");
            return;
        }
        let note = "windows run on over the sentences of a document";
        import.carry(setting, &[("unit", Toml::String("document".to_owned()))], Some(note));
        if !strided {
            return;
        }
    }
    let window = import.whole(section, "window");
    let step = import.whole(section, "stride");
    if let Some((setting, window)) = window {
        // The recipe's must be less than the new window.
        let half = usize::try_from(window / 2).unwrap_or(0);
        let model = &mut import.out.settings.model;
        model.stride = model.stride.min(half);
        import.carry(setting, &[("max_length", Toml::Integer(window))], note);
    }
    match (window, step) {
        (Some((_, window)), Some((setting, step))) if (1..=window).contains(&step) => {
            let note = "the way to the next window there, what two windows share here";
            import.carry(setting, &[("stride", Toml::Integer(window - step))], Some(note));
        }
        (_, Some((setting, _))) => {
            import
                .refuse(setting, "expected a stride from 1 to the window, which would skip words");
        }
        _ => {}
    }
}

/// The batches. There, an optimizer step is one batch, cut into as many parts as gradients are
/// accumulated; here, it is as many batches.
fn batches(import: &mut Import<'_>) {
    let mut parts = 1;
    if let Some((setting, accumulate)) = import.whole("training", "accumulate_gradient") {
        let note = "parts of a batch there, batches here, each as large as such a part";
        let note = (accumulate > 1).then_some(note);
        if import.carry(setting, &[("accumulate", Toml::Integer(accumulate))], note) {
            parts = accumulate.max(1);
        }
    }
    let Some((setting, name)) = import.function(BATCHER, "@batchers") else { return };
    let (key, batching, words) = match name {
        "spacy.batch_by_padded" => ("batch_subtokens", "bucketed", true),
        "spacy.batch_by_words" => ("batch_subtokens", "random", true),
        "spacy.batch_by_sequence" => ("batch_size", "random", false),
        _ => {
            import.refuse(setting, "batches are made by batch_size or batch_subtokens here");
            return;
        }
    };
    import.carry(setting, &[("batching", Toml::String(batching.to_owned()))], None);
    let note = if words { WORDS } else { "documents there, windows here" };
    let mut size = import.number(BATCHER, "size").map(|(setting, size)| (setting, size, note));
    let schedule = format!("{BATCHER}.size");
    if let Some((setting, name)) = import.function(&schedule, "@schedules") {
        match name {
            "constant" => {
                size =
                    import.number(&schedule, "rate").map(|(setting, size)| (setting, size, note));
            }
            "compounding" => {
                let growing = if words {
                    "grows to this size there, has it from the beginning here; words there, subtokens here"
                } else {
                    "grows to this size there, has it from the beginning here; documents there, windows here"
                };
                let stop = import.number(&schedule, "stop");
                size = stop.map(|(setting, size)| (setting, size, growing));
            }
            _ => import
                .refuse(setting, format!("batches stay as large as they are, there is no {name}")),
        }
    }
    if let Some((setting, size, note)) = size {
        let size = (size / parts as f64).ceil() as i64;
        import.carry(setting, &[(key, Toml::Integer(size))], Some(note));
    }
    if let Some(setting) =
        import.take(BATCHER, "discard_oversize").filter(|setting| setting.value == true)
    {
        import.refuse(setting, "nothing is left out here: long texts become several windows");
    }
}
