"""Converts the same inputs with `spacy convert` and with `ner-align convert`, opens both results
with spaCy, and compares them document by document: text, tokens, spaces, sentence starts,
entities, missing marks, span groups.

    python against_spacy.py --ner-align target/release/ner-align --data DATA [--out TABLE.md]

DATA is the folder of corpora; inputs that are not there are left out and named. The table takes the
place of the one that TABLE.md ends with. The exit code is 1
if a difference is none of those that are expected and explained below.
"""

import argparse
import subprocess
import sys
import tempfile
from pathlib import Path

import spacy
import srsly
from spacy.tokens import DocBin
from spacy.training import Corpus
from spacy.training.converters import json_to_docs

HERE = Path(__file__).resolve().parent
FIXTURES = HERE.parent.parent.parent / "fixtures"



def mended(text):
    """WikiGold without the digit that stands for the letter O once."""
    return text.replace(" 0\n", " O\n")


def plain_blank_lines(text):
    """Lines of nothing but a tab become empty."""
    return text.replace("\n\t\n", "\n\n").replace("\n\t\n", "\n\n")


# Name, path below DATA or fixtures, `spacy convert -c`, -n, what is done to the text first, and,
# where the two must differ, why.
CASES = [
    ("WikiGold", "wikigold/wikigold.conll.txt", "conll", 1, None, "one tag is the digit 0: ner-align reads it as O"),
    ("WikiGold, digit mended", "wikigold/wikigold.conll.txt", "conll", 1, mended, "`-DOCSTART- O` is a document mark to ner-align and a word to spaCy"),
    ("WikiGold, mended, no marks", "wikigold/wikigold.conll.txt", "conll", 10, lambda t: mended(t).replace("-DOCSTART- O\n\n", ""), None),
    ("WNUT-17 dev", "wnut17/emerging.dev.conll", "conll", 1, None, None),
    ("WNUT-17 train, plain blank lines", "wnut17/wnut17train.conll", "conll", 1, plain_blank_lines, None),
    ("WNUT-17 train, plain blank lines", "wnut17/wnut17train.conll", "conll", 10, plain_blank_lines, None),
    ("WNUT-17 dev", "wnut17/emerging.dev.conll", "conll", 0, None, None),
    ("NCBI disease", "ncbi-disease/conll/devel.tsv", "conll", 1, None, None),
    ("NCBI disease, IOBES", "mtl-bio/NCBI-disease-IOBES/devel.tsv", "conll", 1, None, "spaCy takes E- for the start of another entity; ner-align knows IOBES"),
    ("CrossNER AI", "crossner/ai/train.txt", "conll", 1, None, None),
    ("Bengali NER", "bengali-ner/test_data.txt", "conll", 1, None, "tags without a prefix (TIM) are types cut by two characters in spaCy, I-TIM in ner-align; an empty tag stops spaCy"),
    ("NorNE", "norne/no_bokmaal-ud-dev.conllu", "conllu", 1, None, "a document's text is its `# text` in ner-align; spaCy adds a space after the last word"),
    ("spaCy's example, a sentence a line", "spacy-json/ner_example_data/ner-sent-per-line.iob", "iob", 1, None, "the end of the last line is one more, empty document in spaCy"),
    ("spaCy's example, columns", "spacy-json/ner_example_data/ner-token-per-line.iob", "ner", 1, None, None),
    ("spaCy's example, columns, -n 10", "spacy-json/ner_example_data/ner-token-per-line.iob", "ner", 10, None, None),
    ("spaCy's example, CoNLL-2003", "spacy-json/ner_example_data/ner-token-per-line-conll2003.iob", "ner", 1, None, None),
    ("spaCy's example, JSON", "spacy-json/ner_example_data/ner-token-per-line.json", "json", 1, None, None),
    ("spaCy's example, JSON with parses", "spacy-json/training-data.json", "json", 1, None, None),
    ("quirk: CRLF", "quirks/crlf.conll", "conll", 1, None, None),
    ("quirk: blank lines with a tab", "quirks/tab-blank.conll", "conll", 1, None, "spaCy's blank line is two line ends; one with a tab does not end a sentence"),
    ("quirk: byte order mark", "quirks/bom.conll", "conll", 1, None, "the mark is part of the first word in spaCy"),
    ("quirk: document marks", "quirks/docstart-bare.conll", "conll", 1, None, "-DOCSTART- is a word in spaCy unless it is `-DOCSTART- -X- O O`"),
    ("quirk: CoNLL-2003 marks", "quirks/spaces.conll", "conll", 1, None, "-DOCSTART- is a word in spaCy unless it is `-DOCSTART- -X- O O`"),
    ("quirk: IOB1", "quirks/iob1.conll", "conll", 1, None, None),
    ("quirk: BILUO", "quirks/biluo.conll", "conll", 1, None, None),
    ("quirk: comments", "quirks/comments.conll", "conll", 1, None, "a comment is a ragged row in spaCy, which shifts the columns of its sentence"),
    ("quirk: no final line end", "quirks/no-final-newline.conll", "conll", 1, None, None),
]


