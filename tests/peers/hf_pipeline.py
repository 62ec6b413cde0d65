"""Answers of transformers' pipeline for token classification.

    python hf_pipeline.py oracle
    python hf_pipeline.py compare MODEL TEXTS OURS

`oracle` writes crates/ner-align-pipeline/tests/transformers/expected.json: for the small tokenizers
of ner-align-subword, the answers to some texts of a model whose logits follow from ids and positions
by arithmetic, so that a test can repeat them without weights. `compare` runs a real model over the
lines of TEXTS, with every strategy, and compares with OURS, what the example `pipeline` of
ner-align-pipeline wrote. Exits with status 1 at any difference.
Needs transformers==5.17.0 and torch==2.11.0.
"""

import json
import pathlib
import sys
import warnings

import torch
from transformers import (
    AutoModelForTokenClassification,
    AutoTokenizer,
    BertConfig,
    BertForTokenClassification,
    TokenClassificationPipeline,
)
from transformers.modeling_outputs import TokenClassifierOutput

ROOT = pathlib.Path(__file__).resolve().parents[2]
STRATEGIES = ["none", "simple", "first", "average", "max"]
NAMES = ["O", "B-PER", "I-PER", "I-LOC"]
# A score of the model's is a float of 32 bits; sums may differ in their order.
TOLERANCE = 1e-5
TEXTS = [
    "",
    "   ",
    "Marta lives in Oslo.",
    "don't stop, O'Neill! A.B.C. (x-ray) 3,5%",
    "Žádáme Ångström naïve café İstanbul STRASSE straße",
    "東京 and 北京市",
    "Привет, Москва!  two  spaces\tand a tab\nand a line",
    "[SEP] </s> [UNK] <mask>",
    "emoji \U0001f600 here\u200bthere \ufeffmark",
    "a text that is longer than the window, so that its end is cut off unless there is a stride "
    "which takes one window after the other until nothing is left of it",
]


class Arithmetic(BertForTokenClassification):
    """Logits by arithmetic."""

    def forward(self, input_ids=None, **_):
        classes = torch.arange(len(NAMES))
        positions = torch.arange(input_ids.shape[1])[None, :, None]
        sums = input_ids[..., None] * 7919 + classes * 104729 + positions * 31
        return TokenClassifierOutput(logits=(sums % 997).to(torch.float32) / 100)


def plain(entities):
    kinds = {"score": float, "start": int, "end": int, "index": int}
    return [
        {key: kinds.get(key, str)(value) for key, value in entity.items()} for entity in entities
    ]


def answers(pipe, text):
    """Of each strategy."""
    return {
        strategy: plain(pipe(text, aggregation_strategy=strategy)) for strategy in STRATEGIES
    }


def oracle():
    cases = []
    for name in ["wordpiece", "byte-level", "unigram"]:
        folder = ROOT / "crates/ner-align-subword/tests/tokenizers" / name
        tokenizer = AutoTokenizer.from_pretrained(folder)
        tokenizer.model_max_length = 24
        config = BertConfig(
            vocab_size=len(tokenizer), hidden_size=8, num_hidden_layers=1,
            num_attention_heads=1, intermediate_size=8,
            id2label=dict(enumerate(NAMES)), label2id={n: i for i, n in enumerate(NAMES)},
        )
        pipe = TokenClassificationPipeline(model=Arithmetic(config).eval(), tokenizer=tokenizer)
        for text in TEXTS:
            case = dict(tokenizer=name, text=text, stride=None, answers=answers(pipe, text))
            cases.append(case)
        strided = {
            strategy: plain(pipe(TEXTS[-1], aggregation_strategy=strategy, stride=6))
            for strategy in STRATEGIES[1:]
        }
        cases.append(dict(tokenizer=name, text=TEXTS[-1], stride=6, answers=strided))
    path = ROOT / "crates/ner-align-pipeline/tests/transformers/expected.json"
    with open(path, "w", encoding="utf-8") as file:
        lines = [json.dumps(case, ensure_ascii=False) for case in cases]
        file.write("[\n" + ",\n".join(lines) + "\n]\n")


def same(ours, theirs):
    if len(ours) != len(theirs):
        return False
    return all(
        list(a) == list(b)
        and all(a[key] == b[key] for key in a if key != "score")
        and abs(a["score"] - b["score"]) <= TOLERANCE
        for a, b in zip(ours, theirs)
    )


def compare(model, texts, ours):
    pipe = TokenClassificationPipeline(
        model=AutoModelForTokenClassification.from_pretrained(model).eval(),
        tokenizer=AutoTokenizer.from_pretrained(model),
    )
    with open(texts, encoding="utf-8", newline="\n") as file:
        lines = file.read().removesuffix("\n").split("\n")
    with open(ours, encoding="utf-8") as file:
        ours = [json.loads(line) for line in file]
    assert len(lines) == len(ours), f"{len(lines)} lines, {len(ours)} answers"
    failed = False
    for strategy in STRATEGIES:
        equal = entities = 0
        for line, answer in zip(lines, ours):
            theirs = plain(pipe(line, aggregation_strategy=strategy))
            entities += len(theirs)
            if same(answer[strategy], theirs):
                equal += 1
            else:
                print(f"{strategy}: {line!r}\n  {answer[strategy]}\n  {theirs}")
        print(f"{strategy}: {equal} of {len(lines)} answers equal, {entities} entities")
        failed |= equal != len(lines)
    sys.exit(failed)


warnings.filterwarnings("ignore", "Tokenizer does not support real words")
if sys.argv[1:2] == ["oracle"]:
    oracle()
elif sys.argv[1:2] == ["compare"] and len(sys.argv) == 5:
    compare(*sys.argv[2:])
else:
    sys.exit(__doc__)
