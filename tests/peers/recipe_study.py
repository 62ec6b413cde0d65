"""How well do the recipes of `ner-align train` and a tuned Trainer of transformers do on corpora of many kinds?

    cargo build --release -p ner-align-cli --features tch
    python recipe_study.py run RESULTS MODEL DATA --runs best "trainer rate=3e-4 epochs=10 batch=4" tuned
                           [--corpora NAME...] [--sizes 50 200 1000 0] [--seeds 1 2 3] [--minutes 60]
    python recipe_study.py report RESULTS [--test]

DATA is a folder with the corpora of CORPORA below. A run is a recipe of ner-align with settings over it, such
as `best freeze=nothing epoch_steps=100`; or `Trainer` with rate, epochs and batch; `tuned` stands for the
Trainer's whole grid. Each run of each corpus, size and seed is one line of RESULTS, and what is in RESULTS is
not run again, so that the study can continue another day. The predictions are kept beside it, in RESULTS.d.

A size is a number of sentences, the first ones of a shuffled training set, the same for all runs and seeds; 0 is
the whole set. Development and test data have at most 500 and 1,500 sentences.

The report has, for each corpus and size, the mean strict F1 on dev of each run; of the Trainer's grid the
settings that are best on dev. `--test` adds the test data and the p-value of a paired bootstrap against the
Trainer, whose units are sentences with all seeds. Choose by dev, on the corpora that are not HELD_OUT; look at
the test data once.

Run it with the Python that has transformers, torch 2.11, accelerate and seqeval.
"""

import argparse
import itertools
import json
import platform
import random
import re
import statistics
import subprocess
import sys
import tempfile
import time
from collections import defaultdict
from pathlib import Path

HERE = Path(__file__).resolve().parent
BINARY = HERE.parent.parent / "target/release/ner-align"

# Train, dev, test; files that are named twice are cut into parts of these shares of their sentences.
CORPORA = {
    "wnut17": ("wnut17/wnut17train.conll", "wnut17/emerging.dev.conll", "wnut17/emerging.test.annotated"),
    "ncbi": tuple(f"ncbi-disease/conll/{part}.tsv" for part in ("train", "devel", "test")),
    **{
        name: tuple(f"crossner/{name}/{part}.txt" for part in ("train", "dev", "test"))
        for name in ("ai", "literature", "music", "politics", "science")
    },
    "wikigold": ("wikigold/wikigold.conll.txt",) * 3,
    "ewt": ("uner-ewt/en_ewt-ud-dev.iob2", "uner-ewt/en_ewt-ud-test.iob2", "uner-ewt/en_ewt-ud-test.iob2"),
    "norne": ("norne/no_bokmaal-ud-dev.conllu",) + ("norne/no_bokmaal-ud-test.conllu",) * 2,
    "bengali": ("bengali-ner/train_data.txt", "bengali-ner/test_data.txt", "bengali-ner/test_data.txt"),
}
# No setting is chosen by these.
HELD_OUT = ("music", "wikigold", "norne")
MOST = {"dev": 500, "test": 1500}
GRID = [
    f"Trainer rate={rate} epochs={epochs} batch={batch}"
    for rate, epochs, batch in itertools.product(("1e-4", "3e-4"), (5, 10, 20), (4, 16, 32))
]


def call(command):
    done = subprocess.run([str(part) for part in command], capture_output=True, text=True, check=False)
    if done.returncode:
        raise RuntimeError(f"{command[0]} failed:\n{done.stdout[-2000:]}{done.stderr[-2000:]}")
    return done.stdout


def sentences(path, binary):
    """The sentences of a corpus in columns, with tags in IOB2."""
    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder, "corpus.conll")
        call([binary, "convert", path, "-o", out, "--scheme", "iob2"])
        blocks = out.read_text(encoding="utf-8").split("\n\n")
    for block in blocks:
        lines = [line for line in block.split("\n") if "\t" in line]
        if lines:
            yield lines


def write(path, data):
    path.write_text("".join("\n".join(lines) + "\n\n" for lines in data), encoding="utf-8")


