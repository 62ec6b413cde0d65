"""Is a promised recall kept on other data?

    python recall_splits.py halves MODEL CORPUS...
    python recall_splits.py same MODEL CORPUS...

MODEL is a folder that `ner-align train` wrote; CORPUS are annotated files that it was not trained on, joined.
`halves` draws half of the documents at random, promises a recall of all types together on that half and measures it
on the other, 40 times for each target and each way to choose the bonus: `betting`, as `ner-align calibrate --recall`
does at a confidence of 0.99 and of 0.9, and `no margin`, the smallest bonus whose recall suffices on the first half.
`same` promises on all documents, by the test as it is written down here and by the program, and says whether both
take the same bonus.

Both ask the example `recall_table` of ner-align-pipeline what becomes of each document with each bonus: one pass of
the model. Needs nothing but Python, cargo and, for `same`, a built `ner-align` (`--program`).
"""

import argparse
import json
import math
import pathlib
import random
import subprocess

ROOT = pathlib.Path(__file__).resolve().parents[2]
TARGETS = [0.8, 0.9, 0.95, 0.99]
DRAWS = 40


def table(model, types, corpora, command):
    command = command or [
        "cargo", "run", "--quiet", "-p", "ner-align-pipeline", "--features", "tch", "--example", "recall_table", "--"
    ]
    arguments = [str(argument) for argument in [model, types, *corpora]]
    printed = subprocess.run([*command, *arguments], check=True, capture_output=True, text=True).stdout
    table = json.loads(printed)
    # A document without words has no counts.
    return table["bonuses"], [document for document in table["documents"] if document["predicted"]]


def p_value(values, low, high, level):
    """That the mean of values from low to high is 0 or more: Waudby-Smith and Ramdas, "Estimating means of bounded
    random variables by betting", 2024, the predictable plug-in with stakes of at most 3/4."""
    scale = lambda value: (value - low) / (high - low)
    mean, capital, highest = scale(0), 1.0, 1.0
    past = [0.5]
    squares = 0.25
    for value in map(scale, values):
        variance = squares / len(past)
        stake = min(math.sqrt(2 * math.log(1 / level) / (len(values) * variance)), 0.75 / (1 - mean))
        capital *= 1 - stake * (value - mean)
        highest = max(highest, capital)
        past.append(value)
        squares += (value - sum(past) / len(past)) ** 2
    return 1 / highest


def by_betting(documents, target, confidence):
    """The index of the smallest bonus with which the target is shown to be kept."""
    documents = [document for document in documents if document["entities"] > 0]
    most = max((document["entities"] for document in documents), default=0)
    if most == 0:
        return None
    chosen = None
    for index in reversed(range(len(documents[0]["missed"]))):
        values = [d["missed"][index] - (1 - target) * d["entities"] for d in documents]
        if p_value(values, -(1 - target) * most, target * most, 1 - confidence) > 1 - confidence:
            break
        chosen = index
    return chosen


def recall(documents, index):
    entities = sum(document["entities"] for document in documents)
    return 1 - sum(d["missed"][index] for d in documents if d["entities"]) / entities


def precision(documents, index):
    predicted = sum(document["predicted"][index] for document in documents)
    return sum(document["correct"][index] for document in documents) / max(predicted, 1)


def without_margin(documents, target):
    count = len(documents[0]["predicted"])
    return next((index for index in range(count) if recall(documents, index) >= target), None)


RULES = {
    "betting 0.99": lambda half, target: by_betting(half, target, 0.99),
    "betting 0.9": lambda half, target: by_betting(half, target, 0.9),
    "no margin": without_margin,
}


def halves(bonuses, documents):
    entities = sum(document["entities"] for document in documents)
    print(f"{len(documents)} documents, {entities} entities; recall {recall(documents, 0):.3f}, "
          f"precision {precision(documents, 0):.3f} without a bonus")
    print("target  rule          promised  kept  mean recall  lowest  mean bonus  mean precision")
    for target in TARGETS:
        for name, rule in RULES.items():
            chance = random.Random(1)
            kept = []
            for _ in range(DRAWS):
                order = documents[:]
                chance.shuffle(order)
                half, other = order[: len(order) // 2], order[len(order) // 2 :]
                index = rule(half, target)
                if index is not None:
                    kept.append((recall(other, index), bonuses[index], precision(other, index)))
            if not kept:
                print(f"{target:6}  {name:12}  {0:8}", flush=True)
                continue
            mean = lambda column: sum(row[column] for row in kept) / len(kept)
            share = sum(row[0] >= target for row in kept) / len(kept)
            print(f"{target:6}  {name:12}  {len(kept):8}  {share:4.2f}  {mean(0):11.3f}"
                  f"  {min(kept)[0]:6.3f}  {mean(1):10.2f}  {mean(2):14.3f}", flush=True)


def mixed(number):
    """SplitMix64, which gives the order of documents."""
    mask = 2**64 - 1
    number = (number + 0x9E3779B97F4A7C15) & mask
    number = ((number ^ (number >> 30)) * 0xBF58476D1CE4E5B9) & mask
    number = ((number ^ (number >> 27)) * 0x94D049BB133111EB) & mask
    return number ^ (number >> 31)


def same(bonuses, documents, model, corpora, program):
    order = sorted(range(len(documents)), key=mixed)
    for target in TARGETS:
        index = by_betting([documents[at] for at in order], target, 0.99)
        own = None if index is None else bonuses[index]
        command = [program, "calibrate", "--dry-run", "--json", "--model", model, "--recall", target, *corpora]
        done = subprocess.run(list(map(str, command)), capture_output=True, text=True)
        other = json.loads(done.stdout)["recall"][0]["bonus"] if done.returncode == 0 else None
        print(f"{target}: {own} here, {other} in ner-align{'' if own == other else ': DIFFERENT'}", flush=True)


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("what", choices=["halves", "same"])
    parser.add_argument("model", type=pathlib.Path)
    parser.add_argument("corpora", nargs="+", type=pathlib.Path)
    parser.add_argument("--types", default="all", help="all together, or TYPE,...")
    parser.add_argument("--table", nargs="+", help="the built example, in place of cargo")
    parser.add_argument("--program", default=ROOT / "target/release/ner-align")
    arguments = parser.parse_args()
    bonuses, documents = table(arguments.model, arguments.types, arguments.corpora, arguments.table)
    if arguments.what == "halves":
        halves(bonuses, documents)
    else:
        same(bonuses, documents, arguments.model, arguments.corpora, arguments.program)


main()
