"""Times `ner-align score` against seqeval on the same two files, as whole processes, in turns.

    cargo build --release -p ner-align-cli
    python score_speed.py [--binary target/release/ner-align] [--tokens 1000000] [--pairs 7]

Run it with the Python that has seqeval installed. Writes two files of sentences of 5 to 45 words,
about nine entities in a hundred words, four types; one predicted tag in twenty is redrawn. Prints
every pair and the medians, and exits with status 1 if the two do not print the same scores.
"""

import argparse
import random
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

HERE = Path(__file__).resolve().parent
TYPES = ["LOC", "MISC", "ORG", "PER"]


def write(folder, tokens):
    """Writes gold.tsv and predicted.tsv."""
    rng = random.Random(7)
    any_tag = ["O"] + [f"{letter}-{kind}" for letter in "BI" for kind in TYPES]
    vocabulary = [f"word{i}" for i in range(20_000)]
    written = 0
    with open(folder / "gold.tsv", "w") as gold, open(folder / "predicted.tsv", "w") as predicted:
        while written < tokens:
            length, tags = rng.randint(5, 45), []
            while len(tags) < length:
                if rng.random() < 0.1:
                    kind = rng.choice(TYPES)
                    tags += [f"B-{kind}"] + [f"I-{kind}"] * rng.randint(0, 2)
                else:
                    tags.append("O")
            for tag in tags[:length]:
                word = rng.choice(vocabulary)
                guess = rng.choice(any_tag) if rng.random() < 0.05 else tag
                gold.write(f"{word}\t{tag}\n")
                predicted.write(f"{word}\t{guess}\n")
            gold.write("\n")
            predicted.write("\n")
            written += length
    return written


def timed(command):
    start = time.perf_counter()
    done = subprocess.run(command, stdout=subprocess.PIPE, check=True)
    return time.perf_counter() - start, done.stdout.decode()


def rows(report):
    """The table's rows: name to numbers."""
    lines = [line.rsplit(maxsplit=4) for line in report.splitlines()]
    return {line[0].strip(): line[1:] for line in lines if len(line) == 5 and line[1][:2] in ("0.", "1.")}


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--binary", default=str(HERE.parent.parent / "target/release/ner-align"))
    parser.add_argument("--tokens", type=int, default=1_000_000)
    parser.add_argument("--pairs", type=int, default=7)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        folder = Path(folder)
        tokens = write(folder, options.tokens)
        files = [str(folder / "gold.tsv"), str(folder / "predicted.tsv")]
        ours, theirs = [], []
        for pair in range(options.pairs + 1):
            seconds, our_report = timed([options.binary, "score", *files])
            peer_seconds, peer_report = timed(
                [sys.executable, str(HERE / "seqeval_score.py"), *files]
            )
            if pair == 0:
                continue  # warms the caches
            ours.append(seconds)
            theirs.append(peer_seconds)
            print(f"{seconds:.3f} s  {peer_seconds:.3f} s  {peer_seconds / seconds:.1f}x", flush=True)
    print(f"{tokens} tokens, medians of {options.pairs}: ner-align {statistics.median(ours):.3f} s, "
          f"seqeval {statistics.median(theirs):.3f} s, "
          f"{statistics.median(t / o for o, t in zip(ours, theirs)):.1f}x")
    peer = rows(peer_report)
    same = bool(peer) and all(rows(our_report).get(name) == row for name, row in peer.items())
    print("same scores" if same else "scores differ")
    sys.exit(not same)


if __name__ == "__main__":
    main()
