"""Makes the oracles in this folder with torch 2.11.0 and transformers 5.17.0; those of DeBERTa and
ModernBERT with transformers 5.24.0.

    python generate.py [NAME…]

Without a name, all of them.
For each architecture: a small model with random weights as `save_pretrained` writes it, batches of
mixed lengths, one with a padding token that stands in the text, one as long as the model has
positions, and what transformers computes for them in f32 with dropout off: logits of the labelled
positions, the loss, the gradient of every parameter, and the losses of 30 AdamW steps.
The tests of this crate compare with these files and need no Python.
"""

import json
import pathlib
import sys

import torch
from safetensors.torch import save_file
from transformers import (
    AutoModelForTokenClassification,
    BertConfig,
    CamembertConfig,
    DebertaV2Config,
    DistilBertConfig,
    ElectraConfig,
    ModernBertConfig,
    RobertaConfig,
    XLMRobertaConfig,
)

HERE = pathlib.Path(__file__).parent
LABELS = ["O", "B-LOC", "I-LOC", "B-PER", "I-PER"]
IGNORE = -100


def random_batch(generator, vocabulary, lengths):
    """Sequences of ids with labels on about two thirds of the inner positions."""
    batch = []
    for length in lengths:
        ids = torch.randint(5, vocabulary, (length,), generator=generator)
        labels = torch.randint(0, len(LABELS), (length,), generator=generator)
        ignored = torch.rand(length, generator=generator) < 0.33
        ignored[0] = ignored[-1] = True
        if length > 2:
            ignored[1] = False
        labels[ignored] = IGNORE
        batch.append((ids, labels))
    return batch


def padded(batch, pad):
    longest = max(len(ids) for ids, _ in batch)
    ids = torch.full((len(batch), longest), pad, dtype=torch.long)
    mask = torch.zeros_like(ids)
    labels = torch.full_like(ids, IGNORE)
    for row, (sequence, targets) in enumerate(batch):
        ids[row, : len(sequence)] = sequence
        mask[row, : len(sequence)] = 1
        labels[row, : len(sequence)] = targets
    return dict(input_ids=ids, attention_mask=mask, labels=labels)


def decay_groups(model, weight_decay):
    """Trainer's two groups: no decay for biases and layer norms."""
    decay, rest = [], []
    for parameter in model.parameters():
        (decay if parameter.dim() > 1 else rest).append(parameter)
    return [
        dict(params=decay, weight_decay=weight_decay),
        dict(params=rest, weight_decay=0.0),
    ]


def make(name, config):
    if sys.argv[1:] and name not in sys.argv[1:]:
        return
    torch.manual_seed(7)
    config.id2label = dict(enumerate(LABELS))
    config.label2id = {label: i for i, label in enumerate(LABELS)}
    model = AutoModelForTokenClassification.from_config(config).eval()
    with torch.no_grad():
        # Biases and norms away from 0 and 1, so that a forgotten one shows.
        for parameter in model.parameters():
            parameter.add_(0.05 * torch.randn_like(parameter))
    folder = HERE / name
    model.save_pretrained(folder)

    generator = torch.Generator().manual_seed(11)
    pad = config.pad_token_id
    # RoBERTa and its kin leave the first rows of their table of positions to padding.
    after_padding = config.model_type in ("roberta", "xlm-roberta", "camembert")
    longest = config.max_position_embeddings - (pad + 1 if after_padding else 0)
    # The first batch has windows of many lengths, whose holes no subtoken may see.
    lengths = [[7, 3, 12, 1, 9], [6, 6, 6], [longest, 4]]
    batches = [random_batch(generator, config.vocab_size, batch) for batch in lengths]
    batches[0][2][0][5] = pad

    expected, description = {}, []
    for index, batch in enumerate(batches):
        model.zero_grad()
        inputs = padded(batch, pad)
        output = model(**inputs)
        output.loss.backward()
        labelled = inputs["labels"] != IGNORE
        expected[f"{index}.logits"] = output.logits[labelled].detach().contiguous()
        if index == 0:
            for key, parameter in model.named_parameters():
                expected[f"gradient.{key}"] = parameter.grad.clone()
        description.append(
            dict(
                input_ids=[ids.tolist() for ids, _ in batch],
                labels=[labels.tolist() for _, labels in batch],
                loss=output.loss.item(),
            )
        )

    # 30 steps as Trainer makes them: clipping at 1.0, linear decay, warm-up over 5 steps.
    steps, warmup, peak = 30, 5, 3e-3
    optimizer = torch.optim.AdamW(decay_groups(model, 0.01), lr=peak)
    losses, norms, rates = [], [], []
    for step in range(steps):
        rate = peak * (step / warmup if step < warmup else (steps - step) / (steps - warmup))
        for group in optimizer.param_groups:
            group["lr"] = rate
        model.zero_grad()
        loss = model(**padded(batches[step % len(batches)], pad)).loss
        loss.backward()
        norm = torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
        rates.append(rate)
        losses.append(loss.item())
        norms.append(norm.item())

    save_file(expected, folder / "expected.safetensors")
    training = dict(learning_rates=rates, losses=losses, gradient_norms=norms)
    text = json.dumps(dict(batches=description, training=training), indent=1)
    (folder / "expected.json").write_text(text + "\n")


