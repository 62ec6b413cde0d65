//! Requests to the Hub's API of commits.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use serde_json::{Value, json};

use super::PushError;
use super::connection::Connection;
use super::content::LocalFile;
use crate::id::HubId;
use crate::settings::Settings;

const LFS: &str = "application/vnd.git-lfs+json";
const JSON: &str = "application/json";

/// How the Hub stores a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Mode {
    /// Its content goes into the commit.
    Small,
    /// Its content is uploaded first, and the commit names its SHA-256.
    Large,
}

/// What the Hub says of a file before it is sent.
#[derive(Debug)]
pub(super) struct Place {
    pub(super) mode: Mode,
    /// The `.gitignore` of the model leaves it out.
    pub(super) ignored: bool,
    /// The name of the content that the branch has under this name.
    pub(super) oid: Option<String>,
}

/// Asks one Hub about one model.
#[derive(Debug)]
pub(super) struct Api<'a> {
    pub(super) hub: Connection<'a>,
    owner: &'a str,
    name: &'a str,
}

impl<'a> Api<'a> {
    pub(super) fn new(settings: &'a Settings, id: &'a HubId) -> Result<Self, PushError> {
        let (owner, name) = id
            .name()
            .split_once('/')
            .ok_or_else(|| PushError::NoOwner { id: id.name().to_owned() })?;
        Ok(Self { hub: Connection::new(settings, id)?, owner, name })
    }

    /// Asks the Hub what it thinks of the head of the card, before anything is sent.
    pub(super) fn check_card(&self, card: &[u8]) -> Result<(), PushError> {
        let body = json!({"content": String::from_utf8_lossy(card), "repoType": "model"});
        let answer =
            self.hub.post(&self.api("validate-yaml"), JSON, body.to_string().as_bytes(), true)?;
        match answer.status {
            // A mirror may not have the question.
            404 | 405 => Ok(()),
            _ => self.hub.expect_success(&answer),
        }
    }

    /// Makes the model if it does not exist.
    pub(super) fn have_model(&self, private: bool) -> Result<(), PushError> {
        let url = self.api(&format!("models/{}", self.hub.id.name()));
        let found = self.hub.call("GET", &url, None, &[], true)?;
        if found.status == 200 {
            let is_public = found.body["private"] == json!(false);
            return match private && is_public {
                true => Err(PushError::Public { id: self.hub.id.name().to_owned() }),
                false => Ok(()),
            };
        }
        let mut body = json!({"name": self.name, "organization": self.owner, "type": "model"});
        if private {
            body["visibility"] = json!("private");
            // What Hubs of before read.
            body["private"] = json!(true);
        }
        let made =
            self.hub.post(&self.api("repos/create"), JSON, body.to_string().as_bytes(), false)?;
        self.hub.expect_success(&made)
    }

    /// Makes the branch if it does not exist; `main` does.
    pub(super) fn have_branch(&self) -> Result<(), PushError> {
        if self.hub.id.revision() == "main" {
            return Ok(());
        }
        let url = self.api(&format!("models/{}/branch/{}", self.hub.id.name(), self.revision()));
        let made = self.hub.post(&url, JSON, b"{}", true)?;
        match made.status {
            409 => Ok(()),
            _ => self.hub.expect_success(&made),
        }
    }

