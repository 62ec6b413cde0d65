//! Which tag may follow which.

use super::Scheme;
use crate::{Prefix, Tag};

/// True if `next` may stand right after `previous`; `None` is the edge of the sentence.
///
/// In IOB1 a `B` is legal only between adjacent entities of one type, and in IOE1 an `E` likewise.
/// A missing tag may be any tag, so every pair with one is legal.
pub(super) fn is_legal(scheme: Scheme, previous: Option<&Tag>, next: Option<&Tag>) -> bool {
    use Prefix::{Begin, End, Inside, Single};
    if previous == Some(&Tag::Missing) || next == Some(&Tag::Missing) {
        return true;
    }
    let side = |tag: Option<&Tag>| tag.and_then(Tag::prefix);
    let (before, after) = (side(previous), side(next));
    let known = |prefix: Option<Prefix>| prefix.is_none_or(|p| scheme.prefixes().contains(&p));
    if !known(before) || !known(after) {
        return false;
    }
    let same_type = before.is_some()
        && after.is_some()
        && previous.and_then(Tag::label) == next.and_then(Tag::label);
    match scheme {
        Scheme::Io => true,
        // An I may start an entity, a B only splits two of one type.
        Scheme::Iob1 => after != Some(Begin) || same_type,
        // An I needs an entity to continue.
        Scheme::Iob2 => after != Some(Inside) || same_type,
        // An E needs an entity of its type right after it.
        Scheme::Ioe1 => before != Some(End) || same_type,
        // An I continues an entity.
        Scheme::Ioe2 => before != Some(Inside) || same_type,
        Scheme::Iobes | Scheme::Biluo => {
            let open = matches!(before, Some(Begin | Inside));
            let continues = matches!(after, Some(Inside | End));
            debug_assert!(!matches!(after, Some(Single)) || !continues);
            if open || continues { open && continues && same_type } else { true }
        }
    }
}
