"""How many of planted errors does `ner-align doubt` find, and how many cleanlab with the same probabilities?

    cargo build --release -p ner-align-cli --features tch
    pip install cleanlab
    python doubt_precision.py MODEL DATA [--corpora wnut17 ncbi] [--seeds 1 2] [--size 1500]
                              [--more='--runs 2']

DATA is a folder with the corpora of recipe_study.py. Five percent of a corpus's entities are corrupted, in turn:
another type, an edge that moves by a word, a label that is dropped, a label that is invented. `ner-align doubt`
trains its folds on the corrupted corpus. Printed is the share of the first N doubts that touch a planted error,
where N is five percent of the entities; and the same of the first N of cleanlab's find_label_issues for token
classification, on the class probabilities of the same models. cleanlab lists tokens: those of one sentence that
follow each other are also counted as one, and the better of both figures is its own. The corpora have errors of
their own besides, which count as false alarms for both.
"""

import argparse
import json
import random
import subprocess
import tempfile
import time
from pathlib import Path

import numpy
from cleanlab.token_classification.filter import find_label_issues

from add_type import read
from recipe_study import BINARY, prepare, write

SHARE = 0.05


def spans(tags):
    found, start = [], None
    for index, tag in enumerate([*tags, "O"]):
        if start is not None and not tag.startswith("I-"):
            found.append((start, index, tags[start][2:]))
            start = None
        if tag != "O" and start is None:
            start = index
    return found


def corrupt(sentences, seed):
    """The tags with errors, and the words of each error."""
    chance = random.Random(seed)
    tags = [[line.rsplit("\t", 1)[1] for line in sentence] for sentence in sentences]
    every = [(index, span) for index, own in enumerate(tags) for span in spans(own)]
    types = sorted({span[2] for _, span in every})
    entities = [list(spans(own)) for own in tags]
    chance.shuffle(every)
    planted, kinds = [], ["type", "edge", "drop", "invent"] if len(types) > 1 else ["edge", "drop", "invent"]
    wanted = round(SHARE * len(every))
    while len(planted) < wanted and every:
        index, span = every.pop()
        kind, own = kinds[len(planted) % len(kinds)], entities[index]
        start, end, label = span
        free = lambda word: 0 <= word < len(tags[index]) and not any(a <= word < b for a, b, _ in own)
        if kind == "type":
            new = (start, end, chance.choice([other for other in types if other != label]))
        elif kind == "edge":
            options = [(start - 1, end)] * free(start - 1) + [(start, end + 1)] * free(end)
            options += [(start + 1, end), (start, end - 1)] * (end - start > 1)
            if not options:
                continue
            new = (*chance.choice(options), label)
        elif kind == "drop":
            new = None
        else:
            word = chance.randrange(len(tags[index]))
            length = chance.choice((1, 2))
            if not all(free(at) for at in range(word, word + length)):
                every.insert(0, (index, span))
                continue
            span, new = None, (word, word + length, chance.choice(types))
        if span:
            own.remove(span)
        if new:
            own.append(new)
        touched = [part for part in (span, new) if part]
        planted.append((index, min(part[0] for part in touched), max(part[1] for part in touched)))
    out = []
    for sentence, own, entities_of in zip(sentences, tags, entities):
        new = ["O"] * len(own)
        for start, end, label in entities_of:
            new[start:end] = [f"B-{label}"] + [f"I-{label}"] * (end - start - 1)
        out.append([line.rsplit("\t", 1)[0] + "\t" + tag for line, tag in zip(sentence, new)])
    return out, planted, sum(map(len, entities))


def hits(found, planted):
    return sum(any(index == at and start < b and a < end for at, a, b in planted) for index, start, end in found)


def merged(issues):
    """Tokens that follow each other, in the order of the first of them."""
    rest, out = list(issues), []
    while rest:
        index, token = rest.pop(0)
        start, end = token, token + 1
        while (index, end) in rest:
            rest.remove((index, end))
            end += 1
        while (index, start - 1) in rest:
            start -= 1
            rest.remove((index, start))
        out.append((index, start, end))
    return out


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("model")
    parser.add_argument("data", type=Path)
    parser.add_argument("--corpora", nargs="+", default=["wnut17", "ncbi"])
    parser.add_argument("--seeds", nargs="+", type=int, default=[1, 2])
    parser.add_argument("--size", type=int, default=1500, help="training sentences at most")
    parser.add_argument("--binary", default=str(BINARY))
    parser.add_argument("--keep", type=Path, help="folder for the corrupted corpora, doubts and probabilities")
    parser.add_argument("--more", default="", help="arguments of `ner-align doubt`, as one string")
    options = parser.parse_args()
    for corpus in options.corpora:
        for seed in options.seeds:
            with tempfile.TemporaryDirectory() as temporary:
                folder = options.keep or Path(temporary)
                prepare(corpus, options.data, folder, options.binary)
                sentences = read(folder / f"{corpus}-train.conll")[:options.size]
                wrong, planted, entities = corrupt(sentences, seed)
                path = folder / f"{corpus}-{seed}-wrong.conll"
                write(path, wrong)
                doubts, said = (folder / f"{corpus}-{seed}-{name}.jsonl" for name in ("doubts", "said"))
                command = [options.binary, "doubt", path, "--model", options.model, "-o", doubts]
                command += ["--probabilities", said, "--json", *options.more.split()]
                started = time.perf_counter()
                done = subprocess.run([str(part) for part in command], capture_output=True, text=True, check=False)
                if done.returncode:
                    raise RuntimeError(done.stderr[-2000:])
                wall, summary = time.perf_counter() - started, json.loads(done.stdout)
                rows = [json.loads(line) for line in said.read_text(encoding="utf-8").splitlines()]
                classes = rows[0]["classes"]
                labels = [[classes.index(line.rsplit("\t", 1)[1]) for line in sentence] for sentence in wrong]
                shares = [numpy.array(row["probabilities"], dtype=float) for row in rows]
                shares = [row / row.sum(1, keepdims=True) for row in shares]
                assert [len(row) for row in labels] == [len(row) for row in shares]
                issues = [tuple(map(int, issue)) for issue in find_label_issues(labels, shares)]
                first = len(planted)
                found = []
                for line in doubts.read_text(encoding="utf-8").splitlines()[:first]:
                    doubt = json.loads(line)
                    parts = [part for part in (doubt["gold"], doubt["suggestion"]) if part]
                    found.append((doubt["document"], min(p["first"] for p in parts), max(p["end"] for p in parts)))
                own = hits(found, planted) / first
                tokens = hits([(index, token, token + 1) for index, token in issues[:first]], planted) / first
                runs = hits(merged(issues)[:first], planted) / first
                peer = max(tokens, runs)
                print(f"{corpus} seed {seed}: {first} of {entities} entities corrupted; precision of the first {first}: "
                      f"doubt {own:.3f}, cleanlab {peer:.3f} (tokens {tokens:.3f}, merged {runs:.3f}), "
                      f"{own / max(peer, 1e-9):.2f}x; {summary['trainings']} trainings, {wall:.0f} s", flush=True)


if __name__ == "__main__":
    main()
