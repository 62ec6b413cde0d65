"""Times a training epoch of `ner-align train` against transformers' Trainer, in turns.

    cargo build --release -p ner-align-cli --features tch
    python train_speed.py MODEL TRAIN DEV [--binary target/release/ner-align] [--rounds 3]

Run it with the Python that has transformers, torch 2.11 and seqeval. Each round trains one epoch with
ner-align (batches of like length) and with Trainer (`group_by_length`, which is its best), both in f32
and in bf16, in one setting: batches of 32 (--batch), dropout as the model has it. Speeds are real subtokens a second while
training, special tokens counted, padding and evaluation not; memory is the peak of the process. Each
round also times the matrix products of a step alone in both types, which gives the speed that a step could have.
"""

import argparse
import json
import os
import re
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

HERE = Path(__file__).resolve().parent


def run(command):
    """Output and peak memory in MB of a process."""
    with tempfile.TemporaryFile() as out:
        process = subprocess.Popen(command, stdout=out, stderr=subprocess.STDOUT)
        _, status, usage = os.wait4(process.pid, 0)
        out.seek(0)
        text = out.read().decode()
    if status:
        sys.exit(f"{command[0]} failed:\n{text}")
    return text, usage.ru_maxrss / 1024


def ours(options, precision):
    with tempfile.TemporaryDirectory() as folder:
        settings = ["epochs=1", f"batch_size={options.batch}", "batching=bucketed"]
        settings += ["learning_rate=3e-4", "seed=1", f"precision={precision}"]
        command = [options.binary, "train", "--recipe", "trainer", "--train", options.train]
        command += ["--dev", options.dev, "--model", options.model, "-o", f"{folder}/run"]
        _, memory = run(command + [part for setting in settings for part in ("--set", setting)])
        lines = Path(folder, "run", "metrics.jsonl").read_text(encoding="utf-8").splitlines()
        steps = [row for row in map(json.loads, lines) if "subtokens" in row]
        return sum(row["subtokens"] for row in steps) / sum(row["seconds"] for row in steps), memory


def peer(options, *more):
    command = [sys.executable, str(HERE / "transformers_train.py"), options.model, options.train]
    more = [options.dev, "--epochs", "1", "--batch", str(options.batch), *more]
    text, memory = run(command + more)
    return float(re.search(r"([\d.]+) subtokens/s", text).group(1)), memory


def ceiling(model, kind, rows=1000, repeats=5):
    """Subtokens a second if a step were its linear maps alone, forward and backward."""
    import torch

    config = json.loads(Path(model, "config.json").read_text(encoding="utf-8"))
    hidden, wide = config["hidden_size"], config["intermediate_size"]
    shapes = [(hidden, 3 * hidden), (hidden, hidden), (hidden, wide), (wide, hidden)]
    seconds = 0.0
    for inputs, outputs in shapes:
        x, weight, gradient = (
            torch.randn(size).to(kind) for size in [(rows, inputs), (outputs, inputs), (rows, outputs)]
        )
        for _ in range(repeats):
            start = time.perf_counter()
            x @ weight.T, gradient @ weight, gradient.T @ x
            seconds += time.perf_counter() - start
    return rows * repeats / (seconds * config["num_hidden_layers"])


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("model")
    parser.add_argument("train")
    parser.add_argument("dev")
    parser.add_argument("--binary", default=str(HERE.parent.parent / "target/release/ner-align"))
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--batch", type=int, default=32)
    options = parser.parse_args()
    import torch

    kinds = {"f32": torch.float32, "bf16": torch.bfloat16}
    found = {f"{name} {kind}": [] for kind in kinds for name in ("ner-align", "Trainer", "products")}
    for _ in range(options.rounds):
        for kind, dtype in kinds.items():
            flags = ["--grouped"] + (["--bf16"] if kind == "bf16" else [])
            found[f"ner-align {kind}"].append(ours(options, kind))
            found[f"Trainer {kind}"].append(peer(options, *flags))
            # The first products of their shapes compile kernels.
            ceiling(options.model, dtype)
            found[f"products {kind}"].append((ceiling(options.model, dtype), 0))
            for name in ("ner-align", "Trainer", "products"):
                speed, memory = found[f"{name} {kind}"][-1]
                print(f"{name} {kind}: {speed:.0f} subtokens/s, {memory:.0f} MB", flush=True)
    print(f"\n| | subtokens/s, median of {options.rounds} | ner-align is | peak memory |\n|---|---|---|---|")
    for name, rows in found.items():
        mine = found[f"ner-align {name.split()[1]}"]
        ratios = [own[0] / other[0] for own, other in zip(mine, rows)]
        spread = f"{statistics.median(ratios):.2f}x ({min(ratios):.2f} to {max(ratios):.2f})"
        speed = statistics.median(speed for speed, _ in rows)
        print(f"| {name} | {speed:.0f} | {spread} | {max(memory for _, memory in rows):.0f} MB |")


if __name__ == "__main__":
    main()
