"""Does transformers open what ner-align saves, and the reverse, with the same weights and logits?

    python transformers_opens.py [--resave PROGRAM]

For each family of encoders: transformers saves a small model with random weights, in one file, in
several, and in half precision; the example `resave` of ner-align-tch opens it, computes, and saves
it again; transformers opens that copy. Exits with status 1 at any difference.
"""

import argparse
import json
import pathlib
import subprocess
import sys
import tempfile

import torch
from transformers import AutoConfig, AutoModelForTokenClassification

LABELS = ["O", "B-LOC", "I-LOC", "B-PER", "I-PER"]
SIZES = dict(
    vocab_size=500,
    max_position_embeddings=40,
    hidden_size=64,
    num_hidden_layers=3,
    num_attention_heads=4,
    intermediate_size=96,
)
FAMILIES = {
    "bert": SIZES,
    "camembert": SIZES,
    # As DeBERTa-v3 is configured.
    "deberta-v2": SIZES
    | dict(
        relative_attention=True,
        share_att_key=True,
        position_buckets=16,
        pos_att_type="p2c|c2p",
        norm_rel_ebd="layer_norm",
        position_biased_input=False,
    ),
    "distilbert": dict(
        vocab_size=500, max_position_embeddings=40, dim=64, n_layers=3, n_heads=4, hidden_dim=96
    ),
    "electra": SIZES | dict(embedding_size=32),
    "modernbert": SIZES
    | dict(
        local_attention=10,
        pad_token_id=0,
        bos_token_id=1,
        eos_token_id=2,
        cls_token_id=1,
        sep_token_id=2,
    ),
    "roberta": SIZES | dict(type_vocab_size=1),
    "xlm-roberta": SIZES | dict(type_vocab_size=1),
}
# Name, type of the weights, size of a file.
VARIANTS = [
    ("single", torch.float32, "1GB"),
    ("sharded", torch.float32, "100KB"),
    ("half", torch.float16, "1GB"),
    ("bf16", torch.bfloat16, "100KB"),
]


def logits(model, windows):
    """Of every subtoken of every window, one window at a time: nothing is padded."""
    with torch.no_grad():
        return torch.cat([model(torch.tensor([ids])).logits[0] for ids in windows])


def distance(a, b):
    return (torch.linalg.norm(a - b) / torch.linalg.norm(b)).item()


def check(program, model_type, kind, dtype, shard, folder):
    torch.manual_seed(5)
    names = dict(enumerate(LABELS))
    ids = {label: i for i, label in names.items()}
    config = AutoConfig.for_model(
        model_type, id2label=names, label2id=ids, **FAMILIES[model_type]
    )
    model = AutoModelForTokenClassification.from_config(config).eval().to(dtype)
    model.save_pretrained(folder / "theirs", max_shard_size=shard)
    files = len(list((folder / "theirs").glob("*.safetensors")))
    assert (files > 1) == (shard == "100KB"), files
    model = model.float()

    windows = [torch.randint(5, 500, (length,)).tolist() for length in (9, 1, 30, 17)]
    command = [*program, folder / "theirs", folder / "ours"]
    answer = subprocess.run(
        command, input=json.dumps(windows), text=True, stdout=subprocess.PIPE, check=True
    )
    found = torch.tensor([json.loads(line) for line in answer.stdout.splitlines()])
    copy, report = AutoModelForTokenClassification.from_pretrained(
        folder / "ours", output_loading_info=True
    )
    faults = [f"{key}: {value}" for key, value in report.items() if value]
    if type(copy) is not type(model):
        faults.append(f"opened as {type(copy).__name__}")
    saved = json.loads((folder / "ours" / "config.json").read_text())
    if saved["architectures"] != [type(model).__name__]:
        faults.append(f"architectures {saved['architectures']}")
    theirs, ours = model.state_dict(), copy.state_dict()
    different = [name for name in theirs | ours if not torch.equal(theirs[name], ours[name])]
    if different:
        faults.append(f"weights differ: {different}")
    reference = logits(model, windows)
    apart = [distance(found, reference), distance(logits(copy.eval(), windows), reference)]
    if max(apart) > 1e-5:
        faults.append("logits differ")
    print(
        f"{model_type:12} {kind:8} {files} file(s) in, {len(ours)} tensors the same; "
        f"logits {apart[0]:.1e} apart, of the copy {apart[1]:.1e}",
        *faults,
        sep="\n  " if faults else "",
    )
    return bool(faults)


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--resave", help="the compiled example; by default cargo runs it")
    program = parser.parse_args().resave
    cargo = "cargo run --quiet --package ner-align-tch --example resave --".split()
    program = [program] if program else cargo
    failed = False
    for model_type in FAMILIES:
        for kind, dtype, shard in VARIANTS:
            with tempfile.TemporaryDirectory() as folder:
                failed |= check(
                    program, model_type, kind, dtype, shard, pathlib.Path(folder)
                )
    sys.exit(failed)


main()
