"""Writes the .spacy and .json files of this folder with spaCy, and `expected.tsv`, which says what
is in them. Run it where `spacy==3.8.18` is installed:

    python generate.py
"""

import subprocess
import sys
import tempfile
from pathlib import Path

import spacy
import srsly
from spacy.tokens import Doc, DocBin, Span
from spacy.training import docs_to_json
from spacy.training.converters import json_to_docs

HERE = Path(__file__).resolve().parent
NLP = spacy.blank("xx")

COLUMNS = """\
-DOCSTART- -X- O O

Ana NNP _ B-PER
Souza NNP _ I-PER
lives VBZ _ O
in IN _ O
São NNP _ B-LOC
Paulo NNP _ I-LOC
. . _ O

X SYM _ B-det
det SYM _ B-TIME
TIME SYM _ I-TIME

-DOCSTART- -X- O O

Work NN _ O
: : _ O
Oslo NNP _ B-LOC
Bergen NNP _ B-LOC
東京 NNP _ B-LOC
"""


def tokenized():
    """Texts with spaces as they are, cut by spaCy's tokenizer."""
    texts = ["Ada  Lovelace\nwrote it (once). ", " leading, and\ttabs", "no spaces", "", "\n"]
    docs = list(NLP.pipe(texts))
    docs[0].ents = [Span(docs[0], 0, 3, label="PERSON")]
    docs[1].ents = []
    docs[2].ents = [Span(docs[2], 0, 1, label="X"), Span(docs[2], 1, 2, label="X")]
    NLP.add_pipe("sentencizer")
    docs[0] = NLP.get_pipe("sentencizer")(docs[0])
    NLP.remove_pipe("sentencizer")
    return docs


def annotated():
    """Missing words, groups that nest, everything else that spaCy can store."""
    partly = Doc(NLP.vocab, words=["Rita", "met", "Li", "Wei", "?"], spaces=[True, True, True, False, False])
    partly.set_ents([Span(partly, 2, 4, label="PERSON")], missing=[partly[0:1]], default="outside")
    nested = Doc(NLP.vocab, words=["University", "of", "Oslo", "Library"], sent_starts=[True, False, False, True])
    nested.spans["sc"] = [Span(nested, 0, 4, label="ORG"), Span(nested, 0, 3, label="ORG"), Span(nested, 2, 3, label="GPE")]
    several = Doc(NLP.vocab, words=["a", "b", "c"])
    several.ents = [Span(several, 0, 1, label="A")]
    several.spans["sc"] = [Span(several, 0, 1, label="A"), Span(several, 1, 2, label="B")]
    several.spans["other"] = [Span(several, 0, 3, label="C", kb_id="Q1")]
    full = Doc(
        NLP.vocab, words=["Cats", "sleep"], tags=["NNS", "VBP"], pos=["NOUN", "VERB"],
        lemmas=["cat", "sleep"], heads=[1, 1], deps=["nsubj", "ROOT"], morphs=["Number=Plur", ""],
        ents=["B-ANIMAL", "O"],
    )
    full.cats = {"pets": 1.0}
    full.user_data["source"] = "made up"
    blocked = Doc(NLP.vocab, words=["not", "one"])
    blocked.set_ents([], blocked=[blocked[0:1]], default="outside")
    bare = Doc(NLP.vocab, words=["nothing", "known"])
    return [partly, nested, several, full, blocked, bare]


def show(doc, joined):
    """As `show` in tests/docbin.rs, where a rebuilt text has sentences, if only one."""
    marked = joined or doc.has_annotation("SENT_START")
    grouped = {(s.start, s.end, s.label_): n for n, g in doc.spans.items() for s in g}
    unknown = all(token.ent_iob == 0 for token in doc) and not grouped
    some = any(token.ent_iob != 0 for token in doc)

    def word(token):
        start = "^" if token.i == 0 and marked or token.is_sent_start and token.i > 0 else ""
        missing = "?" if unknown or some and token.ent_iob == 0 else ""
        text = token.text.replace("\n", "\\n").replace("\t", "\\t")
        return start + text + missing

    spans = {(e.start, e.end, e.label_) for e in doc.ents} | set(grouped)
    spans = ", ".join(f"{label} {start}..{end}" for start, end, label in sorted(spans))
    return f"{'|'.join(map(word, doc))} [{spans}]"


def lines(name, docs, rebuilt):
    for index, (doc, joined) in enumerate(zip(docs, rebuilt)):
        text = " ".join(token.text for token in doc) if joined else doc.text
        text = text.replace("\n", "\\n").replace("\t", "\\t")
        origin = "Rebuilt" if joined else "Source"
        yield "\t".join([name, str(index), origin, text, show(doc, joined)])


def main():
    expected = ["# file, document, origin of its text, text, words and entities"]
    for name, docs in (("tokenized", tokenized()), ("annotated", annotated())):
        DocBin(docs=docs, store_user_data=True).to_disk(HERE / f"{name}.spacy")
        expected += lines(f"{name}.spacy", docs, [doc.has_unknown_spaces for doc in docs])
        # JSON holds sentences, and nothing of groups.
        whole = [doc for doc in docs if doc.has_annotation("SENT_START") and not doc.spans and len(doc)]
        data = [docs_to_json(whole)]
        srsly.write_json(HERE / f"{name}.json", data)
        expected += lines(f"{name}.json", json_to_docs(data), [doc.has_unknown_spaces for doc in whole])
    with tempfile.TemporaryDirectory() as folder:
        source = Path(folder) / "columns.conll"
        source.write_text(COLUMNS, encoding="utf-8")
        for kind in ("spacy", "json"):
            command = [sys.executable, "-m", "spacy", "convert", str(source), str(HERE), "-t", kind]
            subprocess.run(command, check=True)
    docs = list(DocBin().from_disk(HERE / "columns.spacy").get_docs(NLP.vocab))
    expected += lines("columns.spacy", docs, [True] * len(docs))
    docs = list(json_to_docs(srsly.read_json(HERE / "columns.json")))
    expected += lines("columns.json", docs, [True] * len(docs))
    (HERE / "expected.tsv").write_text("\n".join(expected) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
