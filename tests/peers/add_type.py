"""What does a model lose and learn when a type is added to it?

    cargo build --release -p ner-align-cli --features tch
    python add_type.py MODEL DATA [--corpora NAME...] [--seeds 1 2 3] [--set KEY=VALUE...]

DATA is a folder with the corpora of recipe_study.py. The training sentences of a corpus are halved. In the first
half all types but one are annotated, in the second half that one alone. Five models are trained:

    before   on the first half
    keep     from that model on the second half (base_types = "keep", what `ner-align train` does)
    drop     the same with base_types = "drop": naive fine-tuning, as transformers does it
    own      on both halves together, each of which marks types of its own (marks = "own")
    joint    on both halves together with all types annotated in both

Printed is the strict F1 on test of the old types together and of the new one. Development data have the types of
the run's training data.
"""

import argparse
import json
import statistics
import tempfile
from collections import defaultdict
from pathlib import Path

from recipe_study import BINARY, call, prepare, write

# The type that is added; the others are old.
NEW = {"wikigold": "MISC", "ewt": "LOC", "wnut17": "location", "politics": "election", "norne": "LOC"}


def only(data, keep):
    """The sentences with entities of some types alone; a tag is the last column, in IOB2."""
    def line(text):
        *columns, tag = text.split("\t")
        return "\t".join([*columns, tag if tag == "O" or keep(tag.split("-", 1)[1]) else "O"])
    return [[line(text) for text in sentence] for sentence in data]


def read(path):
    return [block.split("\n") for block in path.read_text(encoding="utf-8").split("\n\n") if block.strip()]


def f1(binary, gold, predicted, folder, keep):
    paths = []
    for name, path in (("gold", gold), ("predicted", predicted)):
        paths.append(Path(folder, f"{name}-only.conll"))
        write(paths[-1], only(read(path), keep))
    return 100 * (json.loads(call([binary, "score", *paths, "--json"]))["scores"]["strict"]["micro"]["f1"] or 0.0)


def train(options, folder, name, seed, model, files, dev, test, *settings):
    out = Path(folder, name)
    command = [options.binary, "train", "--model", model, "--dev", dev, "-o", out]
    command += [part for file in files for part in ("--train", file)]
    settings = [*settings, f"seed={seed}", "keep_checkpoints=0", *options.set]
    call(command + [part for setting in settings for part in ("--set", setting)])
    predicted = Path(folder, f"{name}.conll")
    call([options.binary, "eval", "--model", out / "model-best", test, "-o", predicted, "--json"])
    return out / "model-best", predicted


def study(options, corpus, seed, folder):
    prepare(corpus, options.data, folder, options.binary)
    of = {part: read(folder / f"{corpus}-{part}.conll") for part in ("train", "dev", "test")}
    is_new = lambda label: label == NEW[corpus]
    is_old = lambda label: label != NEW[corpus]
    half = len(of["train"]) // 2
    files = {
        "first-old": only(of["train"][:half], is_old), "second-new": only(of["train"][half:], is_new),
        "both": of["train"], "dev-old": only(of["dev"], is_old), "dev-new": only(of["dev"], is_new),
        "dev": of["dev"], "test": of["test"],
    }
    for name, data in files.items():
        files[name] = folder / f"{name}.conll"
        write(files[name], data)
    run = lambda name, model, train_files, dev, *settings: train(
        options, folder, name, seed, model, [files[file] for file in train_files], files[dev], files["test"],
        *settings)
    before, predicted = run("before", options.model, ["first-old"], "dev-old")
    found = {"before": predicted}
    found["keep"] = run("keep", before, ["second-new"], "dev-new", "base_types=keep")[1]
    found["drop"] = run("drop", before, ["second-new"], "dev-new", "base_types=drop")[1]
    found["own"] = run("own", options.model, ["first-old", "second-new"], "dev", "marks=own")[1]
    found["joint"] = run("joint", options.model, ["both"], "dev")[1]
    return {
        name: [f1(options.binary, files["test"], path, folder, keep) for keep in (is_old, is_new)]
        for name, path in found.items()
    }


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("model")
    parser.add_argument("data", type=Path)
    parser.add_argument("--corpora", nargs="+", default=["wikigold", "ewt"], choices=list(NEW))
    parser.add_argument("--seeds", nargs="+", type=int, default=[1, 2, 3])
    parser.add_argument("--set", nargs="+", default=[])
    parser.add_argument("--binary", default=str(BINARY))
    options = parser.parse_args()
    for corpus in options.corpora:
        all_of_it = defaultdict(list)
        for seed in options.seeds:
            with tempfile.TemporaryDirectory() as folder:
                for name, row in study(options, corpus, seed, Path(folder)).items():
                    all_of_it[name].append(row)
                    print(f"{corpus} seed {seed}, {name}: old {row[0]:.2f}, {NEW[corpus]} {row[1]:.2f}", flush=True)
        mean = {name: [statistics.mean(column) for column in zip(*rows)] for name, rows in all_of_it.items()}
        print(f"\n{corpus}, mean of {len(options.seeds)} seeds")
        for name, (old, new) in mean.items():
            print(f"  {name:7} old {old:6.2f} ({old - mean['before'][0]:+.2f})  {NEW[corpus]} {new:6.2f} "
                  f"({new / max(mean['joint'][1], 1e-9):.1%} of joint)")


if __name__ == "__main__":
    main()
