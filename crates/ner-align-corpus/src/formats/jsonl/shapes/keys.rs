//! The keys of records by what they mean, the surest first.

/// Keys of a text.
pub(super) const TEXT: [&str; 14] = [
    "text",
    "content",
    "data",
    "sentence",
    "document",
    "source",
    "body",
    "raw_text",
    "doc",
    "context",
    "sent",
    "message",
    "utterance",
    "Text",
];

/// Keys of a list of words.
pub(super) const WORDS: [&str; 9] = [
    "tokens",
    "words",
    "tokenized_text",
    "token",
    "sentence",
    "text",
    "word_list",
    "data",
    "str_words",
];

/// Keys of a list of sentences.
pub(super) const SENTENCES: [&str; 3] = ["sentences", "sents", "tokens"];

/// Keys of tags or of spans of words.
pub(super) const TAGS: [&str; 12] = [
    "ner_tags",
    "tags",
    "ner",
    "labels",
    "label",
    "ner_labels",
    "bio_tags",
    "iob_tags",
    "ner_tag",
    "tag",
    "entity_tags",
    "target",
];

/// Keys of spans.
pub(super) const SPANS: [&str; 17] = [
    "spans",
    "entities",
    "ents",
    "label",
    "labels",
    "annotations",
    "annotation",
    "ner",
    "entity_mentions",
    "golden-entity-mentions",
    "mentions",
    "named_entities",
    "entity_list",
    "tags",
    "data",
    "tokens",
    "Entities",
];

/// Keys of spans that are read without a look at the tree.
pub(super) const KNOWN: [&str; 8] =
    ["spans", "entities", "ents", "label", "labels", "annotations", "annotation", "completions"];

/// Keys of other annotation than that of entities.
pub(super) const OTHER_ANNOTATION: [&str; 10] = [
    "pos_tags",
    "chunk_tags",
    "chunks",
    "pos",
    "relations",
    "relation",
    "sents",
    "noun_chunks",
    "events",
    "clusters",
];
