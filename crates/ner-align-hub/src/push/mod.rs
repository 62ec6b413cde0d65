//! A model folder to the Hub.

mod api;
mod connection;
mod content;
mod error;
mod folder;
mod paths;
mod upload;

use std::path::Path;

pub use error::PushError;

use crate::client::Client;
use crate::event::Event;
use crate::id::HubId;
use api::{Api, Mode};
use content::LocalFile;

/// How a folder is pushed.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
#[non_exhaustive]
pub struct PushOptions {
    /// Make the model a private one, if it does not exist yet; refuse one that is public.
    pub private: bool,
    /// First line of the commit's message; one of our own if not given.
    pub message: Option<String>,
}

impl PushOptions {
    /// Sets [`private`](Self::private).
    #[must_use]
    pub const fn with_private(mut self, private: bool) -> Self {
        self.private = private;
        self
    }

    /// Sets [`message`](Self::message).
    #[must_use]
    pub fn with_message(mut self, message: Option<String>) -> Self {
        self.message = message;
        self
    }
}

/// What became of a push.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Pushed {
    /// The model's page.
    pub url: String,
    /// The new commit; `None` if the Hub had all files already.
    pub commit: Option<String>,
    /// Files of the commit that changed, by name.
    pub changed: Vec<String>,
    /// Files whose content the Hub had, by name.
    pub unchanged: Vec<String>,
    /// What lies in the folder and is no part of a model, by name.
    pub left_out: Vec<String>,
    /// Bytes of the contents that were sent.
    pub bytes: u64,
}

impl Client {
    /// Uploads a model folder to the branch that the id names, `main` unless it names another, and
    /// makes model and branch if they do not exist.
    ///
    /// The files of a model are pushed: settings, weights, tokenizer, card. Folders, hidden files,
    /// and what belongs to a training that goes on (optimizer, logs, locks) stay here. Nothing on the Hub is
    /// removed. All files appear in one commit, or none does; a push that broke off is started again
    /// and sends only the large files that had not arrived.
    ///
    /// The example asks the Hub, so tests compile it and do not run it.
    ///
    /// ```no_run
    /// use ner_align_hub::{Client, PushOptions, Settings};
    ///
    /// let client = Client::new(Settings::from_env()?);
    /// let pushed = client.push(&"ORG/NAME".parse()?, "out/model-best", &PushOptions::default())?;
    /// println!("{} {:?}", pushed.url, pushed.commit);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// A folder that is no model, or that has paths of this machine in its texts; no token, or one
    /// that may not write; a model that changed meanwhile; no room; no network. See [`PushError`].
    pub fn push(
        &self,
        id: &HubId,
        folder: impl AsRef<Path>,
        options: &PushOptions,
    ) -> Result<Pushed, PushError> {
        let settings = self.settings();
        let folder = folder::read(folder.as_ref())?;
        if settings.offline {
            return Err(PushError::Offline);
        }
        let api = Api::new(settings, id)?;
        if let Some(card) = folder.files.iter().find(|file| file.name == folder::CARD) {
            api.check_card(&card.read()?)?;
        }
        api.have_model(options.private)?;
        api.have_branch()?;
        let placed = api.place(&folder.files)?;
        let (mut changed, mut unchanged) = (Vec::new(), Vec::new());
        for (file, place) in folder.files.iter().zip(placed) {
            if place.ignored {
                continue;
            }
            if place.oid.is_some_and(|oid| file.has_oid(&oid)) {
                self.observer().notify(Event::Present { file: &file.name });
                unchanged.push(file.name.clone());
            } else {
                changed.push((file, place.mode));
            }
        }
        let large: Vec<&LocalFile> = changed
            .iter()
            .filter(|(_, mode)| *mode == Mode::Large)
            .map(|(file, _)| *file)
            .collect();
        let mut bytes = upload::upload(&api, self.observer(), &large)?;
        let commit = match changed.as_slice() {
            [] => None,
            _ => {
                let small = changed.iter().filter(|(_, mode)| *mode == Mode::Small);
                bytes += small.map(|(file, _)| file.size).sum::<u64>();
                Some(api.commit(&changed, options.message.as_deref())?)
            }
        };
        Ok(Pushed {
            url: format!("{}/{}", settings.endpoint, id.name()),
            commit,
            changed: changed.iter().map(|(file, _)| file.name.clone()).collect(),
            unchanged,
            left_out: folder.left_out,
            bytes,
        })
    }
}