    /// How the Hub will store each file, and what it has under their names, in the same order.
    pub(super) fn place(&self, files: &[LocalFile]) -> Result<Vec<Place>, PushError> {
        let asked: Vec<Value> = files
            .iter()
            .map(|file| {
                let sample = BASE64.encode(&file.sample);
                json!({"path": file.name, "sample": sample, "size": file.size})
            })
            .collect();
        let url = self.api(&format!("models/{}/preupload/{}", self.hub.id.name(), self.revision()));
        let body = json!({"files": asked}).to_string();
        let answer = self.hub.post(&url, JSON, body.as_bytes(), true)?;
        self.hub.expect_success(&answer)?;
        let told = answer.body["files"].as_array().map_or(&[][..], Vec::as_slice);
        let place = |file: &LocalFile| {
            let place = told.iter().find(|place| place["path"] == json!(file.name))?;
            let mode = match place["uploadMode"].as_str()? {
                // The store of large files takes no empty one.
                "lfs" if file.size > 0 => Mode::Large,
                "lfs" | "regular" => Mode::Small,
                _ => return None,
            };
            let ignored = place["shouldIgnore"].as_bool().unwrap_or(false);
            Some(Place { mode, ignored, oid: place["oid"].as_str().map(str::to_owned) })
        };
        let all: Option<Vec<Place>> = files.iter().map(place).collect();
        all.ok_or_else(|| self.hub.not_a_hub(&url, "how each file is stored"))
    }

    /// Where to send the contents of large files; those that the Hub has are not among them.
    pub(super) fn actions(&self, files: &[&LocalFile]) -> Result<Vec<Value>, PushError> {
        let objects: Vec<Value> =
            files.iter().map(|file| json!({"oid": file.sha256, "size": file.size})).collect();
        let body = json!({
            "operation": "upload",
            "transfers": ["basic", "multipart"],
            "objects": objects,
            "hash_algo": "sha256",
            "ref": {"name": self.hub.id.revision()},
        });
        let url = format!(
            "{}/{}.git/info/lfs/objects/batch",
            self.hub.settings.endpoint,
            self.hub.id.name()
        );
        let mut answer = self.hub.post(&url, LFS, body.to_string().as_bytes(), true)?;
        self.hub.expect_success(&answer)?;
        let Value::Array(objects) = answer.body["objects"].take() else {
            return Err(self.hub.not_a_hub(&url, "where to send large files"));
        };
        if let Some(error) = objects.iter().map(|object| &object["error"]).find(|e| e.is_object()) {
            let code = error["code"].as_u64().and_then(|code| u16::try_from(code).ok());
            let message = error["message"].as_str().unwrap_or_default();
            return Err(self.hub.refused(code.unwrap_or(422), message));
        }
        Ok(objects)
    }

    /// Tells the Hub, or the store of large files, that a content is complete.
    pub(super) fn complete(&self, url: &str, body: &Value) -> Result<(), PushError> {
        let answer = self.hub.post(&self.hub.own(url), LFS, body.to_string().as_bytes(), true)?;
        self.hub.expect_success(&answer)
    }

    /// Makes a commit of these files; the contents of large ones are there. Returns its name.
    pub(super) fn commit(
        &self,
        files: &[(&LocalFile, Mode)],
        message: Option<&str>,
    ) -> Result<String, PushError> {
        let summary = message.unwrap_or("Upload model with ner-align");
        let header = json!({"key": "header", "value": {"summary": summary, "description": ""}});
        let mut body = header.to_string();
        for (file, mode) in files {
            let line = match mode {
                Mode::Small => json!({"key": "file", "value": {
                    "content": BASE64.encode(file.read()?),
                    "path": file.name,
                    "encoding": "base64",
                }}),
                Mode::Large => json!({"key": "lfsFile", "value": {
                    "path": file.name,
                    "algo": "sha256",
                    "oid": file.sha256,
                    "size": file.size,
                }}),
            };
            body.push('\n');
            body += &line.to_string();
        }
        body.push('\n');
        let url = self.api(&format!("models/{}/commit/{}", self.hub.id.name(), self.revision()));
        let answer = self.hub.post(&url, "application/x-ndjson", body.as_bytes(), false)?;
        self.hub.expect_success(&answer)?;
        let commit = answer.body["commitOid"].as_str();
        commit.map(str::to_owned).ok_or_else(|| self.hub.not_a_hub(&url, "the name of a commit"))
    }

    fn api(&self, path: &str) -> String {
        format!("{}/api/{path}", self.hub.settings.endpoint)
    }

    /// The branch in an address.
    fn revision(&self) -> String {
        self.hub.id.revision().replace('/', "%2F")
    }
}
