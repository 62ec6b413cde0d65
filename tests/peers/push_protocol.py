"""Does the Hub of our tests take an upload as the real one does?

    python push_protocol.py [--hub PROGRAM] [--ner-align PROGRAM]

huggingface_hub's own `create_repo`, `create_branch` and `upload_folder` push the tiny model to the fake Hub of
`crates/ner-align-hub/tests`, whole and in parts, and every file must arrive; so what `ner-align push` is
tested against speaks the protocol that the official client speaks. Then `ner-align push` pushes the same
folder to another model there, both must be equal, and each must find nothing to do in what the other
pushed. cargo runs the programs unless they are named. Exits with status 1 at any difference. Needs
`huggingface_hub`; no network.
"""

import argparse
import hashlib
import json
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile

os.environ |= {"HF_HUB_DISABLE_XET": "1", "HF_HUB_DISABLE_PROGRESS_BARS": "1"}
os.environ["HF_HOME"] = tempfile.mkdtemp()
os.environ.pop("HF_HUB_OFFLINE", None)

from huggingface_hub import HfApi  # noqa: E402

TOKEN = "hf_test"
TINY = pathlib.Path(__file__).parents[2] / "fixtures" / "tiny-bert"


def check(hub_program, ner_align, parts):
    hub = subprocess.Popen(
        [*hub_program, *(["parts"] if parts else [])],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    endpoint = hub.stdout.readline().strip()

    def state():
        hub.stdin.write("\n")
        hub.stdin.flush()
        return json.loads(hub.stdout.readline())

    def push(model):
        environment = os.environ | {"HF_ENDPOINT": endpoint, "HF_TOKEN": TOKEN}
        command = [*ner_align, "push", model, "--folder", folder, "--json"]
        return json.loads(subprocess.run(command, env=environment, check=True, stdout=-1).stdout)

    faults = []
    with tempfile.TemporaryDirectory() as folder:
        for name in ("config.json", "model.safetensors", "tokenizer.json"):
            shutil.copy(TINY / name, folder)
        card = "---\nlicense: apache-2.0\n---\n\n# tiny\n"
        (pathlib.Path(folder) / "README.md").write_text(card)
        files = {
            path.name: hashlib.sha256(path.read_bytes()).hexdigest()
            for path in pathlib.Path(folder).iterdir()
        }
        api = HfApi(endpoint=endpoint, token=TOKEN)
        api.create_repo("org/python", private=True)
        api.create_repo("org/python", exist_ok=True)
        api.create_branch("org/python", branch="next", exist_ok=True)
        api.create_branch("org/python", branch="next", exist_ok=True)
        for branch in ("main", "next"):
            commit = api.upload_folder(
                repo_id="org/python", folder_path=folder, revision=branch, commit_message="m"
            )
            if not commit.oid:
                faults.append("no commit")
        if push("org/python")["commit"] is not None:
            faults.append("ner-align sends what huggingface_hub has pushed")
        if push("org/ours")["commit"] is None:
            faults.append("ner-align pushed nothing")
        for branch, found in state().items():
            found.pop(".gitattributes")
            if found != files:
                faults.append(f"{branch}: expected {files}, found {found}")
        if len(state()) != 3:
            faults.append(f"branches {list(state())}")
        before = state()
        api.upload_folder(repo_id="org/ours", folder_path=folder)
        if state() != before:
            faults.append("huggingface_hub changes what ner-align has pushed")
    hub.stdin.close()
    hub.wait()
    print("in parts" if parts else "whole", *(faults or ["equal"]), sep="\n  ")
    return bool(faults)


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--hub", help="the compiled example; by default cargo runs it")
    parser.add_argument("--ner-align", help="the compiled program; by default cargo runs it")
    arguments = parser.parse_args()
    hub = "cargo run --quiet --package ner-align-hub --example fake_hub --".split()
    program = "cargo run --quiet --package ner-align-cli --bin ner-align --".split()
    hub = [arguments.hub] if arguments.hub else hub
    program = [arguments.ner_align] if arguments.ner_align else program
    sys.exit(any([check(hub, program, parts) for parts in (False, True)]))


main()
