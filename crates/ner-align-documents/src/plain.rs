//! Plain text.

use crate::error::{DocumentsError, Limit};
use crate::{ExtractOptions, ExtractedText, charset};

/// The text as it is, without its byte order mark.
pub(crate) fn extract(
    bytes: &[u8],
    options: &ExtractOptions,
) -> Result<ExtractedText, DocumentsError> {
    let text = charset::text(bytes, "text")?;
    if text.len() > options.max_text {
        return Err(DocumentsError::too_large(Limit::Text, options.max_text));
    }
    Ok(ExtractedText::new(text))
}
