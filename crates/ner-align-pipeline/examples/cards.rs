//! Writes model cards with odd values into a folder, and beside each the values of its head as JSON.
//! `tests/peers/model_card.py` holds them against huggingface_hub.
//!
//! ```sh
//! cargo run -p ner-align-pipeline --example cards -- FOLDER
//! ```

use std::error::Error;
use std::path::Path;
use std::{env, fs};

use ner_align_core::{Label, LabelSet, Prefix, Scheme, Tag};
use ner_align_metrics::score_tags;
use ner_align_pipeline::settings::{Recipe, Settings};
use ner_align_pipeline::{Calibration, ModelCard};

/// Texts that YAML, Markdown or a reader of cards could take for something else.
const ODD: [&str; 30] = [
    "PER",
    "no",
    "Yes",
    "on",
    "null",
    "~",
    "1.0",
    "1e-7",
    "0x1F",
    ".nan",
    "2020-01-01",
    "12:30:45",
    "a: b",
    "a #b",
    "- a",
    "\"quoted\"",
    "it's",
    "back\\slash",
    "---",
    "a\n---\nb",
    "a\r\nb",
    "tab\there",
    "🦀 \u{1f468}\u{200d}\u{1f469}",
    "নাম",
    "\u{85}\u{2028}x",
    "\u{feff}bom",
    "<img src=x onerror=alert(1)>",
    "a|b`c``",
    "{% raw %}{{x}}",
    "&anchor *alias !tag %dir @at",
];

fn main() -> Result<(), Box<dyn Error>> {
    let folder = env::args().nth(1).ok_or("expected a folder")?;
    let folder = Path::new(&folder);
    for (number, odd) in ODD.into_iter().enumerate() {
        let label = Label::new(odd).ok_or("an empty label")?;
        let tags = vec![vec![
            Tag::parse("B-LOC")?,
            Tag::Outside,
            Tag::Entity { prefix: Prefix::Begin, label: label.clone() },
            Tag::Entity { prefix: Prefix::Inside, label: label.clone() },
        ]];
        let mut wrong = tags.clone();
        wrong[0][number % 4] = Tag::Outside;
        let dev = score_tags(&tags, &wrong, Scheme::Iob2)?;
        let test = score_tags(&tags, &tags, Scheme::Iob2)?;
        let labels = LabelSet::new(["LOC".parse()?, label], Scheme::Iob2);
        let mut settings = Settings::of(Recipe::Best);
        settings.card = settings
            .card
            .with_language(vec![if number % 2 == 0 { "no" } else { "bn" }.to_owned()])
            .with_license(Some("apache-2.0".to_owned()))
            .with_base_model(Some("google-bert/bert-base-cased".to_owned()))
            .with_datasets(if number % 3 == 0 { vec!["org/data".to_owned()] } else { Vec::new() })
            .with_tags(vec![odd.to_owned()])
            .with_widget(Some(vec![odd.to_owned(), "Ada met Charles.".to_owned()]))
            .with_description(Some(odd.to_owned()))
            .with_labels([(odd.to_owned(), odd.to_owned())].into());
        let calibration: Calibration = serde_json::from_value(serde_json::json!({
            "temperature": 1.5, "error_before": 0.1, "error": 0.05, "by_type": {}, "reliability": {"bins": [
                {"lower": 0.7, "upper": 0.8, "count": 10, "correct": 7, "mean_score": 0.75}
            ]},
        }))?;
        let card = ModelCard::new(odd, &labels, &settings)
            .with_dev(dev.scores())
            .with_test(test.scores())
            .with_calibration(&calibration);
        fs::write(folder.join(format!("{number:02}.md")), card.to_string())?;
        let values = serde_json::to_string_pretty(&card.metadata())?;
        fs::write(folder.join(format!("{number:02}.json")), values)?;
    }
    Ok(())
}
