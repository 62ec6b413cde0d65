"""Does huggingface_hub read the model cards that ner-align writes?

    python model_card.py [--cards PROGRAM | CARD...]

Without a card it runs the example `cards` of ner-align-pipeline (by cargo, or PROGRAM), which writes
cards with odd names, quotes and colons, and the values that must come back. Each is loaded by
`ModelCard.load`, compared, saved by `huggingface_hub`, and loaded again. Exits with status 1 at any
difference. Needs `huggingface_hub`; no network.
"""

import argparse
import json
import pathlib
import subprocess
import sys
import tempfile

from huggingface_hub import ModelCard

# Set from the head of a card, with what stands for the keys that have another name in Python.
OWN = {"model-index": None}


def faults_of(path, expected=None):
    card = ModelCard.load(path)
    faults = []
    data = card.data.to_dict()
    if expected is not None:
        for key in data.keys() | expected.keys():
            if key not in OWN and data.get(key) != expected.get(key):
                faults.append(f"{key}: expected {expected.get(key)!r}, found {data.get(key)!r}")
        results = [
            (result["dataset"], metric)
            for model in expected.get("model-index", [])
            for result in model["results"]
            for metric in result["metrics"]
        ]
        found = card.data.eval_results or []
        if len(found) != len(results):
            faults.append(f"{len(found)} results, expected {len(results)}")
        for ours, (dataset, metric) in zip(found, results):
            same = (
                ours.task_type == "token-classification"
                and ours.dataset_name == dataset["name"]
                and ours.dataset_type == dataset["type"]
                and ours.dataset_split == dataset["split"]
                and ours.metric_type == metric["type"]
                and ours.metric_value == metric["value"]
            )
            if not same:
                faults.append(f"{ours} is not {dataset} {metric}")
        if results and card.data.model_name != expected["model-index"][0]["name"]:
            faults.append(f"model_name {card.data.model_name!r}")
    with tempfile.TemporaryDirectory() as folder:
        again = pathlib.Path(folder) / "README.md"
        card.save(again)
        copy = ModelCard.load(again)
        # PyYAML writes U+0085, which it then reads as the end of a line.
        dumps = "\\x85" not in repr(data)
        if dumps and (copy.data.to_dict() != data or copy.text != card.text):
            faults.append("differs after huggingface_hub saved it")
    return faults


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--cards", help="the compiled example; by default cargo runs it")
    parser.add_argument("card", nargs="*", type=pathlib.Path)
    arguments = parser.parse_args()
    failed = False
    with tempfile.TemporaryDirectory() as folder:
        cases = [(path, None) for path in arguments.card]
        if not cases:
            cargo = "cargo run --quiet --package ner-align-pipeline --example cards --".split()
            program = [arguments.cards] if arguments.cards else cargo
            subprocess.run([*program, folder], check=True)
            for values in sorted(pathlib.Path(folder).glob("*.json")):
                cases.append((values.with_suffix(".md"), json.loads(values.read_text())))
        for path, expected in cases:
            faults = faults_of(path, expected)
            print("\n  ".join([f"{path.name} {'differs' if faults else 'read'}", *faults]))
            failed |= bool(faults)
        print(f"{len(cases)} cards")
    sys.exit(failed or not cases)


main()
