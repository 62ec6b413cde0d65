"""A run of ner-align as a run of Weights & Biases: offline, to be sent by `wandb sync`.

    python wandb_offline.py RUN [--project NAME] [--mode offline|online]

RUN is the folder of a run. Reads its `metrics.jsonl` and `config.toml`, and logs them by wandb's public
API; prints the folder that `wandb sync` takes. The charts have `step` as their axis. With `--check` it
reads the folder's record back and compares: every number that was logged must be there. Needs `wandb`;
0.31.0 was tried.
"""

import argparse
import json
import pathlib
import sys
import tomllib

import wandb


def rows(run):
    """One for each line of the log, flat: `loss`, `strict.micro.f1`, …; undefined scores left out."""
    for line in (run / "metrics.jsonl").read_text().splitlines():
        line = json.loads(line)
        scores = line.pop("scores", {})
        for measure, averages in scores.items():
            for average in ("micro", "macro"):
                for name in ("precision", "recall", "f1"):
                    line[f"{measure}.{average}.{name}"] = averages[average][name]
        yield {name: value for name, value in line.items() if isinstance(value, (int, float))}


def records(path):
    """The records of a `.wandb` file: seven bytes of a header, then blocks as LevelDB's log has them.

    wandb documents neither, and removed its own reader in Python; this one serves the check alone.
    """
    data, at, whole = path.read_bytes(), 7, b""
    while at < len(data):
        if 32768 - at % 32768 < 7:
            at += 32768 - at % 32768
            continue
        length, kind = int.from_bytes(data[at + 4 : at + 6], "little"), data[at + 6]
        whole += data[at + 7 : at + 7 + length]
        at += 7 + length
        # 1: whole, 2: first, 3: middle, 4: last.
        if kind in (1, 4):
            yield whole
            whole = b""


def logged(path):
    """The rows of a `.wandb` file."""
    from wandb.proto.wandb_internal_pb2 import Record

    for data in records(path):
        record = Record()
        record.ParseFromString(data)
        if record.HasField("history"):
            items = record.history.item
            row = {item.key or ".".join(item.nested_key): json.loads(item.value_json) for item in items}
            yield {key: value for key, value in row.items() if not key.startswith("_")}


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("run", type=pathlib.Path)
    parser.add_argument("--project", default="ner-align")
    parser.add_argument("--mode", default="offline", choices=["offline", "online"])
    parser.add_argument("--check", action="store_true")
    arguments = parser.parse_args()
    config = tomllib.loads((arguments.run / "config.toml").read_text())
    run = wandb.init(project=arguments.project, mode=arguments.mode, config=config)
    run.define_metric("*", step_metric="step")
    told = list(rows(arguments.run))
    for row in told:
        run.log(row)
    folder = pathlib.Path(run.dir).parent
    run.finish()
    print(folder)
    if arguments.check:
        found = list(logged(next(folder.glob("*.wandb"))))
        print(f"{len(told)} lines, {len(found)} read back", "equal" if found == told else "different")
        sys.exit(int(found != told))


main()