def prepare(corpus, data, folder, binary):
    """Writes train, dev and test of a corpus, the training sentences shuffled."""
    names = [folder / f"{corpus}-{part}.conll" for part in ("train", "dev", "test")]
    if all(name.exists() for name in names):
        return
    parts = dict(zip(("train", "dev", "test"), CORPORA[corpus]))
    found = {path: list(sentences(data / path, binary)) for path in set(parts.values())}
    cut = {}
    for path, all_of_it in found.items():
        shared = [part for part in parts if parts[part] == path]
        # The training part is three fifths where one file is all there is.
        shares = {1: [1.0], 2: [0.5, 0.5], 3: [0.6, 0.2, 0.2]}[len(shared)]
        start = 0
        for part, share in zip(shared, shares):
            end = start + round(share * len(all_of_it))
            cut[part] = all_of_it[start:end]
            start = end
    random.Random(corpus).shuffle(cut["train"])
    for part, most in MOST.items():
        random.Random(f"{corpus} {part}").shuffle(cut[part])
        cut[part] = cut[part][:most]
    folder.mkdir(parents=True, exist_ok=True)
    for part, name in zip(("train", "dev", "test"), names):
        write(name, cut[part])


def score(binary, gold, predicted):
    scores = json.loads(call([binary, "score", gold, predicted, "--json"]))
    return scores["scores"]["strict"]["micro"]["f1"] or 0.0


def ours(options, run, files, seed, out):
    recipe, *settings = run.split()
    settings += [f"seed={seed}", "keep_checkpoints=0"]
    with tempfile.TemporaryDirectory() as folder:
        command = [options.binary, "train", "--recipe", recipe, "--train", files["train"], "--dev", files["dev"]]
        command += ["--model", options.model, "-o", f"{folder}/run"]
        started = time.perf_counter()
        call(command + [part for setting in settings for part in ("--set", setting)])
        wall = time.perf_counter() - started
        lines = Path(folder, "run", "metrics.jsonl").read_text(encoding="utf-8").splitlines()
        seconds = sum(row["seconds"] for row in map(json.loads, lines) if "subtokens" in row)
        model = f"{folder}/run/model-{'last' if recipe == 'trainer' else 'best'}"
        for part in ("dev", "test"):
            call([options.binary, "eval", "--model", model, files[part], "-o", out[part], "--json"])
    return seconds, wall


def peer(options, run, files, seed, out):
    values = dict(part.split("=") for part in run.split()[1:])
    command = [sys.executable, HERE / "transformers_train.py", options.model, files["train"], files["dev"]]
    command += ["--test", files["test"], "--seed", seed, "--bf16", "--grouped", "--last"]
    command += ["--save-dev", out["dev"], "--save-test", out["test"]]
    for name in ("rate", "epochs", "batch"):
        command += [f"--{name}", values[name]]
    started = time.perf_counter()
    printed = call(command)
    return float(re.search(r"(\d+) s, ", printed).group(1)), time.perf_counter() - started


def name_of(corpus, size, seed, run):
    return re.sub(r"[^\w.=+-]+", "_", f"{corpus}-{size}-{seed}-{run}")


def rows_of(path):
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()] if path.exists() else []


def study(options):
    results, kept = options.results, Path(f"{options.results}.d")
    key = ("corpus", "size", "seed", "run")
    done = {tuple(row[name] for name in key) for row in rows_of(results)}
    runs = [run for asked in options.runs for run in (GRID if asked == "tuned" else [asked])]
    end = time.monotonic() + 60 * options.minutes
    for size, seed, corpus, run in itertools.product(options.sizes, options.seeds, options.corpora, runs):
        if (corpus, size, seed, run) in done:
            continue
        if time.monotonic() > end:
            print("the time is over; the same command continues")
            return
        prepare(corpus, options.data, kept, options.binary)
        files = {part: kept / f"{corpus}-{part}.conll" for part in ("train", "dev", "test")}
        if size:
            whole = files["train"].read_text(encoding="utf-8").split("\n\n")[:-1]
            if len(whole) < size:
                continue
            files["train"] = kept / f"{corpus}-train-{size}.conll"
            write(files["train"], [block.split("\n") for block in whole[:size]])
        name = name_of(corpus, size, seed, run)
        out = {part: kept / f"{name}.{part}.conll" for part in ("dev", "test")}
        train = peer if run.startswith("Trainer ") else ours
        seconds, wall = train(options, run, files, seed, out)
        row = dict(zip(key, (corpus, size, seed, run)))
        row |= {part: round(score(options.binary, files[part], out[part]), 6) for part in ("dev", "test")}
        row |= {"seconds": round(seconds, 1), "wall": round(wall, 1), "machine": platform.machine()}
        with results.open("a", encoding="utf-8") as file:
            file.write(json.dumps(row) + "\n")
        print(f"{corpus} {size or 'all'} seed {seed}, {run}: dev {row['dev']:.4f}, {seconds:.0f} s", flush=True)


