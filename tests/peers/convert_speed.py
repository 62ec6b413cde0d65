"""Times `ner-align convert` against `spacy convert` on the same columns, as whole processes, in turns.

    cargo build --release -p ner-align-cli
    python convert_speed.py CORPUS [--binary target/release/ner-align] [--times 10] [--pairs 5]

Run it with the Python that has spaCy installed. CORPUS is columns, a word a line; it is taken so
many times in a row, to `.spacy` with ten sentences a document. Prints every pair and the medians.
"""

import argparse
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

HERE = Path(__file__).resolve().parent


def timed(command):
    start = time.perf_counter()
    subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, check=True)
    return time.perf_counter() - start


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("corpus", type=Path)
    parser.add_argument("--binary", default=str(HERE.parent.parent / "target/release/ner-align"))
    parser.add_argument("--times", type=int, default=10)
    parser.add_argument("--pairs", type=int, default=5)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        folder = Path(folder)
        rows = [line.strip() for line in options.corpus.read_text(encoding="utf-8").splitlines()]
        text = "\n".join(rows).strip("\n") + "\n\n"
        source = folder / "in.conll"
        source.write_text(text * options.times, encoding="utf-8")
        tokens = sum(map(bool, rows)) * options.times
        (folder / "spacy").mkdir()
        ours, theirs = [], []
        for pair in range(options.pairs + 1):
            own = [options.binary, "convert", str(source), "-o", str(folder / "ours.spacy"), "-n", "10"]
            peer = [sys.executable, "-m", "spacy", "convert", "-c", "conll", "-n", "10", str(source), str(folder / "spacy")]
            seconds, peer_seconds = timed(own), timed(peer)
            if pair == 0:
                continue  # warms the caches
            ours.append(seconds)
            theirs.append(peer_seconds)
            print(f"{seconds:.3f} s  {peer_seconds:.3f} s  {peer_seconds / seconds:.1f}x", flush=True)
    print(f"{tokens} tokens, medians of {options.pairs}: ner-align {statistics.median(ours):.3f} s, "
          f"spaCy {statistics.median(theirs):.3f} s, "
          f"{statistics.median(t / o for o, t in zip(ours, theirs)):.1f}x")


if __name__ == "__main__":
    main()
