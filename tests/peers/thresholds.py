"""Does a threshold that was chosen for a precision give it on other data?

    python thresholds.py test MODEL TEST...
    python thresholds.py halves MODEL DEV TEST [MODEL DEV TEST...]

MODEL is a folder that `ner-align train` wrote, with DEV for its development data; DEV and TEST are
annotated column files. `test` prints the expected calibration error on TEST, without and with the
temperature of the folder, and the precision there above the thresholds that `predict --min-precision`
takes from the development data. `halves` compares rules for the choice
where nothing but chance parts the two sides: it joins the entities of DEV and TEST, draws sentences at
random until a side has 150, 300, 600 or 1200 entities, chooses on that side and measures on the other.

No other tool is needed but Python and a built `ner-align` (`--program`).
"""

import argparse
import collections
import json
import pathlib
import random
import re
import subprocess

ROOT = pathlib.Path(__file__).resolve().parents[2]
WANTED = [0.7, 0.8, 0.9]
SIZES = [150, 300, 600, 1200]
# The sides drawn for each model and size.
DRAWS = 20

Scored = collections.namedtuple("Scored", "score is_correct")


def run(program, *arguments):
    return subprocess.run(
        [program, *map(str, arguments)], check=True, capture_output=True, text=True
    ).stdout


def documents(text):
    return [json.loads(line) for line in text.splitlines()]


def gold(program, path):
    return documents(
        run(program, "convert", path, "--from", "conll", "--to", "jsonl", "--shape", "entities",
            "-o", "-")
    )


def scored(program, model, path, *more):
    """For each sentence, the entities that the model finds."""
    found = documents(
        run(program, "predict", "--model", model, "--from", "conll", "--precision", "f32",
            "--to", "jsonl", *more, path)
    )
    place = lambda entity: (entity["start"], entity["end"], entity["label"])
    sentences = []
    for right, own in zip(gold(program, path), found, strict=True):
        assert right["text"] == own["text"]
        places = {place(entity) for entity in right["entities"]}
        sentences.append(
            [Scored(entity["score"], place(entity) in places) for entity in own["entities"]]
        )
    return sentences


def flat(sentences):
    return [entity for sentence in sentences for entity in sentence]


def test(program, model, path):
    table = run(program, "calibrate", "--dry-run", "--model", model, "--from", "conll", path)
    before, after = (
        re.search(rf"{row} +\S+ +(\S+)", table).group(1) for row in ("as it is", "until now")
    )
    count = int(table.split()[0])
    print(f"{path}: calibration error {before}, with the temperature {after}; {count} entities")
    for wanted in WANTED:
        try:
            kept = flat(scored(program, model, path, "--min-precision", wanted))
        except subprocess.CalledProcessError as error:
            print(f"  {wanted}: {error.stderr.splitlines()[0]}")
            continue
        correct = sum(entity.is_correct for entity in kept)
        precision = correct / len(kept) if kept else float("nan")
        print(f"  {wanted}: precision {precision:.3f}, {len(kept)} entities kept", flush=True)


def lower_bound(correct, count, deviations):
    """Wilson's, `deviations` standard errors below what was measured."""
    z, share = deviations, correct / count
    spread = z * (share * (1 - share) / count + z * z / (4 * count * count)) ** 0.5
    return (share + z * z / (2 * count) - spread) / (1 + z * z / count)


def choose(entities, wanted, deviations, fewest):
    """The lowest score at which at least `fewest` entities have a bound of the wanted precision."""
    entities = sorted(entities, key=lambda entity: -entity.score)
    correct, threshold = 0, None
    for count, entity in enumerate(entities, 1):
        correct += entity.is_correct
        if count < len(entities) and entities[count].score == entity.score:
            continue
        if count >= fewest and lower_bound(correct, count, deviations) >= wanted:
            threshold = entity.score
    return threshold


RULES = [(z, fewest) for fewest in (1, 20, 30, 50) for z in (0.0, 0.25, 0.5, 1.0, 1.645)]


def draw(sentences, size, chance):
    """Two sides, the first of them with `size` entities or a few more."""
    order = sentences[:]
    chance.shuffle(order)
    count = 0
    for at, sentence in enumerate(order):
        if count >= size:
            return flat(order[:at]), flat(order[at:])
        count += len(sentence)
    return None


def halves(program, models):
    chance = random.Random(1)
    pools = [
        scored(program, model, dev) + scored(program, model, test) for model, dev, test in models
    ]
    print("entities  deviations  fewest  answered   bias   rmse  within 3  3 below  3 above")
    for size in SIZES:
        errors = {rule: [] for rule in RULES}
        asked = 0
        for pool in pools:
            for _ in range(DRAWS):
                sides = draw(pool, size, chance)
                if sides is None or len(sides[1]) < size / 2:
                    continue
                for wanted in WANTED:
                    asked += 1
                    for rule in RULES:
                        threshold = choose(sides[0], wanted, *rule)
                        kept = [e for e in sides[1] if threshold is not None and e.score >= threshold]
                        if kept:
                            share = sum(entity.is_correct for entity in kept) / len(kept)
                            errors[rule].append(100 * (share - wanted))
        for (deviations, fewest), found in errors.items():
            part = lambda condition: sum(map(condition, found)) / len(found)
            print(
                f"{size:8}  {deviations:10}  {fewest:6}  {len(found) / asked:8.2f}"
                f"  {sum(found) / len(found):+5.1f}  {part(lambda e: e * e) ** 0.5:5.1f}"
                f"  {part(lambda e: abs(e) <= 3):8.2f}  {part(lambda e: e < -3):7.2f}"
                f"  {part(lambda e: e > 3):7.2f}",
                flush=True,
            )


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("what", choices=["test", "halves"])
    parser.add_argument("paths", nargs="+", type=pathlib.Path)
    parser.add_argument("--program", default=ROOT / "target/release/ner-align")
    arguments = parser.parse_args()
    paths = arguments.paths
    if arguments.what == "test" and len(paths) > 1:
        for path in paths[1:]:
            test(arguments.program, paths[0], path)
    elif arguments.what == "halves" and len(paths) % 3 == 0:
        halves(arguments.program, list(zip(*[iter(paths)] * 3)))
    else:
        parser.error(f"unexpected number of paths: {len(paths)}")


main()
