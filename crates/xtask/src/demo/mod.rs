//! `cargo xtask demo`: fine-tunes a model and finds entities in unseen text, with the program
//! `ner-align` as a user would call it.

mod render;

use std::ffi::OsString;
use std::fs;
use std::io::IsTerminal;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Instant;

use serde_json::Value;

use crate::failure::{ENVIRONMENT, Failure};
use crate::setup;
use crate::workspace::{Workspace, exit_code, status};
use render::{Document, Labels, Look};

/// Settings with which a model of 22 million parameters learns the postings in a minute or two on
/// two cores. A larger model needs a smaller learning rate.
mod hyper {
    pub(super) const EPOCHS: u32 = 8;
    pub(super) const BATCH_SIZE: u32 = 16;
    pub(super) const LEARNING_RATE: &str = "3e-4";
    pub(super) const SEED: u32 = 1;
    /// Linear head, first subtoken, linear decay: what most published figures come from.
    pub(super) const RECIPE: &str = "trainer";
}

/// The build of the demo. It has optimised dependencies, and the tests share it.
mod build {
    pub(super) const ARGS: [&str; 5] = ["build", "--package", "ner-align-cli", "--features", "tch"];
    pub(super) const FOLDER: &str = "debug";
}

const TRAIN: &str = "fixtures/postings/postings-train.tsv";
const DEV: &str = "fixtures/postings/postings-dev.tsv";
const NEW: &str = "fixtures/postings/postings-new.txt";

/// Trains, predicts and shows.
pub(crate) fn run(workspace: &Workspace, epochs: Option<u32>) -> Result<(), Failure> {
    let ready = setup::run(workspace, false, setup::Choice::Cpu)?;
    for data in [TRAIN, DEV, NEW] {
        if !workspace.root().join(data).is_file() {
            let what = format!("{data} is missing");
            return Err(Failure::environment(what).hint("restore it: git checkout -- fixtures"));
        }
    }

    heading("building ner-align (some minutes the first time)");
    let built = status(&mut workspace.cargo(build::ARGS))?;
    if !built.success() {
        return Err(Failure::failed("the build failed, see above").code(exit_code(built)));
    }
    let demo = Demo::new(workspace)?;

    heading("fine-tuning all-MiniLM-L6-v2 on job postings");
    let start = Instant::now();
    demo.train(ready.model(), epochs.unwrap_or(hyper::EPOCHS))?;
    let seconds = start.elapsed().as_secs_f64();

    heading("entities in postings it has not seen");
    let look = Look::of_terminal();
    let documents = demo.predict()?;
    let labels = Labels::of(&documents);
    for document in &documents {
        println!("{}\n", document.render(&look, &labels));
    }
    demo.close(ready.model(), seconds);
    Ok(())
}

/// The built program and its output folder.
#[derive(Debug)]
struct Demo<'a> {
    workspace: &'a Workspace,
    program: PathBuf,
    /// `target/demo`.
    out: PathBuf,
}

impl<'a> Demo<'a> {
    /// Removes the output of an earlier demo.
    fn new(workspace: &'a Workspace) -> Result<Self, Failure> {
        let out = workspace.target().join("demo");
        if out.exists() {
            fs::remove_dir_all(&out).map_err(|error| Failure::io("remove", &out, &error))?;
        }
        let name = format!("ner-align{}", std::env::consts::EXE_SUFFIX);
        Ok(Self { workspace, program: workspace.target().join(build::FOLDER).join(name), out })
    }

    fn model_best(&self) -> PathBuf {
        self.out.join("model-best")
    }

    /// The program. It runs in the root, so that its messages name files as the README does.
    fn command(&self) -> Command {
        let mut command = Command::new(&self.program);
        command.current_dir(self.workspace.root());
        command
    }

