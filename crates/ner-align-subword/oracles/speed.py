"""Words a second from a corpus to labelled subtokens: transformers, the tokenizers crate, and ours.

    cargo build --release -p ner-align-subword --example speed
    python oracles/speed.py path/to/data TOKENIZER_DIR path/to/target/release/examples/speed [REPEATS]

Joins the English corpora under the data folder (wnut17, wikigold, crossner) into one column file,
and labels that in turn with

    transformers  its fast tokenizer with is_split_into_words in batches of 1,000 sentences, and the
                  usual loop over word_ids; the reading of the column file is counted
    bare          encode_batch of the tokenizers crate on sentences in memory: ids and no labels;
                  reading is not counted
    ours          ner-align's reader and Preparer, from the file to labelled windows in memory, with
                  an empty word cache; reading is counted

each run in a process of its own, all on all cores. Loading the tokenizer is left out of all three,
importing Python's modules too. `wall` has everything in it: what a user waits for. Prints the
median of each and the spread, and ratios of medians.
"""

import json
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path


def join(data, target):
    """One column file of all sentences; tags that are none become O."""
    paths = [path for folder in ("wnut17", "wikigold", "crossner") for path in sorted((data / folder).rglob("*"))]
    words = 0
    with open(target, "w", encoding="utf-8") as out:
        for path in paths:
            if not path.is_file() or path.name in ("README.md", "LICENSE"):
                continue
            for line in path.read_text(encoding="utf-8").split("\n"):
                fields = line.split()
                if len(fields) < 2 or fields[0] == "-DOCSTART-":
                    out.write("\n")
                    continue
                word, tag = fields[0], fields[-1]
                out.write(f"{word}\t{tag if tag[:2] in ('B-', 'I-') else 'O'}\n")
                words += 1
            out.write("\n")
    return words


def transformers(directory, corpus):
    """What one process of the first kind does."""
    from transformers import AutoTokenizer

    tokenizer = AutoTokenizer.from_pretrained(directory)
    tokenizer(["warm", "up"], is_split_into_words=True)
    start = time.perf_counter()
    sentences, words, tags = [], [], []
    with open(corpus, encoding="utf-8") as lines:
        for line in lines:
            if line == "\n":
                if words:
                    sentences.append((words, tags))
                words, tags = [], []
            else:
                word, tag = line.rstrip("\n").split("\t")
                words.append(word)
                tags.append(tag)
    if words:
        sentences.append((words, tags))
    types = sorted({tag[2:] for _, tags in sentences for tag in tags if tag != "O"})
    ids = {name: number for number, name in enumerate(["O"] + [p + t for t in types for p in ("B-", "I-")])}
    kept = []
    for first in range(0, len(sentences), 1000):
        batch = sentences[first : first + 1000]
        encoded = tokenizer([words for words, _ in batch], is_split_into_words=True, truncation=True, max_length=512)
        encoded["labels"] = []
        for number, (_, tags) in enumerate(batch):
            labels, previous = [], None
            for word in encoded.word_ids(batch_index=number):
                if word is None or word == previous:
                    labels.append(-100)
                else:
                    labels.append(ids[tags[word]])
                previous = word
            encoded["labels"].append(labels)
        kept.append(encoded)
    seconds = time.perf_counter() - start
    print(json.dumps({"seconds": seconds, "words": sum(len(words) for words, _ in sentences)}))


def run(command):
    start = time.perf_counter()
    output = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, check=True).stdout
    return json.loads(output.decode().splitlines()[-1]) | {"wall": time.perf_counter() - start}


def compare(data, directory, binary, repeats):
    with tempfile.TemporaryDirectory() as folder:
        corpus = Path(folder) / "corpus.tsv"
        words = join(data, corpus)
        commands = {
            "transformers": [sys.executable, __file__, "--once", directory, str(corpus)],
            "bare": [binary, "bare", directory, str(corpus)],
            "ours": [binary, "ours", directory, str(corpus)],
        }
        runs = {name: [] for name in commands}
        for _ in range(repeats):
            for name, command in commands.items():
                runs[name].append(run(command))
    print(f"{words} words, {directory}, {repeats} runs of each in turn")
    medians = {}
    for name, found in runs.items():
        assert all(one["words"] == words for one in found), (name, found)
        rates = sorted(words / one["seconds"] for one in found)
        medians[name] = statistics.median(rates)
        wall = statistics.median(one["wall"] for one in found)
        print(f"{name:13}{medians[name]:12,.0f} words/s   {rates[0]:,.0f} to {rates[-1]:,.0f}   wall {wall:.2f} s")
    for name in ("transformers", "bare"):
        pairs = [theirs["seconds"] / ours["seconds"] for theirs, ours in zip(runs[name], runs["ours"])]
        ratio = medians["ours"] / medians[name]
        print(f"ours / {name}: {ratio:.1f} times   {min(pairs):.1f} to {max(pairs):.1f} run by run")


if __name__ == "__main__":
    if len(sys.argv) == 4 and sys.argv[1] == "--once":
        transformers(sys.argv[2], sys.argv[3])
    elif len(sys.argv) in (4, 5):
        repeats = int(sys.argv[4]) if len(sys.argv) == 5 else 7
        compare(Path(sys.argv[1]), sys.argv[2], sys.argv[3], repeats)
    else:
        sys.exit(__doc__)
