//! The run, its optimizer, and what goes in and out.

use toml::Value as Toml;

use super::Import;

const TRAINING: &str = "training";
const OPTIMIZER: &str = "training.optimizer";
const RATE: &str = "training.optimizer.learn_rate";

pub(super) fn read(import: &mut Import<'_>) {
    let transformer = model(import);
    files(import);
    length(import);
    evaluation(import, transformer.as_deref());
    optimizer(import);
    rate(import, transformer.is_some());
}

/// The encoder: an argument of `train`. The name of its component, if there is one.
fn model(import: &mut Import<'_>) -> Option<String> {
    let name = import.settings.iter().find_map(|setting| {
        let name = setting.section.strip_prefix("components.")?;
        let factory = setting.value.as_str()?;
        (setting.key == "factory" && factory.ends_with("transformer")).then(|| name.to_owned())
    })?;
    let _ = import.take(&format!("components.{name}"), "factory");
    let loader = format!("initialize.components.{name}.encoder_loader");
    for section in [format!("components.{name}.model"), loader] {
        if let Some((setting, _)) = import.text(&section, "name") {
            import.argue(setting, "--model");
        }
    }
    Some(name)
}

/// The corpora: arguments of `train`.
fn files(import: &mut Import<'_>) {
    for (key, option) in [("train_corpus", "--train"), ("dev_corpus", "--dev")] {
        let Some((_, section)) = import.text(TRAINING, key) else { continue };
        if let Some((setting, _)) = import.text(section, "path") {
            import.argue(setting, option);
        }
        for (key, why) in [
            (
                "max_length",
                "texts are not left out for their length here, long ones become windows",
            ),
            ("limit", "all of a corpus is read"),
        ] {
            if let Some((setting, _)) = import.number(section, key).filter(|(_, n)| *n != 0.0) {
                import.refuse(setting, why);
            }
        }
        let augments = |setting: &&super::Setting| {
            setting.section == format!("{section}.augmenter") && setting.key == "@augmenters"
        };
        if let Some(setting) = import.settings.iter().find(augments) {
            let _ = import.take(&setting.section, &setting.key);
            import.refuse(setting, "corpora are taken as they are, nothing is augmented");
        }
    }
    // Read above, by way of the corpora.
    for key in ["train", "dev"] {
        let _ = import.take("paths", key);
    }
}

/// The length of the run.
fn length(import: &mut Import<'_>) {
    if let Some((setting, seed)) = import.whole(TRAINING, "seed") {
        import.carry(setting, &[("seed", Toml::Integer(seed))], None);
        let _ = import.take("system", "seed");
    }
    let steps = import.whole(TRAINING, "max_steps").filter(|(_, steps)| *steps > 0);
    if let Some((setting, steps)) = steps {
        import.carry(setting, &[("max_steps", Toml::Integer(steps))], None);
    }
    match (import.whole(TRAINING, "max_epochs"), steps) {
        (Some((setting, epochs)), _) if epochs > 0 => {
            import.carry(setting, &[("epochs", Toml::Integer(epochs))], None);
        }
        (Some((setting, 0)), Some((_, steps))) => {
            let note = "no limit there: so many that max_steps comes first";
            import.carry(setting, &[("epochs", Toml::Integer(steps))], Some(note));
        }
        (Some((setting, epochs)), _) => import.refuse(
            setting,
            if epochs < 0 {
                "the training data is read whole, not as a stream; set epochs"
            } else {
                "a run must end: set epochs or max_steps"
            },
        ),
        (None, _) => {}
    }
}

/// When it is scored, and which model is the best.
fn evaluation(import: &mut Import<'_>, transformer: Option<&str>) {
    let every = import.whole(TRAINING, "eval_frequency");
    if let Some((setting, every)) = every {
        import.carry(setting, &[("eval_every", Toml::Integer(every))], None);
    }
    if let Some((setting, patience)) =
        import.whole(TRAINING, "patience").filter(|(_, patience)| *patience != 0)
    {
        match every.filter(|(_, every)| *every > 0) {
            Some((_, every)) => {
                let evaluations = patience.div_euclid(every) + i64::from(patience % every != 0);
                let note = "steps there, evaluations here";
                import.carry(setting, &[("patience", Toml::Integer(evaluations))], Some(note));
            }
            None => {
                import.refuse(setting, "counts steps, and [training] eval_frequency is 0");
            }
        }
    }
    let weights = "training.score_weights";
    let scores: Vec<_> = import
        .settings
        .iter()
        .filter(|setting| setting.section == weights)
        .filter(|setting| setting.value.as_f64().is_some_and(|weight| weight > 0.0))
        .collect();
    for setting in scores {
        let _ = import.take(weights, &setting.key);
        if setting.key == "ents_f" {
            import.carry(setting, &[("select", Toml::String("strict".to_owned()))], None);
        } else {
            import.refuse(setting, "the best model is chosen by one score, see select");
        }
    }
    for key in ["ents_f", "ents_p", "ents_r"] {
        let _ = import.take(weights, key);
    }
    let Some(setting) = import.take(TRAINING, "frozen_components") else { return };
    let frozen = setting.value.as_array().map(Vec::as_slice).unwrap_or_default();
    if transformer.is_some_and(|name| frozen.iter().any(|component| component == name)) {
        import.carry(setting, &[("freeze", Toml::String("encoder".to_owned()))], None);
    } else if !frozen.is_empty() {
        import.refuse(setting, "there is one model here, its encoder is not among these");
    }
}

