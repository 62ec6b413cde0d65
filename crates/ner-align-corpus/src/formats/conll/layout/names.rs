//! The names that tools give to columns.

/// Names of the column of words, in lower case.
pub(super) const WORDS: [&str; 9] =
    ["token", "word", "form", "tokens", "words", "text", "wordform", "surface", "term"];

/// Names of columns of tags, the likelier ones first.
pub(super) const TAGS: [&str; 24] = [
    "ne-coarse-lit",
    "ner",
    "ne",
    "ner_tag",
    "ner_tags",
    "ner-tag",
    "ne_tag",
    "ne-tag",
    "nertag",
    "named_entity",
    "entity",
    "tag",
    "tags",
    "label",
    "labels",
    "bio",
    "iob",
    "iob2",
    "gold",
    "outer",
    "entity_tag",
    "entity_type",
    "ner_label",
    "annotation",
];

/// Names of other columns, which also show that a row is a header.
pub(super) const OTHERS: [&str; 14] = [
    "pos", "upos", "xpos", "postag", "pos_tag", "lemma", "chunk", "feats", "id", "index", "misc",
    "head", "deprel", "idx",
];

/// Types of phrases, which the tags of chunks have.
const PHRASES: [&str; 15] = [
    "NP", "VP", "PP", "ADVP", "ADJP", "SBAR", "PRT", "CONJP", "INTJ", "LST", "UCP", "CLS", "NC",
    "VC", "PC",
];

/// Parts of speech of Universal Dependencies, and some of the Penn Treebank.
const PARTS_OF_SPEECH: [&str; 44] = [
    "NOUN", "VERB", "ADJ", "ADV", "PROPN", "PRON", "DET", "ADP", "AUX", "CCONJ", "SCONJ", "CONJ",
    "NUM", "PART", "PUNCT", "SYM", "INTJ", "NN", "NNP", "NNS", "NNPS", "VB", "VBD", "VBZ", "VBN",
    "VBG", "VBP", "DT", "IN", "JJ", "JJR", "JJS", "RB", "PRP", "PRP$", "CC", "CD", "MD", "TO",
    "WDT", "WP", "RP", "POS", "EX",
];

/// True if the type is one of phrases.
pub(super) fn is_phrase(label: &str) -> bool {
    PHRASES.contains(&label)
}

/// True if the text is a part of speech, or a punctuation mark, which stands for itself among them.
pub(super) fn is_part_of_speech(text: &str) -> bool {
    PARTS_OF_SPEECH.contains(&text)
        || (!text.is_empty()
            && !matches!(text, "-" | "_")
            && text.chars().all(|c| c.is_ascii_punctuation()))
}
