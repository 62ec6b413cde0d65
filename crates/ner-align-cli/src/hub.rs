//! Models from the Hugging Face Hub, and what a person sees of a download.

use std::sync::Mutex;

use indicatif::{ProgressBar, ProgressStyle};
use ner_align_hub::{Client, Event, HubError, PushError, Settings, Size};

use crate::Failure;
use crate::say::say;

/// A client with the settings of the environment, which shows its progress on standard error.
///
/// # Errors
/// There is no folder to cache models in.
pub fn client(offline: bool) -> Result<Client, Failure> {
    let settings = Settings::from_env()?;
    let offline = offline || settings.offline;
    let bar = Mutex::new(ProgressBar::hidden());
    Ok(Client::new(settings.with_offline(offline)).on_event(move |event| {
        if let Ok(mut bar) = bar.lock() {
            show(event, &mut bar);
        }
    }))
}

fn show(event: &Event<'_>, bar: &mut ProgressBar) {
    match *event {
        Event::Waiting { .. } => {
            say("waiting for another program that fetches the same file");
        }
        Event::Started { file, size, present } => {
            *bar = new_bar(file, size);
            bar.set_position(present);
        }
        Event::Progress { bytes, .. } => bar.set_position(bytes),
        Event::Retrying { file, .. } => bar.set_prefix(format!("{file} (again)")),
        Event::Finished { .. } => bar.finish_and_clear(),
        Event::Present { file } => say(format!("{file}: the Hub has it")),
        Event::Fetched { name, commit, files, bytes } => {
            let (s, size) = (if files == 1 { "" } else { "s" }, Size(bytes));
            say(format!("fetched {name}, commit {commit}: {files} file{s}, {size}"));
        }
        Event::Fallback { error, commit } => {
            say(format!("warning: {error}; using commit {commit} from the cache"));
        }
        _ => {}
    }
}

/// A bar over the bytes of a file; it draws nothing if standard error is no terminal.
fn new_bar(file: &str, size: Option<u64>) -> ProgressBar {
    if std::env::var("HF_HUB_DISABLE_PROGRESS_BARS").is_ok_and(|value| value == "1") {
        return ProgressBar::hidden();
    }
    let (bar, template) = match size {
        Some(size) => (
            ProgressBar::new(size),
            "{prefix:20!} {wide_bar:.cyan/dim} {decimal_bytes}/{decimal_total_bytes} \
             {decimal_bytes_per_sec} {eta}",
        ),
        None => (ProgressBar::no_length(), "{prefix:20!} {decimal_bytes} {decimal_bytes_per_sec}"),
    };
    let style = ProgressStyle::with_template(template);
    bar.with_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()))
        .with_prefix(file.to_owned())
}

/// What to do about an error, in terms of the command line.
#[must_use]
pub fn hint(error: &HubError) -> Option<String> {
    match error {
        HubError::NotCached { .. } => Some(
            "run it once with network, without --offline and HF_HUB_OFFLINE, or name a model folder"
                .to_owned(),
        ),
        error => error.hint(),
    }
}

impl From<PushError> for Failure {
    fn from(error: PushError) -> Self {
        let failure = match &error {
            PushError::Folder { .. } | PushError::Io { .. } => Self::input(error.to_string()),
            PushError::NoOwner { .. } => Self::usage(error.to_string()),
            _ => Self::environment(error.to_string()),
        };
        Self { hint: error.hint(), ..failure }
    }
}

impl From<HubError> for Failure {
    fn from(error: HubError) -> Self {
        Self { hint: hint(&error), ..Self::environment(error.to_string()) }
    }
}
