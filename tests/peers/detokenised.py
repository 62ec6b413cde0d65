"""Which gold entities of running text do the words of ner-align reach, and how many does a model find?

    python detokenised.py CORPUS... [--program PROGRAM] [--words WORDS] [--save FOLDER] [--model MODEL]

Each corpus is columns, the word first and the IOB tag last. The script joins the words of a sentence as
a person would have written them: no space before punctuation and clitics, none behind opening signs.
It writes text and character spans as JSON lines, lets `ner-align convert` find the words, and counts the
spans that fit no words (`convert --on-misaligned drop` names their number). Standard library only.

With `--model` it also finds the entities of the texts with a fine-tuned model, by `ner-align predict` and
by transformers' pipeline with `aggregation_strategy="first"`, and scores both on the spans of
characters: an entity counts where both ends and the label are right. Gold that no words reach is
missed. Needs `transformers` (5.24.0 was tried) and `torch==2.11.0`.
"""

import argparse
import json
import pathlib
import re
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parents[2]
# Written without a space before them.
CLOSING = re.compile(r"[.,;:!?%)\]}…”’]+|'s|'S|’s|n't|n’t|'re|'ve|'ll|'d|'m|''")
OPENING = {"(", "[", "{", "“", "‘", "``", "$", "€", "£", "#", "@"}


def sentences(path):
    """Words and tags, sentence by sentence."""
    rows = []
    for line in path.read_text(encoding="utf-8").splitlines():
        fields = line.split()
        if not fields or fields[0].startswith("-DOCSTART-"):
            if rows:
                yield rows
            rows = []
        else:
            rows.append((fields[0], fields[-1]))
    if rows:
        yield rows


def join(rows):
    """The text of a sentence, and the spans of its entities in code points."""
    text, spans, glued = "", [], True
    previous = "O"
    for word, tag in rows:
        if not (glued or CLOSING.fullmatch(word)):
            text += " "
        start = len(text)
        text += word
        glued = word in OPENING
        prefix, _, label = tag.partition("-")
        goes_on = prefix == "I" and previous.partition("-")[2] == label and spans
        if label and goes_on:
            spans[-1]["end"] = len(text)
        elif label:
            spans.append({"start": start, "end": len(text), "label": label})
        previous = tag
    return {"text": text, "spans": spans}


def score(gold, found):
    """Micro F1 of spans of characters."""
    right = sum(len(own & other) for own, other in zip(gold, found))
    golds, founds = sum(map(len, gold)), sum(map(len, found))
    precision, recall = right / max(founds, 1), right / max(golds, 1)
    f1 = 2 * right / max(golds + founds, 1)
    return f"precision {precision:.4f}, recall {recall:.4f}, F1 {f1:.4f}"


def of_ner_align(program, model, texts, words):
    """What `ner-align predict` finds in texts, one a line."""
    command = [program, "predict", "--model", model, "--words", words]
    lines = "".join(text + "\n" for text in texts)
    ended = subprocess.run(command, input=lines, capture_output=True, text=True)
    if ended.returncode:
        sys.exit(ended.stderr)
    documents = map(json.loads, ended.stdout.splitlines())
    return [{(e["start"], e["end"], e["label"]) for e in d["entities"]} for d in documents]


def of_transformers(model, texts):
    """What transformers' pipeline finds in them."""
    import transformers

    pipeline = transformers.pipeline("ner", model=str(model), aggregation_strategy="first")
    spans = lambda found: {(e["start"], e["end"], e["entity_group"]) for e in found}
    return [spans(pipeline(text)) if text.strip() else set() for text in texts]


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("corpora", nargs="+", type=pathlib.Path)
    parser.add_argument("--program", default=str(ROOT / "target/release/ner-align"))
    parser.add_argument("--words", default="unicode")
    parser.add_argument("--save", type=pathlib.Path, help="keep the JSON lines here")
    parser.add_argument("--model", type=pathlib.Path, help="a fine-tuned model, to be scored as well")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        for corpus in arguments.corpora:
            kept = arguments.save or pathlib.Path(folder)
            lines = kept / f"{corpus.stem}.jsonl"
            documents = [join(rows) for rows in sentences(corpus)]
            with lines.open("w", encoding="utf-8") as file:
                for document in documents:
                    file.write(json.dumps(document, ensure_ascii=False) + "\n")
            out = pathlib.Path(folder) / "out.conll"
            command = [arguments.program, "convert", lines, "-o", out, "--json"]
            command += ["--words", arguments.words, "--on-misaligned", "drop"]
            ended = subprocess.run(command, capture_output=True, text=True)
            if ended.returncode:
                sys.exit(ended.stderr)
            gold = sum(len(document["spans"]) for document in documents)
            found = json.loads(ended.stdout)["entities"]
            found = found if isinstance(found, int) else sum(found.values())
            lost = gold - found
            print(f"{corpus.name}: {gold} spans, {lost} fit no words ({100 * lost / gold:.2f} %)")
            if arguments.model:
                texts = [document["text"] for document in documents]
                spans = [
                    {(s["start"], s["end"], s["label"]) for s in d["spans"]} for d in documents
                ]
                own = of_ner_align(arguments.program, arguments.model, texts, arguments.words)
                peer = of_transformers(arguments.model, texts)
                print(f"  ner-align    {score(spans, own)}")
                print(f"  transformers {score(spans, peer)}")


main()