fn optimizer(import: &mut Import<'_>) {
    if let Some((setting, name)) =
        import.function(OPTIMIZER, "@optimizers").filter(|(_, name)| *name != "Adam")
    {
        import.refuse(setting, format!("AdamW is the only optimizer, there is no {name}"));
    }
    for (key, ours) in [("beta1", "beta1"), ("beta2", "beta2"), ("eps", "epsilon")] {
        if let Some((setting, value)) = import.number(OPTIMIZER, key) {
            import.carry(setting, &[(ours, Toml::Float(value))], None);
        }
    }
    if let Some((setting, norm)) = import.number(OPTIMIZER, "grad_clip") {
        let norm = if norm == 0.0 { f64::INFINITY } else { norm };
        let note = "each tensor's gradient by itself there, all gradients together here";
        import.carry(setting, &[("max_gradient_norm", Toml::Float(norm))], Some(note));
    }
    let decays = import.take(OPTIMIZER, "L2_is_weight_decay");
    if let Some((setting, decay)) = import.number(OPTIMIZER, "L2") {
        if decay != 0.0 && decays.is_some_and(|setting| setting.value == false) {
            import
                .refuse(setting, "a penalty in the gradients there, AdamW decays weights instead");
        } else {
            let note = "biases and norms do not decay here";
            import.carry(setting, &[("weight_decay", Toml::Float(decay))], Some(note));
        }
    }
    if let Some(setting) =
        import.take(OPTIMIZER, "use_averages").filter(|setting| setting.value == true)
    {
        import.refuse(setting, "weights are not averaged over steps here");
    }
    if let Some((setting, dropout)) = import.number(TRAINING, "dropout") {
        import.carry(setting, &[("dropout", Toml::Float(dropout))], None);
    }
    if let Some((setting, name)) = import.function("training.dropout", "@schedules") {
        import.refuse(setting, format!("dropout stays the same here, there is no {name} for it"));
    }
}

/// The learning rate and its schedule.
fn rate(import: &mut Import<'_>, transformer: bool) {
    let foreign =
        "a rate for small layers that start at random; a pretrained encoder takes 1e-5 to 5e-4";
    if let Some((setting, rate)) = import.number(OPTIMIZER, "learn_rate") {
        if transformer {
            let constant = Toml::String("constant".to_owned());
            let values = [("learning_rate", Toml::Float(rate)), ("schedule", constant)];
            import.carry(setting, &values, None);
        } else {
            import.refuse(setting, foreign);
        }
    }
    let Some((schedule, name)) = import.function(RATE, "@schedules") else { return };
    let (ours, peak) = match name {
        "warmup_linear" => ("linear", "initial_rate"),
        "constant" => ("constant", "rate"),
        _ => {
            let why = format!("there is linear, cosine and constant here, no {name}");
            import.refuse(schedule, why);
            return;
        }
    };
    if let Some((setting, rate)) = import.number(RATE, peak) {
        if transformer {
            import.carry(setting, &[("learning_rate", Toml::Float(rate))], None);
        } else {
            import.refuse(setting, foreign);
        }
    }
    import.carry(schedule, &[("schedule", Toml::String(ours.to_owned()))], None);
    if let Some((setting, steps)) = import.whole(RATE, "warmup_steps") {
        import.carry(setting, &[("warmup_steps", Toml::Integer(steps))], None);
    }
    if let Some((setting, steps)) = import.whole(RATE, "total_steps") {
        // The same where it is the length of the run.
        let own = import.out.settings.train.max_steps;
        if own.is_none_or(|own| i64::try_from(own) != Ok(steps)) {
            import.refuse(setting, "the rate reaches 0 with the run's last step, see max_steps");
        }
    }
}
