"""Times `ner-align align` against transformers' fast tokenizer under the usual
`tokenize_and_align_labels`, in turns, on the same columns.

    cargo build --release -p ner-align-cli
    python align_speed.py TOKENIZER CORPUS [--binary target/release/ner-align] [--times 6] [--rounds 5]

Run it with a Python that has `transformers`; with `--datasets` the function goes through
`datasets.Dataset.map`, as the examples of transformers do, and otherwise over lists of 1,000
sentences. CORPUS is columns, a word a line; it is taken so many times in a row.

ner-align is timed as a whole process, which also reads the file and writes the windows as JSON.
Of the peer there are two times: that of the loop alone, over words and tags that are in memory after
all imports, and that of its whole process, which reads the file and writes nothing.
"""

import argparse
import json
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

HERE = Path(__file__).resolve().parent
BATCH = 1000


def sentences(path):
    words, tags = [], []
    for line in path.read_text(encoding="utf-8").split("\n"):
        fields = line.split()
        if not fields:
            if words:
                yield words, tags
            words, tags = [], []
        else:
            words.append(fields[0])
            tags.append(fields[-1])


def peer(tokenizer, corpus, by_datasets):
    """The loop of transformers' token classification examples; prints its seconds."""
    from transformers import AutoTokenizer

    tokenizer = AutoTokenizer.from_pretrained(tokenizer)
    rows = list(sentences(corpus))
    names = {name: number for number, name in enumerate(sorted({tag for _, tags in rows for tag in tags}))}
    words = [words for words, _ in rows]
    tags = [[names[tag] for tag in tags] for _, tags in rows]

    def tokenize_and_align_labels(examples):
        inputs = tokenizer(examples["tokens"], truncation=True, is_split_into_words=True)
        labels = []
        for row, own in enumerate(examples["ner_tags"]):
            previous, ids = None, []
            for word in inputs.word_ids(batch_index=row):
                if word is None or word == previous:
                    ids.append(-100)
                else:
                    ids.append(own[word])
                previous = word
            labels.append(ids)
        inputs["labels"] = labels
        return inputs

    if by_datasets:
        from datasets import Dataset, disable_caching, disable_progress_bars

        disable_caching()
        disable_progress_bars()
        data = Dataset.from_dict({"tokens": words, "ner_tags": tags})
        start = time.perf_counter()
        made = data.map(tokenize_and_align_labels, batched=True)
        seconds = time.perf_counter() - start
        windows = len(made)
    else:
        start = time.perf_counter()
        windows = 0
        for first in range(0, len(words), BATCH):
            part = {"tokens": words[first:first + BATCH], "ner_tags": tags[first:first + BATCH]}
            windows += len(tokenize_and_align_labels(part)["labels"])
        seconds = time.perf_counter() - start
    print(json.dumps({"seconds": seconds, "windows": windows}))


def timed(command, out=subprocess.PIPE):
    start = time.perf_counter()
    done = subprocess.run(command, stdout=out, stderr=subprocess.PIPE, check=True)
    return time.perf_counter() - start, done.stdout


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("tokenizer", type=Path)
    parser.add_argument("corpus", type=Path)
    parser.add_argument("--binary", default=str(HERE.parent.parent / "target/release/ner-align"))
    parser.add_argument("--times", type=int, default=6)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--datasets", action="store_true")
    parser.add_argument("--peer", action="store_true", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.peer:
        peer(options.tokenizer, options.corpus, options.datasets)
        return
    with tempfile.TemporaryDirectory() as folder:
        source = Path(folder) / "in.conll"
        rows = [line.strip() for line in options.corpus.read_text(encoding="utf-8").splitlines()]
        source.write_text(("\n".join(rows).strip("\n") + "\n\n") * options.times, encoding="utf-8")
        words = sum(map(bool, rows)) * options.times
        own = [options.binary, "align", str(source), "--tokenizer", str(options.tokenizer)]
        their = [sys.executable, __file__, str(options.tokenizer), str(source), "--peer"]
        their += ["--datasets"] * options.datasets
        times = {"ours": [], "loop": [], "whole": []}
        for turn in range(options.rounds + 1):
            with open(Path(folder) / "out.jsonl", "wb") as out:
                ours, _ = timed(own, out)
            whole, answer = timed(their)
            loop = json.loads(answer)["seconds"]
            if turn == 0:
                continue  # warms the caches
            for name, seconds in (("ours", ours), ("loop", loop), ("whole", whole)):
                times[name].append(seconds)
            print(f"ner-align {ours:.3f} s  loop {loop:.3f} s, {loop / ours:.1f}x  "
                  f"whole process {whole:.3f} s, {whole / ours:.1f}x", flush=True)
    ours, loop, whole = (statistics.median(times[name]) for name in ("ours", "loop", "whole"))
    ratio = {name: statistics.median(t / o for o, t in zip(times["ours"], times[name])) for name in times}
    print(f"{words} words, medians of {options.rounds}: ner-align {ours:.3f} s ({words / ours / 1e6:.2f} M words/s); "
          f"loop alone {loop:.3f} s, {ratio['loop']:.1f}x; whole process {whole:.3f} s, {ratio['whole']:.1f}x")


if __name__ == "__main__":
    main()
