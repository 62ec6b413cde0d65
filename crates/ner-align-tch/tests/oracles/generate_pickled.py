"""Makes the files in `pickled/` from the weights in `bert/`, with torch 2.11.0.

    python generate_pickled.py

`torch.save` writes them: all tensors, the same in two parts with an index, a list that holds no
tensor, and a pickle that would run a command.
"""

import collections
import json
import os
import pathlib

import torch
from safetensors.torch import load_file

HERE = pathlib.Path(__file__).parent
OUT = HERE / "pickled"


class Evil:
    def __reduce__(self):
        return os.system, ("touch evil-was-here",)


def main():
    weights = load_file(HERE / "bert" / "model.safetensors")
    state = collections.OrderedDict(sorted(weights.items()))
    # What `state_dict` of a module carries besides.
    state["bert.embeddings.position_ids"] = torch.arange(20).unsqueeze(0)
    state._metadata = collections.OrderedDict([("", {"version": 1})])
    torch.save(state, OUT / "pytorch_model.bin")
    names = list(weights)
    half = len(names) // 2
    parts = {"part-1.bin": names[:half], "part-2.bin": names[half:]}
    for part, names in parts.items():
        torch.save({name: weights[name] for name in names}, OUT / part)
    files = {name: part for part, names in parts.items() for name in names}
    index = {"metadata": {}, "weight_map": files}
    (OUT / "pytorch_model.bin.index.json").write_text(json.dumps(index, indent=1) + "\n")
    torch.save({"classifier.weight": Evil()}, OUT / "evil.bin")
    torch.save([1, "two", None], OUT / "no-tensors.bin")


main()
