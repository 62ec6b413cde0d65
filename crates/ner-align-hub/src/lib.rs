//! Models by their id on the Hugging Face Hub, in the cache of Python's `huggingface_hub`.
//!
//! [`locate`] takes what a user names, a folder or an id such as `google-bert/bert-base-cased@main`,
//! and returns a folder on this machine. [`Client`] does so with [`Settings`] and a listener of your
//! own. Nothing is printed: progress and warnings are [`Event`]s, failures are [`HubError`]s, which
//! know what to do about them ([`HubError::hint`]).
//!
//! The example asks the Hub, so tests compile it and do not run it.
//!
//! ```no_run
//! use ner_align_hub::{Parts, locate};
//!
//! let located = locate("google-bert/bert-base-cased", Parts::Model)?;
//! let config = std::fs::read_to_string(located.path.join("config.json"));
//! # Ok::<(), ner_align_hub::HubError>(())
//! ```
//!
//! [`Client::push`] uploads a model folder. What the Hub has already, by its hash, is not sent again.
//!
//! # The cache
//!
//! `HF_HUB_CACHE/models--ORG--NAME` holds contents by their hash (`blobs/`), a folder of links to
//! them for each commit (`snapshots/COMMIT/`), the commit that each branch stood for last (`refs/`),
//! and markers of files that a commit lacks (`.no_exist/`). Layout and locks are those of
//! `huggingface_hub`, so what one program fetched the other uses, also at the same time. The files
//! of a commit never change: each one is complete and checked, or does not exist.
//!
//! # Why not `hf-hub`
//!
//! `hf-hub` is the official Rust client. Version 1.0.0 was run against the server that the tests of
//! this crate use (†), and the rest was read in its source:
//!
//! | | this crate | `hf-hub` 1.0.0 |
//! |---|---|---|
//! | a connection that breaks † | the download resumes, in the same run and in the next | an error; the next run starts from the first byte |
//! | a content that differs from its SHA-256 † | refused | put into the cache |
//! | an error page (404) in place of a large file † | refused | put into the cache as the file |
//! | another program that fetches the same file † | waits, and says so | an error after 10 seconds |
//! | a content shorter or longer than promised | refused | not compared |
//! | too little room on the disk | an error before the download | an error when the disk is full |
//! | `HF_HUB_OFFLINE`, `TRANSFORMERS_OFFLINE` | read | not read; each call has a parameter |
//! | `HF_HUB_ETAG_TIMEOUT`, `HF_HUB_DOWNLOAD_TIMEOUT` | read | not read; no timeouts |
//! | `~` and `$NAME` in variables | expanded, as in Python | taken literally |
//! | the token, after a redirect to another host † | not sent | not sent |
//! | busy servers, mirrors, cached files without a Hub † | yes | yes |
//! | large files in Xet storage | over HTTP | by the Xet protocol, in parallel |
//! | crates to compile | 48 | 224, with tokio, reqwest and aws-lc |
//!
//! The first three would leave a wrong file in a cache that Python shares, or repeat a download of
//! gigabytes. Both need a C compiler for their TLS library.

mod address;
mod agent;
mod cache;
mod client;
mod download;
mod error;
mod event;
mod fetcher;
mod http;
mod id;
mod located;
mod model_files;
mod names;
mod push;
mod settings;
mod size;

pub use client::{Client, fetch, locate};
pub use error::HubError;
pub use event::Event;
pub use id::HubId;
pub use located::{Located, Origin, Parts};
pub use push::{PushError, PushOptions, Pushed};
pub use settings::Settings;
pub use size::Size;