    /// A path relative to the root of the workspace, where it is below it.
    fn short<'p>(&self, path: &'p Path) -> &'p Path {
        path.strip_prefix(self.workspace.root()).unwrap_or(path)
    }

    fn train(&self, model: &Path, epochs: u32) -> Result<(), Failure> {
        let mut command = self.command();
        command.args(["train", "--train", TRAIN, "--dev", DEV, "--recipe", hyper::RECIPE]);
        command.arg("--model").arg(model).arg("-o").arg(self.short(&self.out));
        for (key, value) in [
            ("epochs", epochs.to_string()),
            ("batch_size", hyper::BATCH_SIZE.to_string()),
            ("learning_rate", hyper::LEARNING_RATE.to_owned()),
            ("seed", hyper::SEED.to_string()),
        ] {
            command.arg("--set").arg(format!("{key}={value}"));
        }
        let trained = status(&mut command)?;
        if trained.success() {
            return Ok(());
        }
        Err(Failure::failed("training failed, see above").code(exit_code(trained)))
    }

    fn predict(&self) -> Result<Vec<Document>, Failure> {
        let mut command = self.command();
        command.arg("predict").arg("--model").arg(self.short(&self.model_best())).arg(NEW);
        let output = command.stderr(Stdio::inherit()).output().map_err(|error| {
            Failure::environment(format!("cannot run {}: {error}", self.program.display()))
        })?;
        if !output.status.success() {
            let failure = Failure::failed("prediction failed, see above");
            return Err(failure.code(exit_code(output.status)));
        }
        let text = String::from_utf8_lossy(&output.stdout);
        let lines = text.lines().filter(|line| !line.trim().is_empty());
        lines.map(|line| Document::parse(line).ok_or_else(|| unexpected(line))).collect()
    }

    /// Prints the scores and what to run next.
    fn close(&self, pretrained: &Path, seconds: f64) {
        heading("done");
        println!("trained in {seconds:.0} s");
        if let Some(scores) = self.scores() {
            println!("{scores}");
        }
        let best = self.model_best();
        let (program, best) = (self.short(&self.program).display(), self.short(&best).display());
        println!("model: {best}");
        println!("next: find entities in your own text:");
        println!(
            "  echo \"You know Python and bring a PhD.\" | {program} predict --model {best} -"
        );
        println!("or train on your own corpus:");
        let pretrained = pretrained.display();
        println!("  {program} train --train TRAIN --dev DEV --model {pretrained} -o OUT");
    }

    /// The best F1, overall and by label. Missing scores are not worth a failure.
    fn scores(&self) -> Option<String> {
        let text = fs::read(self.model_best().join("meta.json")).ok()?;
        scores(&serde_json::from_slice(&text).ok()?)
    }
}

fn scores(meta: &Value) -> Option<String> {
    let performance = &meta["performance"];
    let overall = performance["ents_f"].as_f64()?;
    let by_label = performance["ents_per_type"].as_object();
    let of_label = |(label, scores): (&String, &Value)| {
        Some(format!("{label} {:.3}", scores["f"].as_f64().or_else(|| scores["f1"].as_f64())?))
    };
    let by_label: Vec<_> = by_label.into_iter().flatten().filter_map(of_label).collect();
    let by_label =
        if by_label.is_empty() { String::new() } else { format!(" ({})", by_label.join(", ")) };
    Some(format!("best F1 on the development set: {overall:.3}{by_label}"))
}

fn heading(text: &str) {
    println!("\n== {text}");
}

fn unexpected(line: &str) -> Failure {
    let start: String = line.chars().take(60).collect();
    Failure::failed(format!("predict printed a line that is not a document: {start}"))
        .code(ENVIRONMENT)
}

impl Look {
    /// Colours if the output is a terminal and NO_COLOR is not set (see no-color.org).
    fn of_terminal() -> Self {
        let set = |name: &str| std::env::var_os(name).filter(|value| !value.is_empty());
        let dumb = set("TERM").is_some_and(|term| term == "dumb");
        if set("NO_COLOR").is_some() || dumb || !std::io::stdout().is_terminal() {
            return Self::Plain;
        }
        // The first one that is set decides, as in the C library.
        let locale = ["LC_ALL", "LC_CTYPE", "LANG"].into_iter().find_map(set);
        Self::Colour { small_caps: is_utf8(locale) }
    }
}

fn is_utf8(locale: Option<OsString>) -> bool {
    let locale = locale.unwrap_or_default().to_string_lossy().to_lowercase();
    locale.contains("utf-8") || locale.contains("utf8")
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn scores_are_read_where_they_are() {
        let meta = json!({"performance": {"ents_f": 0.8125, "ents_per_type": {
            "SKILL": {"p": 0.9, "r": 0.8, "f": 0.8471}, "ORG": {"p": 0, "r": 0, "f": null}}}});
        let expected = "best F1 on the development set: 0.812 (SKILL 0.847)";
        assert_eq!(scores(&meta).unwrap(), expected);
        assert_eq!(scores(&json!({})), None);
    }

    #[test]
    fn locales() {
        for (locale, expected) in
            [(Some("en_GB.UTF-8"), true), (Some("C.utf8"), true), (Some("C"), false), (None, false)]
        {
            assert_eq!(is_utf8(locale.map(OsString::from)), expected, "{locale:?}");
        }
    }
}