SMALL = dict(vocab_size=40, max_position_embeddings=18)
LAYERS = dict(
    hidden_size=16, num_hidden_layers=2, num_attention_heads=2, intermediate_size=24
)
NO_DROPOUT = dict(hidden_dropout_prob=0.0, attention_probs_dropout_prob=0.0)
ROBERTA = SMALL | LAYERS | NO_DROPOUT | dict(type_vocab_size=1, layer_norm_eps=1e-5)

make(
    "bert",
    BertConfig(
        vocab_size=60,
        hidden_size=24,
        num_hidden_layers=2,
        num_attention_heads=3,
        intermediate_size=40,
        max_position_embeddings=20,
        **NO_DROPOUT,
    ),
)
make("roberta", RobertaConfig(**ROBERTA))
make("xlm-roberta", XLMRobertaConfig(**ROBERTA, hidden_act="gelu_new"))
make("camembert", CamembertConfig(**ROBERTA | dict(pad_token_id=3, hidden_act="relu")))
make(
    "distilbert",
    DistilBertConfig(
        **SMALL, dim=16, n_layers=2, n_heads=2, hidden_dim=24, dropout=0.0, attention_dropout=0.0
    ),
)
make("electra", ElectraConfig(**SMALL, **LAYERS, **NO_DROPOUT, embedding_size=12))
make("electra-wide", ElectraConfig(**SMALL, **LAYERS, **NO_DROPOUT, embedding_size=16))

# DeBERTa-v3: far distances share rows of the table, which is normed.
DEBERTA = SMALL | LAYERS | NO_DROPOUT | dict(relative_attention=True, share_att_key=True)
# So that places weigh as much as contents.
DEBERTA |= dict(initializer_range=0.2)
make(
    "deberta-v2",
    DebertaV2Config(
        **DEBERTA | dict(max_position_embeddings=30),
        position_buckets=8,
        max_relative_positions=-1,
        pos_att_type=["p2c", "c2p"],
        norm_rel_ebd="layer_norm",
        position_biased_input=False,
        type_vocab_size=0,
    ),
)
# A row for each distance up to one, absolute positions and token types too, and one addend.
make(
    "deberta-v2-plain",
    DebertaV2Config(
        **DEBERTA,
        max_relative_positions=9,
        pos_att_type=["p2c"],
        position_biased_input=True,
        type_vocab_size=2,
    ),
)
# ModernBERT: 3 neighbours to each side in the second and third layer, and no bias but the classifier's.
MODERNBERT = dict(pad_token_id=0, bos_token_id=1, eos_token_id=2, cls_token_id=1, sep_token_id=2)
MODERNBERT |= SMALL | LAYERS | dict(num_hidden_layers=3, local_attention=6)
MODERNBERT |= dict(initializer_range=0.2)
make("modernbert", ModernBertConfig(**MODERNBERT | dict(max_position_embeddings=30)))
# All biases, other activations, and the last layer sees all of the window.
make(
    "modernbert-biased",
    ModernBertConfig(
        **MODERNBERT,
        layer_types=["sliding_attention", "sliding_attention", "full_attention"],
        norm_bias=True,
        attention_bias=True,
        mlp_bias=True,
        classifier_bias=True,
        hidden_activation="relu",
        classifier_activation="gelu_new",
        rope_parameters=dict(
            full_attention=dict(rope_type="default", rope_theta=50.0),
            sliding_attention=dict(rope_type="default", rope_theta=500.0),
        ),
    ),
)
