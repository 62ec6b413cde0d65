"""Compares `compat` with the tools that it follows, on random tag sequences.

See README.md beside this file.
"""

import argparse
import json
import math
import random
import subprocess
import sys
import warnings
from pathlib import Path

CRATE = Path(__file__).resolve().parent.parent
LETTERS = {
    "iob": "BIO",
    "ioe": "IEO",
    "iobes": "BIESO",
    "bilou": "BILUO",
    "all": "BIESLUO",
}
TYPES = [
    "PER", "LOC", "ORG", "MISC", "A-B", "WORK_OF_ART", "é", "0", "x", "GPE-LOC", "日本", "PRODUCT",
]
WEIRD = ["o", "PER", "B-", "I-", "B", "I", "S", "E", "X-PER", ".", ".-PER", "B--PER-", "BX", "BX-PER",
         "[-PER", "]-PER", "E-0", "-PER", "O-PER", "OO", "I-PER-", "I-A-B", "é-PER", "B-B-", "XXPER"]
SCHEMES = {
    "iob1": "iob", "iob2": "iob", "ioe1": "ioe", "ioe2": "ioe", "iobes": "iobes", "biluo": "bilou",
}


def legal(rng, family, types, length):
    """Tags of random entities, as the family of schemes writes them."""
    tags = []
    while len(tags) < length:
        if rng.random() < 0.5:
            tags.append("O")
            continue
        size = min(rng.choice([1, 1, 2, 3, 4]), length - len(tags))
        kind = rng.choice(types)
        first, last, only = {
            "iob": ("B", "I", "B"), "ioe": ("I", "E", "E"), "iobes": ("B", "E", "S"),
            "bilou": ("B", "L", "U"), "all": ("B", "E", "S"),
        }[family]
        letters = [only] if size == 1 else [first] + ["I"] * (size - 2) + [last]
        tags += [f"{letter}-{kind}" for letter in letters]
    return tags


def illegal(rng, family, types, length, weird):
    """Any tags of the family, with some that belong to none if `weird`."""
    def tag():
        if weird and rng.random() < 0.15:
            return rng.choice(WEIRD)
        letter = rng.choice(LETTERS[family] + "O")
        return "O" if letter == "O" else f"{letter}-{rng.choice(types)}"
    return [tag() for _ in range(length)]


def mutated(rng, tags, family, types):
    """A prediction that is mostly right."""
    rate = rng.choice([0.0, 0.1, 0.3])
    other = illegal(rng, family, types, len(tags), False)
    return [b if rng.random() < rate else a for a, b in zip(tags, other)]


def case(rng, tool, scheme):
    family = rng.choice(list(LETTERS))
    if scheme and rng.random() < 0.95:
        family = SCHEMES[scheme]
    elif tool in ("nervaluate", "spacy", "conlleval") and rng.random() < 0.7:
        family = "iob"
    elif tool == "seqeval-strict" and rng.random() < 0.9:
        family = rng.choice(["iob", "ioe", "iobes", "bilou"])
    types = rng.sample(TYPES, rng.randint(1, len(TYPES)))
    weird = rng.random() < (0.05 if tool in ("nervaluate", "seqeval-strict") else 0.25)
    style = rng.random()
    gold, predicted = [], []
    for _ in range(rng.choice([0, 1, 1, 2, 3, 6])):
        length = rng.choice([0, 1, 2, 3, 5, 8, 12, 20])
        if style < 0.05:
            g = p = ["O"] * length
        elif style < 0.4:
            g = legal(rng, family, types, length)
            p = mutated(rng, g, family, types)
        else:
            g = illegal(rng, family, types, length, weird)
            draw = rng.random()
            if draw < 0.1:
                p = ["O"] * length
            elif draw < 0.6:
                p = mutated(rng, g, family, types)
            else:
                p = illegal(rng, family, types, length, weird)
        if tool == "spacy" and style > 0.9:
            g = ["-" if rng.random() < 0.2 else tag for tag in g]
        gold.append(list(g))
        predicted.append(list(p))
    # Every second case with each of seqeval's answers to 0/0.
    zero = int(tool.startswith("seqeval") and rng.random() < 0.5)
    return {
        "tool": tool, "scheme": scheme, "gold": gold, "predicted": predicted, "zero_division": zero,
    }


