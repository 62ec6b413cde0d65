//! spaCy's string ids: a small number for each of its own symbols, a hash for all other strings.

use std::sync::LazyLock;

use rustc_hash::FxHashMap;

/// The ids from 1 on.
const FLAGS: &str = "IS_ALPHA IS_ASCII IS_DIGIT IS_LOWER IS_PUNCT IS_SPACE IS_TITLE IS_UPPER LIKE_URL LIKE_NUM \
    LIKE_EMAIL IS_STOP IS_OOV_DEPRECATED IS_BRACKET IS_QUOTE IS_LEFT_PUNCT IS_RIGHT_PUNCT \
    IS_CURRENCY";

/// The ids from 64 on: attributes, then parts of speech.
const ATTRIBUTES: &str = "ID ORTH LOWER NORM SHAPE PREFIX SUFFIX LENGTH CLUSTER LEMMA POS TAG DEP ENT_IOB ENT_TYPE \
    HEAD SENT_START SPACY PROB LANG ADJ ADP ADV AUX CONJ CCONJ DET INTJ NOUN NUM PART PRON PROPN \
    PUNCT SCONJ SYM VERB X EOL SPACE";

/// The ids from 380 on: entity types, dependency labels, attributes that came late.
const ENTITIES: &str = "PERSON NORP FACILITY ORG GPE LOC PRODUCT EVENT WORK_OF_ART LANGUAGE LAW DATE TIME PERCENT \
    MONEY QUANTITY ORDINAL CARDINAL acomp advcl advmod agent amod appos attr aux auxpass cc \
    ccomp complm conj cop csubj csubjpass dep det dobj expl hmod hyph infmod intj iobj mark meta \
    neg nmod nn npadvmod nsubj nsubjpass num number oprd obj obl parataxis partmod pcomp pobj \
    poss possessive preconj prep prt punct quantmod relcl rcmod root xcomp acl ENT_KB_ID MORPH \
    ENT_ID IDX _";

/// Every symbol with its id.
static SYMBOLS: LazyLock<FxHashMap<Box<str>, u64>> = LazyLock::new(|| {
    let named = [(1, FLAGS), (64, ATTRIBUTES), (380, ENTITIES)];
    let named = named.into_iter().flat_map(|(first, names)| (first..).zip(names.split(' ')));
    let named = named.map(|(id, name)| (Box::from(name), id));
    let flags = (19..64).map(|id: u64| (format!("FLAG{id}").into(), id));
    let deprecated = (104..380).map(|id: u64| (format!("DEPRECATED{:03}", id - 103).into(), id));
    named.chain(flags).chain(deprecated).collect()
});

/// The symbols by their ids.
static NAMES: LazyLock<FxHashMap<u64, &str>> =
    LazyLock::new(|| SYMBOLS.iter().map(|(name, id)| (*id, name.as_ref())).collect());

/// The symbol of an id.
pub(super) fn symbol(id: u64) -> Option<&'static str> {
    NAMES.get(&id).copied()
}

/// The longest symbol's bytes; longer strings need not be looked up.
const LONGEST_SYMBOL: usize = 17;

/// The id of a string: 0 for the empty one, a symbol's own, else [`hash`].
pub(super) fn id_of(text: &str) -> u64 {
    if text.is_empty() {
        return 0;
    }
    if text.len() <= LONGEST_SYMBOL
        && let Some(id) = SYMBOLS.get(text)
    {
        return *id;
    }
    hash(text)
}

/// MurmurHash64A (Austin Appleby, public domain) with seed 1.
pub(super) fn hash(text: &str) -> u64 {
    const MULTIPLIER: u64 = 0xC6A4_A793_5BD1_E995;
    const SHIFT: u32 = 47;
    let bytes = text.as_bytes();
    let mut hash = 1 ^ (bytes.len() as u64).wrapping_mul(MULTIPLIER);
    let (words, rest) = bytes.as_chunks::<8>();
    for word in words {
        let mut word = u64::from_le_bytes(*word).wrapping_mul(MULTIPLIER);
        word ^= word >> SHIFT;
        hash = (hash ^ word.wrapping_mul(MULTIPLIER)).wrapping_mul(MULTIPLIER);
    }
    if !rest.is_empty() {
        let mut last = [0; 8];
        last[..rest.len()].copy_from_slice(rest);
        hash = (hash ^ u64::from_le_bytes(last)).wrapping_mul(MULTIPLIER);
    }
    hash ^= hash >> SHIFT;
    hash = hash.wrapping_mul(MULTIPLIER);
    hash ^ (hash >> SHIFT)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_are_those_of_spacy() {
        // From `spacy.strings.StringStore` 3.8.
        for (text, id) in [
            ("", 0),
            ("apple", 8_566_208_034_543_834_098),
            ("John", 11_174_346_320_140_919_546),
            ("B-PER", 11_766_269_927_765_487_319),
            ("a", 11_901_859_001_352_538_922),
            ("日本語", 1_998_301_522_555_383_300),
            ("IS_ALPHA", 1),
            ("IS_CURRENCY", 18),
            ("FLAG19", 19),
            ("FLAG63", 63),
            ("ORTH", 65),
            ("SPACE", 103),
            ("DEPRECATED001", 104),
            ("DEPRECATED276", 379),
            ("PERSON", 380),
            ("CARDINAL", 397),
            ("acl", 451),
            ("IDX", 455),
            ("_", 456),
        ] {
            assert_eq!(id_of(text), id, "{text:?}");
        }
        assert_eq!(SYMBOLS.len(), 456);
        assert_eq!(SYMBOLS.keys().map(|name| name.len()).max(), Some(LONGEST_SYMBOL));
    }
}
