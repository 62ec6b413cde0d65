"""Does transformers predict the tags that ner-align predicts, for every word of annotated corpora?

    python predictions.py MODEL CORPUS... [--program PROGRAM] [--from FORMAT] [--save FOLDER]

MODEL is a folder that `ner-align train` wrote, with a linear head. Both sides get the words of the
corpora, by sentences. ner-align runs `predict --decode argmax --to conll`; transformers takes the
class of each word's first subtoken with the largest logit. A word without subtokens is O.

A sentence that exceeds the model's window is not compared: transformers has no rule for it. Such
sentences are counted and listed. A difference between logits that are less than 1e-4 apart is a tie,
which the order of a sum decides. Any other difference makes the exit status 1.

`--save` saves the model again by transformers, so that the copy can be compared too. Needs
`transformers==5.17.0`, `torch==2.11.0` and a built `ner-align`.
"""

import argparse
import json
import pathlib
import re
import subprocess
import sys
import tempfile

import torch
from transformers import AutoModelForTokenClassification, AutoTokenizer

ROOT = pathlib.Path(__file__).resolve().parents[2]
# Files that Python can read by itself as columns, the word first: the words then come from two readers.
COLUMNS = {".conll", ".tsv", ".txt", ".annotated"}
TAG = re.compile("O|[BI]-.+")
TIE = 1e-4
BATCH = 32


def is_comment(line):
    """Of a line before a sentence's first word: `#` may be a word too, with a tag."""
    return line.startswith("# ") and not TAG.fullmatch(line.split()[-1])


def sentences(path):
    """Lists of (word, tag) from a column file: first and last column."""
    sentence = []
    with open(path, encoding="utf-8-sig", newline="") as file:
        for line in file.read().split("\n"):
            fields = line.strip("\r").split("\t") if "\t" in line.strip() else line.split()
            if not line.strip() or line.startswith("-DOCSTART-"):
                if sentence:
                    yield sentence
                sentence = []
            elif sentence or not is_comment(line):
                sentence.append((fields[0], fields[-1]))
    if sentence:
        yield sentence


class Peer:
    """The model as transformers runs it."""

    def __init__(self, folder):
        self.tokenizer = AutoTokenizer.from_pretrained(folder, add_prefix_space=True)
        self.model = AutoModelForTokenClassification.from_pretrained(folder).eval()
        meta = json.loads((pathlib.Path(folder) / "meta.json").read_text(encoding="utf-8"))
        self.longest = meta["max_length"]

    def lengths(self, sentences):
        """Subtokens of each sentence, special ones counted."""
        encoded = self.tokenizer(sentences, is_split_into_words=True, verbose=False)
        return [len(ids) for ids in encoded["input_ids"]]

    def logits(self, batch):
        """For each sentence, the logits of each word's first subtoken; none for one without."""
        inputs = self.tokenizer(batch, is_split_into_words=True, padding=True, return_tensors="pt")
        with torch.no_grad():
            logits = self.model(**inputs).logits
        for row, words in enumerate(batch):
            firsts = {}
            for position, word in enumerate(inputs.word_ids(row)):
                if word is not None:
                    firsts.setdefault(word, logits[row, position])
            yield [firsts.get(word) for word in range(len(words))]


class Comparison:
    """Counts of one corpus."""

    def __init__(self, names):
        self.names = names
        self.classes = {name: number for number, name in names.items()}
        self.words = self.entity_words = self.without = self.ties = self.differences = 0

    def add(self, words, tags, logits):
        for word, tag, scores in zip(words, tags, logits, strict=True):
            self.words += 1
            self.entity_words += tag != "O"
            self.without += scores is None
            expected = "O" if scores is None else self.names[scores.argmax().item()]
            if tag == expected:
                continue
            apart = float("inf")
            if scores is not None and tag in self.classes:
                apart = (scores.max() - scores[self.classes[tag]]).item()
            if apart < TIE:
                self.ties += 1
            else:
                self.differences += 1
            print(f"  {word!r}: transformers {expected}, ner-align {tag}, {apart:.2g} apart")


def run(program, *arguments):
    done = subprocess.run([program, *map(str, arguments)], stderr=subprocess.PIPE, text=True)
    if done.returncode:
        sys.exit(done.stderr)


def compare(peer, corpus, arguments, folder):
    program, model = arguments.program, arguments.model
    columns = corpus.suffix in COLUMNS and arguments.format is None
    # `predict` takes a .txt for plain text unless it is told.
    format = "conll" if columns else arguments.format
    reading = ["--from", format] if format else []
    words, predicted = corpus, folder / "predicted.conll"
    if not columns:
        words = folder / "words.conll"
        run(program, "convert", corpus, "-o", words, "--on-misaligned", "drop",
            "--on-overlap", "longest", *reading)
    run(program, "predict", "--model", model, "--decode", "argmax", "--to", "conll",
        "--precision", "f32", "-o", predicted, corpus, *reading)
    gold = [[word for word, _ in sentence] for sentence in sentences(words)]
    ours = [list(zip(*sentence)) for sentence in sentences(predicted)]
    assert gold == [list(words) for words, _ in ours], f"{corpus}: the words differ"

    lengths = peer.lengths(gold)
    too_long = [number for number, length in enumerate(lengths) if length > peer.longest]
    for number in too_long:
        print(f"  sentence {number + 1} has {lengths[number]} subtokens: not compared")
    # Like lengths together, so that there is little padding.
    fitting = [number for number, length in enumerate(lengths) if length <= peer.longest]
    fitting.sort(key=lengths.__getitem__)
    comparison = Comparison(peer.model.config.id2label)
    for start in range(0, len(fitting), BATCH):
        batch = fitting[start : start + BATCH]
        logits = peer.logits([gold[number] for number in batch])
        for number, of_sentence in zip(batch, logits):
            comparison.add(gold[number], ours[number][1], of_sentence)
    print(
        f"{corpus}: {len(fitting)} sentences, {comparison.words} words"
        f" ({comparison.without} without subtokens, {comparison.entity_words} in entities),"
        f" {comparison.differences} differences, {comparison.ties} ties,"
        f" {len(too_long)} sentences too long",
        flush=True,
    )
    return comparison.differences


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("model")
    parser.add_argument("corpora", nargs="+", type=pathlib.Path, metavar="CORPUS")
    parser.add_argument("--program", default=ROOT / "target/release/ner-align")
    parser.add_argument("--from", dest="format")
    parser.add_argument("--save")
    arguments = parser.parse_args()

    peer = Peer(arguments.model)
    if arguments.save:
        peer.model.save_pretrained(arguments.save)
        peer.tokenizer.save_pretrained(arguments.save)
    differences = 0
    with tempfile.TemporaryDirectory() as folder:
        for corpus in arguments.corpora:
            differences += compare(peer, corpus, arguments, pathlib.Path(folder))
    sys.exit(1 if differences else 0)


main()