def blocks(path):
    return [block for block in path.read_text(encoding="utf-8").split("\n\n") if block.strip()]


def p_value(options, gold, ours, theirs):
    """Of a paired bootstrap; a document is one sentence with the tags of every seed."""
    with tempfile.TemporaryDirectory() as folder:
        paths = []
        for name, files in (("gold", [gold] * len(ours)), ("ours", ours), ("theirs", theirs)):
            paths.append(Path(folder, f"{name}.conll"))
            documents = zip(*map(blocks, files), strict=True)
            text = "".join("-DOCSTART-\tO\n\n" + "\n\n".join(copies) + "\n\n" for copies in documents)
            paths[-1].write_text(text, encoding="utf-8")
        gold, one, other = paths
        scores = call([options.binary, "score", gold, one, "--versus", other, "--bootstrap", "1000", "--json"])
    return json.loads(scores)["versus"]["f1"]["p_value"]


def report(options):
    kept = Path(f"{options.results}.d")
    found = defaultdict(lambda: defaultdict(dict))
    for row in rows_of(options.results):
        found[(row["size"], row["corpus"])][row["run"]][row["seed"]] = row
    parts = ("dev", "test") if options.test else ("dev",)
    gains = defaultdict(lambda: defaultdict(list))
    for (size, corpus), runs in sorted(found.items(), key=lambda item: (item[0][0] or 10**9, item[0][1])):
        held = " (held out)" if corpus in HELD_OUT else ""
        print(f"\n{corpus}{held}, {size or 'all'} sentences")
        mean = {run: {part: statistics.mean(row[part] for row in rows.values()) for part in parts}
                for run, rows in runs.items()}
        grid = [run for run in runs if run.startswith("Trainer ")]
        tuned = max(grid, key=lambda run: mean[run]["dev"], default=None)
        for run, rows in sorted(runs.items(), key=lambda item: -mean[item[0]]["dev"]):
            if run in grid and run != tuned:
                continue
            cells = [f"{part} {100 * mean[run][part]:.2f}" for part in parts]
            spread = statistics.pstdev(row["dev"] for row in rows.values())
            seconds = statistics.mean(row["seconds"] for row in rows.values())
            note = f", best of {len(grid)}" if run == tuned else ""
            seeds = sorted(set(rows) & set(runs.get(tuned, {})))
            if options.test and tuned and run != tuned and seeds:
                of = lambda run: [kept / f"{name_of(corpus, size, seed, run)}.test.conll" for seed in seeds]
                note += f", p {p_value(options, kept / f'{corpus}-test.conll', of(run), of(tuned)):.3f}"
            print(f"  {'  '.join(cells)}  ±{100 * spread:.2f}  {seconds:5.0f} s  {len(rows)} seeds  {run}{note}")
            if tuned and run != tuned:
                for part in parts:
                    gains[run][part, size, bool(held)].append(100 * (mean[run][part] - mean[tuned][part]))
    print("\nMean gain over the tuned Trainer in points, on how many corpora")
    for run, by in sorted(gains.items()):
        for (part, size, held), values in sorted(by.items(), key=str):
            where = "held out" if held else "others"
            print(f"  {run}: {part}, {size or 'all'}, {where}: {statistics.mean(values):+.2f} ({len(values)}), "
                  f"worst {min(values):+.2f}")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    commands = parser.add_subparsers(required=True)
    run = commands.add_parser("run")
    run.add_argument("results", type=Path)
    run.add_argument("model")
    run.add_argument("data", type=Path)
    run.add_argument("--runs", nargs="+", default=["best", "tuned"])
    run.add_argument("--corpora", nargs="+", default=list(CORPORA), choices=list(CORPORA))
    run.add_argument("--sizes", nargs="+", type=int, default=[50, 200, 1000, 0])
    run.add_argument("--seeds", nargs="+", type=int, default=[1, 2, 3, 4, 5])
    run.add_argument("--minutes", type=float, default=float("inf"))
    run.add_argument("--binary", default=str(BINARY))
    run.set_defaults(call=study)
    shown = commands.add_parser("report")
    shown.add_argument("results", type=Path)
    shown.add_argument("--test", action="store_true")
    shown.add_argument("--binary", default=str(BINARY))
    shown.set_defaults(call=report)
    options = parser.parse_args()
    options.call(options)


if __name__ == "__main__":
    main()
