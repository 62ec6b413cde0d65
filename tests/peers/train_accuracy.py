"""Fine-tunes with `ner-align train` and with transformers' Trainer, seed by seed in turns, and compares
strict F1 on dev and test and the time that training took.

    cargo build --release -p ner-align-cli --features tch
    python train_accuracy.py MODEL TRAIN DEV TEST [--binary target/release/ner-align] [--seeds 3]
                             [--set KEY=VALUE ...]

Run it with the Python that has transformers, torch 2.11 and seqeval. Trainer has the settings of
transformers_train.py (5 epochs, random batches of 32, 3e-4 falling to 0) and is scored after its last
epoch; ner-align has its recipe `best`, and `--set` changes that. `--recipe trainer` gives ner-align
Trainer's settings instead, scored after the last epoch by argmax as well. Times leave out evaluation.
"""

import argparse
import json
import re
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

HERE = Path(__file__).resolve().parent
TRAINERS = ["epochs=5", "batch_size=32", "learning_rate=3e-4"]


def run(command):
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        sys.exit(f"{command[0]} failed:\n{done.stdout}{done.stderr}")
    return done.stdout


def ours(options, seed):
    settings = [f"seed={seed}", "keep_checkpoints=0", *options.set]
    model, decode = "model-best", []
    if options.recipe == "trainer":
        settings, model = TRAINERS + settings, "model-last"
        decode = ["--decode", "argmax"]
    with tempfile.TemporaryDirectory() as folder:
        command = [options.binary, "train", "--recipe", options.recipe, "--train", options.train]
        command += ["--dev", options.dev, "--model", options.model, "-o", f"{folder}/run"]
        run(command + [part for setting in settings for part in ("--set", setting)])
        lines = Path(folder, "run", "metrics.jsonl").read_text(encoding="utf-8").splitlines()
        seconds = sum(row["seconds"] for row in map(json.loads, lines) if "subtokens" in row)
        scores = []
        for corpus in (options.dev, options.test):
            command = [options.binary, "eval", "--json", "--model", f"{folder}/run/{model}", corpus]
            out = run(command + decode)
            scores.append(json.loads(out)["scores"]["strict"]["micro"]["f1"])
    return *scores, seconds


def peer(options, seed):
    command = [sys.executable, str(HERE / "transformers_train.py"), options.model, options.train]
    out = run(command + [options.dev, "--test", options.test, "--seed", str(seed)])
    dev = json.loads(re.search(r"by epoch (\[.*?\])", out).group(1))[-1]
    test = re.search(r"test F1 ([\d.]+)", out).group(1)
    seconds = re.search(r"(\d+) s, ", out).group(1)
    return float(dev), float(test), float(seconds)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    for name in ("model", "train", "dev", "test"):
        parser.add_argument(name)
    parser.add_argument("--binary", default=str(HERE.parent.parent / "target/release/ner-align"))
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--recipe", choices=["best", "trainer"], default="best")
    parser.add_argument("--set", action="append", default=[], metavar="KEY=VALUE")
    options = parser.parse_args()
    runs = {f"ner-align, recipe {options.recipe}": ours, "Trainer": peer}
    found = {name: [] for name in runs}
    for seed in range(1, options.seeds + 1):
        for name, train in runs.items():
            found[name].append(train(options, seed))
            dev, test, seconds = found[name][-1]
            print(f"{name}, seed {seed}: dev {dev:.4f} test {test:.4f} {seconds:.0f} s", flush=True)
    print("\n| | dev, each seed | mean | test, each seed | mean | seconds, mean |\n|---|---|---|---|---|---|")
    for name, rows in found.items():
        dev, test, seconds = zip(*rows)
        cells = [f"{' '.join(f'{f1:.3f}' for f1 in column)} | {statistics.mean(column):.3f}"
                 for column in (dev, test)]
        print(f"| {name} | {' | '.join(cells)} | {statistics.mean(seconds):.0f} |")


if __name__ == "__main__":
    main()