def view(doc):
    """What must be equal."""
    return {
        "text": doc.text,
        "tokens": [token.text for token in doc],
        "spaces": [bool(token.whitespace_) for token in doc],
        "unknown spaces": doc.has_unknown_spaces,
        # spaCy leaves the first word's at 0 or 1.
        "sentences": [token.is_sent_start for token in doc][1:],
        "entities": [(e.start, e.end, e.label_) for e in doc.ents],
        "missing": [token.ent_iob == 0 for token in doc],
        "groups": {k: [(s.start, s.end, s.label_) for s in g] for k, g in doc.spans.items()},
    }


def load(path):
    """Documents of a .spacy or a .json, with a vocabulary of their own."""
    nlp = spacy.blank("xx")
    if path.suffix == ".json":
        return list(json_to_docs(srsly.read_json(path)))
    docs = list(DocBin().from_disk(path).get_docs(nlp.vocab)) if path.is_file() else []
    # A corpus for training reads the same, from a file or a folder.
    examples = [example.reference for example in Corpus(path)(nlp)]
    if not docs:
        return examples
    filled = [doc for doc in docs if len(doc)]
    assert [doc.text for doc in filled] == [doc.text for doc in examples]
    return docs


def with_spacy(source, converter, n, suffix, folder):
    out = folder / "spacy"
    out.mkdir()
    command = [sys.executable, "-m", "spacy", "convert", str(source), str(out)]
    command += ["-c", converter, "-n", str(n), "-t", suffix]
    done = subprocess.run(command, capture_output=True, text=True)
    if done.returncode != 0:
        last = (done.stderr.strip() or done.stdout.strip()).splitlines()[-1]
        return last.split(": See ")[0].split(". See http")[0]
    return load(next(out.iterdir()))


def with_ner_align(program, source, converter, n, suffix, folder):
    out = folder / f"ours.{suffix}"
    formats = {"ner": "conll", "iob": "iob-lines", "json": "spacy-json"}
    command = [program, "convert", str(source), "-o", str(out), "-n", str(n)]
    command += ["--from", formats.get(converter, converter), "--replace-unwritable"]
    command += ["--to", {"spacy": "docbin", "json": "spacy-json"}[suffix]]
    done = subprocess.run(command, capture_output=True, text=True)
    if done.returncode != 0:
        return done.stderr.strip().splitlines()[0]
    return load(out)


def compare(theirs, ours):
    """The first difference in words, or None."""
    for name, result in (("spaCy", theirs), ("ner-align", ours)):
        if isinstance(result, str):
            return f"{name}: {result}"
    if len(theirs) != len(ours):
        return f"{len(theirs)} documents in spaCy, {len(ours)} in ner-align"
    counts = {}
    for left, right in zip(theirs, ours):
        left, right = view(left), view(right)
        for key in left:
            if left[key] != right[key]:
                counts[key] = counts.get(key, 0) + 1
    if counts:
        return ", ".join(f"{key} in {count} documents" for key, count in counts.items())
    return None


def size(docs):
    if isinstance(docs, str):
        return "–"
    entities = sum(len(doc.ents) for doc in docs)
    return f"{len(docs)} / {sum(map(len, docs))} / {entities}"


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--ner-align", required=True)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--out", type=Path)
    arguments = parser.parse_args()
    rows, bad = [], 0
    for name, path, converter, n, edit, expected in CASES:
        source = (FIXTURES if path.startswith("quirks/") else arguments.data) / path
        if not source.exists():
            print(f"skipped: {path} is not here", file=sys.stderr)
            continue
        results = {}
        for suffix in ("spacy", "json"):
            with tempfile.TemporaryDirectory() as folder:
                folder = Path(folder)
                edited = folder / source.name
                text = source.read_bytes().decode("utf-8")
                edited.write_bytes((edit(text) if edit else text).encode("utf-8"))
                theirs = with_spacy(edited, converter, n, suffix, folder)
                ours = with_ner_align(arguments.ner_align, edited, converter, n, suffix, folder)
                difference = compare(theirs, ours)
            if difference is None:
                verdict = "equal"
            elif expected:
                verdict = f"{difference}: {expected}"
            else:
                verdict, bad = f"**{difference}**", bad + 1
            row = f"{n} | {size(theirs)} | {size(ours)} | {verdict} |"
            results.setdefault(row, []).append(f"`.{suffix}`")
        for row, suffixes in results.items():
            rows.append(f"| {name} | {', '.join(suffixes)} | {row}")
            print(rows[-1], file=sys.stderr)
    table = "\n".join([
        "| input | output | -n | spaCy: documents / tokens / entities | ner-align | result |",
        "|---|---|---|---|---|---|",
        *rows,
    ])
    if arguments.out:
        page = arguments.out.read_text(encoding="utf-8") if arguments.out.exists() else ""
        head = page.split("| input |")[0]
        arguments.out.write_text(head + table + "\n", encoding="utf-8")
    else:
        print(table)
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