def number(value):
    value = float(value)
    return None if math.isnan(value) else value


def seqeval(case):
    from seqeval import scheme as schemes
    from seqeval.metrics import accuracy_score, classification_report
    kwargs = {"zero_division": case["zero_division"]}
    if case["tool"] == "seqeval-strict":
        kwargs["mode"] = "strict"
        if case["scheme"]:
            name = {"biluo": "BILOU"}.get(case["scheme"], case["scheme"].upper())
            kwargs["scheme"] = getattr(schemes, name)
    gold, predicted = case["gold"], case["predicted"]
    report = classification_report(gold, predicted, output_dict=True, **kwargs)
    rows = {
        name: {
            "precision": number(row["precision"]), "recall": number(row["recall"]),
            "f1": number(row["f1-score"]), "support": int(row["support"]),
        }
        for name, row in report.items()
    }
    averages = [rows.pop(f"{name} avg") for name in ("micro", "macro", "weighted")]
    scores = dict(zip(("micro", "macro", "weighted"), averages), per_type=rows)
    try:
        scores["accuracy"] = accuracy_score(gold, predicted)
    except ZeroDivisionError:
        scores["accuracy"] = None
    answer = {"scores": scores}
    try:
        answer["text"] = classification_report(gold, predicted, **kwargs)
    except ValueError:
        pass  # no entity at all
    return answer


def nervaluate(case):
    from nervaluate.evaluator import Evaluator
    gold, predicted = case["gold"], case["predicted"]
    tags = {tag[2:] for side in (gold, predicted) for tags in side for tag in tags if tag != "O"}
    evaluator = Evaluator(gold, predicted, tags=sorted(tags), loader="list")
    results = evaluator.evaluate()
    names = ("correct", "incorrect", "partial", "missed", "spurious", "actual", "possible",
             "precision", "recall", "f1")

    def value(row, name):
        # Undefined scores are the integer 0.
        return float(getattr(row, name)) if name in names[-3:] else getattr(row, name)

    def measures(results):
        return {
            measure: {name: value(results[measure], name) for name in names}
            for measure in ("strict", "exact", "partial", "ent_type")
        }

    if not gold:
        return {"none": True}
    return {
        "scores": {
            "overall": measures(results["overall"]),
            "per_type": {label: measures(rows) for label, rows in results["entities"].items()},
        },
        "text": evaluator.summary_report(),
    }


def spacy(case):
    from spacy.scorer import get_ner_prf
    from spacy.tokens import Doc, Span
    from spacy.training import Example
    from spacy.training.iob_utils import iob_to_biluo, tags_to_entities
    from spacy.vocab import Vocab
    vocab = spacy.vocab = getattr(spacy, "vocab", None) or Vocab()

    def doc(tags):
        """As the converter makes it; `-` as the JSON format has it."""
        doc = Doc(vocab, words=["w"] * len(tags))
        biluo, start = [], 0
        for i in range(len(tags) + 1):
            if i == len(tags) or tags[i] == "-":
                biluo += iob_to_biluo(tags[start:i]) + ["-"] * (i < len(tags))
                start = i + 1
        missing = [Span(doc, i, i + 1) for i, tag in enumerate(tags) if tag == "-"]
        entities = [
            Span(doc, start, end + 1, label=label) for label, start, end in tags_to_entities(biluo)
        ]
        doc.set_ents([entity for entity in entities if entity.label_], missing=missing)
        return doc

    examples = [Example(doc(p), doc(g)) for g, p in zip(case["gold"], case["predicted"])]
    return {"scores": get_ner_prf(examples)}


