//! Contents of large files, to where the Hub says.

use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom};

use serde_json::{Value, json};
use ureq::SendBody;
use ureq::http::Request;
use ureq::http::header::{CONTENT_LENGTH, ETAG};

use super::PushError;
use super::api::Api;
use super::connection::ATTEMPTS;
use super::content::LocalFile;
use crate::event::{Event, Observer};
use crate::http::{TRANSIENT, pause, text};

/// Sends the contents that the Hub lacks; returns their bytes.
pub(super) fn upload(
    api: &Api<'_>,
    observer: &Observer,
    files: &[&LocalFile],
) -> Result<u64, PushError> {
    if files.is_empty() {
        return Ok(0);
    }
    let mut bytes = 0;
    // Files with equal contents are one object.
    for object in api.actions(files)? {
        let oid = object["oid"].as_str().unwrap_or_default();
        let Some(file) = files.iter().find(|file| file.sha256 == oid) else { continue };
        let upload = &object["actions"]["upload"];
        if upload.is_null() {
            observer.notify(Event::Present { file: &file.name });
            continue;
        }
        let name = &file.name;
        observer.notify(Event::Started { file: name, size: Some(file.size), present: 0 });
        let sent = send(api, observer, file, upload, &object["actions"]["verify"]);
        observer.notify(Event::Finished { file: name });
        sent?;
        bytes += file.size;
    }
    Ok(bytes)
}

/// Sends one content, whole or in parts as the Hub asks for.
fn send(
    api: &Api<'_>,
    observer: &Observer,
    file: &LocalFile,
    upload: &Value,
    verify: &Value,
) -> Result<(), PushError> {
    let fail = |error| PushError::io(&file.path, error);
    let href =
        upload["href"].as_str().ok_or_else(|| api.hub.not_a_hub("", "where to send a file"))?;
    let mut content = File::open(&file.path).map_err(fail)?;
    let mut put = |url: &str, start: u64, length: u64| {
        put(api, observer, file, &mut content, url, (start, length))
    };
    match part_length(&upload["header"]["chunk_size"]) {
        None => {
            put(&api.hub.own(href), 0, file.size)?;
        }
        Some(part) => {
            let urls = parts(&upload["header"]);
            if urls.len() as u64 != file.size.div_ceil(part) {
                return Err(api.hub.not_a_hub(href, "an address for each part of a file"));
            }
            let mut arrived = Vec::new();
            for (index, url) in (0..).zip(urls) {
                let start = index * part;
                let etag = put(url, start, part.min(file.size - start))?;
                let etag = etag.ok_or_else(|| api.hub.not_a_hub(url, "an etag"))?;
                arrived.push(json!({"partNumber": index + 1, "etag": etag}));
            }
            api.complete(href, &json!({"oid": file.sha256, "parts": arrived}))?;
        }
    }
    match verify["href"].as_str() {
        Some(url) => api.complete(url, &json!({"oid": file.sha256, "size": file.size})),
        None => Ok(()),
    }
}

/// The length of a part; the Hub sends it as a text.
fn part_length(value: &Value) -> Option<u64> {
    let length = value.as_u64().or_else(|| value.as_str()?.parse().ok());
    length.filter(|length| *length > 0)
}

/// The addresses of the parts, in their order.
fn parts(header: &Value) -> Vec<&str> {
    let numbered = header.as_object().into_iter().flatten();
    let mut numbered: Vec<(u64, &str)> =
        numbered.filter_map(|(key, url)| Some((key.parse().ok()?, url.as_str()?))).collect();
    numbered.sort_unstable();
    numbered.into_iter().map(|(_, url)| url).collect()
}

/// Sends a part of a file to an address that is a permission by itself; returns the etag.
fn put(
    api: &Api<'_>,
    observer: &Observer,
    file: &LocalFile,
    content: &mut File,
    url: &str,
    (start, length): (u64, u64),
) -> Result<Option<String>, PushError> {
    let mut attempt = 1;
    loop {
        let fail = |error| PushError::io(&file.path, error);
        content.seek(SeekFrom::Start(start)).map_err(fail)?;
        let mut part = Watched { part: (&mut *content).take(length), sent: start, file, observer };
        let request = Request::put(url).header(CONTENT_LENGTH, length);
        let request = request.body(SendBody::from_reader(&mut part));
        let request = request.map_err(|error| api.hub.unreachable(url, &error.to_string()))?;
        let failure = match api.hub.run(request) {
            Ok(answer) if answer.status().is_success() => {
                return Ok(text(answer.headers(), ETAG.as_str()));
            }
            Ok(answer) => {
                let status = answer.status().as_u16();
                // What the store says is XML, for programs.
                let failure = api.hub.refused(status, &format!("{} was not taken", file.name));
                if !TRANSIENT.contains(&status) {
                    return Err(failure);
                }
                failure
            }
            Err(error) => api.hub.unreachable(url, &crate::http::reason(&error)),
        };
        if attempt >= ATTEMPTS {
            return Err(failure);
        }
        observer.notify(Event::Retrying { file: &file.name, reason: &failure.to_string() });
        pause(attempt, None);
        attempt += 1;
    }
}

/// A part of a file that tells how much of the file was read from it.
struct Watched<'a> {
    part: io::Take<&'a mut File>,
    sent: u64,
    file: &'a LocalFile,
    observer: &'a Observer,
}

impl Read for Watched<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.part.read(buffer)?;
        self.sent += read as u64;
        self.observer.notify(Event::Progress { file: &self.file.name, bytes: self.sent });
        Ok(read)
    }
}
