"""How much annotation does `ner-align suggest` save against texts taken by chance?

    cargo build --release -p ner-align-cli --features tch
    python suggest_study.py run RESULTS MODEL DATA [--corpora NAME...] [--by random mnlp total full] [--seeds 1 2]
                            [--most ncbi=1500] [--set epochs=10 mask_words=0] [--minutes 60]
    python suggest_study.py report RESULTS

DATA is a folder with the corpora of `recipe_study.py`. The gold annotation plays the annotator. A random 5 % of
the training sentences is annotated first. A model that learned from what is annotated chooses among the rest, in
two rounds, until 17.5 % and 30 % of the sentences are annotated; each time a new model is trained from the
pretrained one. `random` annotates the first 30 % of the same shuffled sentences, `full` all of them; both are
trained once. A seed is one shuffling, and the seed of the training runs.

A row of RESULTS has the sentences and the words that were annotated and the strict F1 on at most 500 sentences of
the development data, of which each run also takes its best epoch. What is in RESULTS is not run again. `--most`
cuts the training sentences of a corpus.
"""

import argparse
import json
import random
import shutil
import statistics
import tempfile
import time
from collections import defaultdict
from pathlib import Path

from recipe_study import BINARY, CORPORA, call, name_of, prepare, rows_of, score, write

START, ROUNDS = 0.05, (0.175, 0.3)


def text_of(sentence):
    return " ".join(line.split("\t")[0] for line in sentence)


def train(options, name, data, files, seed):
    """The folder of a model that learned from `data`, and the seconds that it took."""
    model = files["kept"] / "models" / name
    if model.exists():
        return model, None
    with tempfile.TemporaryDirectory() as folder:
        write(Path(folder, "train.conll"), data)
        command = [options.binary, "train", "--train", f"{folder}/train.conll", "--dev", files["dev"]]
        command += ["--model", options.model, "-o", f"{folder}/run"]
        settings = [*options.set, f"seed={seed}", "keep_checkpoints=0"]
        started = time.perf_counter()
        call(command + [part for setting in settings for part in ("--set", setting)])
        seconds = time.perf_counter() - started
        model.parent.mkdir(parents=True, exist_ok=True)
        shutil.move(f"{folder}/run/model-best", model)
    return model, seconds


def suggest(options, model, pool, count, by):
    """Where the sentences stand in `pool` that a model asks for."""
    places = defaultdict(list)
    for index, sentence in reversed(list(enumerate(pool))):
        places[text_of(sentence)].append(index)
    with tempfile.TemporaryDirectory() as folder:
        write(Path(folder, "pool.conll"), pool)
        command = [options.suggest, "suggest", f"{folder}/pool.conll", "--model", model, "--by", by]
        lines = call(command + ["-n", count]).splitlines()
    return [places[json.loads(line)["text"]].pop() for line in lines]


def study(options):
    kept = Path(f"{options.results}.d")
    done = {(row["corpus"], row["seed"], row["by"]) for row in rows_of(options.results)}
    most = dict(part.split("=") for part in options.most)
    end = time.monotonic() + 60 * options.minutes
    for seed in options.seeds:
        for corpus in options.corpora:
            prepare(corpus, options.data, kept, options.binary)
            files = {part: kept / f"{corpus}-{part}.conll" for part in ("train", "dev")} | {"kept": kept}
            text = files["train"].read_text(encoding="utf-8")
            whole = [block.split("\n") for block in text.split("\n\n") if block.strip()]
            whole = whole[: int(most.get(corpus, len(whole)))]
            random.Random(f"{corpus} {seed}").shuffle(whole)
            for by in options.by:
                if (corpus, seed, by) in done:
                    continue
                if time.monotonic() > end:
                    print("the time is over; the same command continues")
                    return
                for row in rounds(options, corpus, seed, by, whole, files):
                    with options.results.open("a", encoding="utf-8") as file:
                        file.write(json.dumps(row) + "\n")
                    print(f"{corpus} seed {seed}, {by}: {row['sentences']} sentences, {row['words']} words, "
                          f"dev {row['dev']:.4f}", flush=True)


def rounds(options, corpus, seed, by, whole, files):
    """The rows of a way to choose, the last one with all that it may annotate."""
    size = lambda share: round(share * len(whole))
    shares = {"random": [ROUNDS[-1]], "full": [1.0]}.get(by, ROUNDS)
    chosen, pool = whole[: size(START)], whole[size(START):]
    rows = []
    for share in shares:
        more = size(share) - len(chosen)
        if by in ("random", "full"):
            indices = range(more)
        else:
            start = "start" if share == shares[0] else f"{by} {shares[0]}"
            model, _ = train(options, name_of(corpus, len(chosen), seed, start), chosen, files, seed)
            indices = suggest(options, model, pool, more, by)
        chosen = chosen + [pool[index] for index in indices]
        taken = set(indices)
        pool = [sentence for index, sentence in enumerate(pool) if index not in taken]
        name = name_of(corpus, len(chosen), seed, f"{by} {share}")
        model, seconds = train(options, name, chosen, files, seed)
        out = files["kept"] / f"{name}.dev.conll"
        call([options.binary, "eval", "--model", model, files["dev"], "-o", out, "--json"])
        rows.append({
            "corpus": corpus, "seed": seed, "by": by, "share": share, "sentences": len(chosen),
            "words": sum(map(len, chosen)), "dev": round(score(options.binary, files["dev"], out), 6),
            "seconds": seconds and round(seconds, 1),
        })
    return rows


def report(options):
    found = defaultdict(list)
    for row in rows_of(options.results):
        found[row["corpus"], row["by"], row["share"]].append(row)
    print("| corpus | by | share | sentences | words | dev F1 | seeds |\n|---|---|---|---|---|---|---|")
    for (corpus, by, share), rows in sorted(found.items(), key=lambda item: (item[0][0], item[0][2], item[0][1])):
        mean = lambda key: statistics.mean(row[key] for row in rows)
        print(f"| {corpus} | {by} | {100 * share:g} % | {mean('sentences'):,.0f} | {mean('words'):,.0f} | "
              f"{100 * mean('dev'):.1f} | {len(rows)} |")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    commands = parser.add_subparsers(required=True)
    run = commands.add_parser("run")
    run.add_argument("results", type=Path)
    run.add_argument("model")
    run.add_argument("data", type=Path)
    run.add_argument("--corpora", nargs="+", default=["wnut17", "ncbi"], choices=list(CORPORA))
    run.add_argument("--by", nargs="+", default=["random", "mnlp", "total", "full"])
    run.add_argument("--seeds", nargs="+", type=int, default=[1, 2])
    run.add_argument("--most", nargs="*", default=["ncbi=1500"])
    run.add_argument("--set", nargs="*", default=["epochs=10", "mask_words=0"])
    run.add_argument("--minutes", type=float, default=float("inf"))
    run.add_argument("--binary", default=str(BINARY), help="the program that trains")
    run.add_argument("--suggest", default=str(BINARY), help="the program that suggests")
    run.set_defaults(call=study)
    shown = commands.add_parser("report")
    shown.add_argument("results", type=Path)
    shown.set_defaults(call=report)
    options = parser.parse_args()
    options.call(options)


if __name__ == "__main__":
    main()
