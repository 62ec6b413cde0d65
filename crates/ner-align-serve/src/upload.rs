//! Files that clients upload.

use std::io::Cursor;

use axum::body::Bytes;
use multer::Multipart;

use crate::problem::Problem;
use crate::request::EntitiesRequest;

/// The name of the form's field that holds the file.
const FILE: &str = "file";

/// A plain text, which a byte order mark may precede.
pub(crate) fn plain(bytes: &[u8]) -> Result<EntitiesRequest, Problem> {
    let text = std::str::from_utf8(bytes).map_err(|error| {
        let at = error.valid_up_to();
        Problem::malformed(format!("expected UTF-8, found another byte at {at}"))
    })?;
    Ok(EntitiesRequest::of_text(text.strip_prefix('\u{feff}').unwrap_or(text).to_owned()))
}

/// A form with one file.
pub(crate) async fn form(bytes: &Bytes, boundary: String) -> Result<EntitiesRequest, Problem> {
    let broken = |error: multer::Error| Problem::malformed(format!("multipart/form-data: {error}"));
    let mut form = Multipart::with_reader(Cursor::new(bytes.clone()), boundary);
    let mut file = None;
    while let Some(field) = form.next_field().await.map_err(broken)? {
        let name = field.name().unwrap_or_default().to_owned();
        if name != FILE {
            let detail = format!("expected the field `{FILE}` alone, found {name:?}");
            return Err(Problem::invalid(detail));
        }
        if file.replace(field.bytes().await.map_err(broken)?).is_some() {
            return Err(Problem::invalid(format!("expected one field `{FILE}`, found several")));
        }
    }
    match file {
        Some(bytes) => plain(&bytes),
        None => Err(Problem::invalid(format!("expected the field `{FILE}`, found none"))),
    }
}