def conlleval(case, script):
    lines, first = [], True
    for gold, predicted in zip(case["gold"], case["predicted"]):
        if not first:
            lines.append("")
        first = False
        lines += [f"w {g} {p}" for g, p in zip(gold, predicted)]
    text = "".join(f"{line}\n" for line in lines)
    if lines and lines[0] == "":
        # The program takes its number of columns from the first line.
        return {"none": True}
    done = subprocess.run(["perl", script], input=text.encode(), capture_output=True)
    if done.returncode != 0:
        return {"error": done.stderr.decode()}
    return {"text": done.stdout.decode()}


def expected(case, script):
    tool = {"seqeval-strict": "seqeval"}.get(case["tool"], case["tool"])
    try:
        if tool == "conlleval":
            return conlleval(case, script)
        return {"seqeval": seqeval, "nervaluate": nervaluate, "spacy": spacy}[tool](case)
    except (ValueError, IndexError, KeyError, TypeError) as error:
        return {"error": repr(error)}


def agree(expected, found):
    """Whether the tool and `compat` say the same, to the last digit."""
    if "none" in expected:
        return True
    if "error" in expected or "error" in found:
        return "error" in expected and "error" in found
    if "scores" in expected:
        scores = dict(found["scores"])
        scores.pop("undefined", None)
        if scores != expected["scores"]:
            return False
    return "text" not in expected or expected["text"] == found.get("text")


def compat(cases, binary):
    lines = "".join(json.dumps(case) + "\n" for case in cases)
    command = [binary] if binary else [
        "cargo", "run", "--quiet", "--release", "--example", "compat_json",
    ]
    done = subprocess.run(command, input=lines.encode(), stdout=subprocess.PIPE, cwd=CRATE, check=True)
    return [json.loads(line) for line in done.stdout.decode().splitlines()]


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--cases", type=int, default=10_000, help="per tool and scheme")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--tool", action="append", help="only this one; repeatable")
    parser.add_argument("--conlleval", help="path of conlleval.pl")
    parser.add_argument("--binary", help="the built example, else cargo runs it")
    parser.add_argument("--sample", type=Path, help="write cases with their answers there")
    options = parser.parse_args()
    warnings.filterwarnings("ignore")
    jobs = [("seqeval", None), ("seqeval-strict", None)]
    jobs += [("seqeval-strict", scheme) for scheme in SCHEMES]
    jobs += [("conlleval", None), ("nervaluate", None), ("spacy", None)]
    failed, sample = False, []
    for tool, scheme in jobs:
        if options.tool and tool not in options.tool:
            continue
        if tool == "conlleval" and not options.conlleval:
            print("conlleval: passed over, no --conlleval")
            continue
        rng = random.Random(f"{options.seed} {tool} {scheme}")
        cases = [case(rng, tool, scheme) for _ in range(options.cases)]
        answers = [expected(case, options.conlleval) for case in cases]
        if options.sample:
            sample += [dict(c, expected=a) for c, a in zip(cases, answers) if "none" not in a]
            continue
        found = compat(cases, options.binary)
        wrong = [i for i in range(len(cases)) if not agree(answers[i], found[i])]
        errors = sum("error" in answer for answer in answers)
        name = f"{tool} {scheme or ''}".strip()
        print(f"{name}: {len(cases)} cases, {errors} refused by both, {len(wrong)} differ", flush=True)
        for i in wrong[:3]:
            print(json.dumps(cases[i], ensure_ascii=False))
            print("  expected", json.dumps(answers[i], ensure_ascii=False))
            print("  found   ", json.dumps(found[i], ensure_ascii=False))
        failed = failed or bool(wrong)
    if options.sample:
        for line in sample:
            if "error" in line["expected"]:
                line["expected"] = {"error": True}
        text = "".join(json.dumps(line, ensure_ascii=False, separators=(",", ":")) + "\n" for line in sample)
        options.sample.write_text(text, encoding="utf-8")
    sys.exit(failed)


if __name__ == "__main__":
    main()
