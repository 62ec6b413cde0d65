"""Makes the oracle in the folder crf with pytorch-crf 0.7.2, transformers 5.17.0 and torch 2.11.0.

    python generate_crf.py

The model of the folder bert, whose batches it takes, too, with a linear-chain CRF of random scores
over it. Each sequence's labelled positions, in order, are a chain. In f32 with dropout off: the
loss of each batch (the negative log-likelihoods of all chains over the number of labelled
positions), the gradient of every parameter for the first one, and the losses and gradient norms of
30 AdamW steps, in which vectors do not decay and the CRF learns ten times as fast as the rest.
"""

import json
import pathlib

import torch
from safetensors.torch import load_file, save_file
from torchcrf import CRF
from transformers import AutoModelForTokenClassification

HERE = pathlib.Path(__file__).parent
FOLDER = HERE / "crf"
IGNORE = -100
RATE = 10.0

given = json.loads((HERE / "bert" / "expected.json").read_text())
model = AutoModelForTokenClassification.from_pretrained(HERE / "bert").eval()
torch.manual_seed(13)
crf = CRF(model.config.num_labels, batch_first=True)
with torch.no_grad():
    for parameter in crf.parameters():
        parameter.normal_()
model.save_pretrained(FOLDER)
parameters = dict(model.named_parameters())
parameters |= {f"crf.{name}": parameter for name, parameter in crf.named_parameters()}
tensors = load_file(FOLDER / "model.safetensors")
tensors |= {name: p.detach().clone() for name, p in parameters.items() if name.startswith("crf.")}
save_file(tensors, FOLDER / "model.safetensors", metadata={"format": "pt"})
config = json.loads((FOLDER / "config.json").read_text())
config["ner_align_head"] = "crf"
(FOLDER / "config.json").write_text(json.dumps(config, indent=2, sort_keys=True) + "\n")


def chains(batch):
    """Emissions and labels of the labelled positions of each sequence, each by itself."""
    for ids, labels in zip(batch["input_ids"], batch["labels"]):
        logits = model(input_ids=torch.tensor([ids])).logits[0]
        labels = torch.tensor(labels)
        labelled = labels != IGNORE
        if labelled.any():
            yield logits[labelled].unsqueeze(0), labels[labelled].unsqueeze(0)


def loss_of(batch):
    found = list(chains(batch))
    total = sum(labels.numel() for _, labels in found)
    return -sum(crf(logits, labels, reduction="sum") for logits, labels in found) / total


def clear():
    for parameter in parameters.values():
        parameter.grad = None


expected, batch_losses = {}, []
for index, batch in enumerate(given["batches"]):
    clear()
    loss = loss_of(batch)
    loss.backward()
    if index == 0:
        for name, parameter in parameters.items():
            expected[f"gradient.{name}"] = parameter.grad.clone()
    batch_losses.append(loss.item())

steps, peak = 30, 3e-3
groups = {}
for name, parameter in parameters.items():
    decay = 0.01 if parameter.dim() > 1 else 0.0
    factor = RATE if name.startswith("crf.") else 1.0
    group = groups.setdefault((decay, factor), dict(params=[], weight_decay=decay, factor=factor))
    group["params"].append(parameter)
optimizer = torch.optim.AdamW(list(groups.values()), lr=peak)
losses, norms, rates = [], [], []
for step in range(steps):
    rate = peak * (steps - step) / steps
    for group in optimizer.param_groups:
        group["lr"] = rate * group["factor"]
    clear()
    loss = loss_of(given["batches"][step % len(given["batches"])])
    loss.backward()
    norm = torch.nn.utils.clip_grad_norm_(parameters.values(), 1.0)
    optimizer.step()
    rates.append(rate)
    losses.append(loss.item())
    norms.append(norm.item())

save_file(expected, FOLDER / "expected.safetensors")
training = dict(crf_rate=RATE, learning_rates=rates, losses=losses, gradient_norms=norms)
text = json.dumps(dict(losses=batch_losses, training=training), indent=1)
(FOLDER / "expected.json").write_text(text + "\n")
