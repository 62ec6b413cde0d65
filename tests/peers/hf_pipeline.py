"""Answers of transformers' pipeline for token classification.

    python hf_pipeline.py oracle
    ner-align serve --model MODEL --precision f32 --addr 127.0.0.1:8080 --max-chars 1000000
    python hf_pipeline.py compare MODEL TEXTS http://127.0.0.1:8080
    python hf_pipeline.py predict MODEL TEXTS ner-align

`oracle` writes crates/ner-align-pipeline/tests/transformers/expected.json: for the small tokenizers
of ner-align-subword, the answers to some texts of a model whose logits follow from ids and positions
by arithmetic, so that a test can repeat them without weights.

`compare` runs a real model over the lines of TEXTS and over texts that are odd, with every strategy,
and compares with what `POST /hf` of a running server answers: equal groups, words and places, scores
within 1e-5. Exits with status 1 at any difference.

`predict` compares the spans of strategy `first` with those of `ner-align predict`, with the default
decoding and with `argmax`. They differ by rule, and each place where they do is counted under the first
rule that explains it:

* words: the two cut the text into different words there. To transformers, a piece begins a word unless
  it has another number of characters than its place in the text; to ner-align, words are those of
  Unicode.
* scheme: to transformers, an `I-` may begin an entity or follow another type; ner-align's default
  decoding keeps to the scheme.

Exits with status 1 if a difference has no rule. Needs transformers==5.17.0 and torch==2.11.0.
"""

import collections
import json
import pathlib
import subprocess
import sys
import urllib.request
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
# Texts of a request.
BATCH = 50
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
# What the lines of a corpus do not have, beside TEXTS.
ODD = TEXTS + [
    " ",
    "\t\t",
    "\u3000\u00a0",
    "John\u200dSmith went to New\u00adYork",
    "Zoe\u0308 met Jose\u0301 in Mu\u0308nchen",
    "e\u0301" * 40,
    "\U0001f468\u200d\U0001f469\u200d\U0001f467 Anna \U0001f1e9\U0001f1ea Berlin \U0001f600\U0001f600",
    "東京タワーはTokyoにあります。",
    "서울에서 김철수를 만났다",
    "محمد يعيش في القاهرة",
    "@justinbieber #ObamaCare http://t.co/Abc123?x=1&y=2 RT @BBC: London!!!",
    "U.S.A. A.B. O'Brien's x-ray 3.5% $5m C++ C# .NET",
    "\ufffd\x00\x07 Paris \x1b[31m",
    "a" * 300,
    "Donaudampfschifffahrtsgesellschaft " * 20,
    "Barack Obama met Angela Merkel in Berlin . " * 100,
    "\U0001d4d0\U0001d4d1 Ⅷ ﬁ ﬀ ǅ",
    "London" + " " * 500 + "Paris",
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


def pipeline(model):
    torch.set_num_threads(1)
    return TokenClassificationPipeline(
        model=AutoModelForTokenClassification.from_pretrained(model).eval(),
        tokenizer=AutoTokenizer.from_pretrained(model),
    )


def lines_of(path):
    with open(path, encoding="utf-8", newline="\n") as file:
        return file.read().removesuffix("\n").split("\n")


def ask(address, body):
    data = json.dumps(body).encode()
    headers = {"Content-Type": "application/json"}
    with urllib.request.urlopen(urllib.request.Request(address, data, headers)) as answer:
        return json.load(answer)


def compare(model, texts, server):
    pipe = pipeline(model)
    texts = lines_of(texts) + ODD
    cases = [({"aggregation_strategy": strategy}, texts) for strategy in STRATEGIES]
    # A stride needs groups, and texts that are longer than a window.
    cases += [({"aggregation_strategy": strategy, "stride": 64}, ODD) for strategy in STRATEGIES[1:]]
    failed = False
    for parameters, texts in cases:
        equal = entities = 0
        apart = 0.0
        for start in range(0, len(texts), BATCH):
            batch = texts[start : start + BATCH]
            answers = ask(f"{server}/hf", {"inputs": batch, "parameters": parameters})
            for text, ours in zip(batch, answers, strict=True):
                theirs = plain(pipe(text, **parameters))
                entities += len(theirs)
                if same(ours, theirs):
                    equal += 1
                    differences = [abs(a["score"] - b["score"]) for a, b in zip(ours, theirs)]
                    apart = max([apart, *differences])
                else:
                    print(f"{parameters}: {text[:200]!r}\n  {ours}\n  {theirs}")
        print(
            f"{' '.join(map(str, parameters.values()))}: {equal} of {len(texts)} answers equal,"
            f" {entities} entities, scores at most {apart:.1e} apart",
            flush=True,
        )
        failed |= equal != len(texts)
    sys.exit(failed)


def run(program, *arguments):
    arguments = [program, "predict", "--precision", "f32", *arguments]
    return subprocess.run(arguments, check=True, capture_output=True, text=True).stdout


def words_of(columns, lines):
    """The places of ner-align's words in each line, from what it wrote as columns."""
    documents = columns.split("-DOCSTART-")[1:]
    for line, document in zip(lines, documents, strict=True):
        places, end = [], 0
        for row in document.split("\n")[1:]:
            if row:
                word = row.rsplit("\t", 1)[0]
                start = line.index(word, end)
                end = start + len(word)
                places.append((start, end))
        yield places


def tagged_words(pipe, line):
    """transformers' words: their places, and the class of their first subtoken."""
    words = []
    for piece in pipe(line, aggregation_strategy="none", ignore_labels=[]):
        start, end, word = piece["start"], piece["end"], piece["word"]
        is_subword = len(word) != end - start and word != pipe.tokenizer.unk_token
        if is_subword and words:
            words[-1] = (words[-1][0], end, words[-1][2])
        else:
            words.append((start, end, piece["entity"]))
    return words


def is_illegal(tags):
    """True if an `I-` follows what is neither `B-` nor `I-` of its type."""
    return any(
        tag.startswith("I-") and last[1:] != tag[1:] for last, tag in zip(["O", *tags], tags)
    )


def regions(*sides):
    """The runs of characters that entities of one side or the other cover, from end to end."""
    joined = []
    for start, end, _ in sorted(set().union(*sides)):
        if joined and start <= joined[-1][1]:
            joined[-1][1] = max(joined[-1][1], end)
        else:
            joined.append([start, end])
    return joined


def rule_of(region, ours, theirs):
    """Why the entities of a region differ, given the words of both sides."""
    start, end = region
    # With the words beside it, as an entity that ends early ends where a word does.
    within = lambda words: [word for word in words if word[1] >= start - 1 and word[0] <= end + 1]
    if [word[:2] for word in within(theirs)] != within(ours):
        return "words"
    return "scheme" if is_illegal([word[2] for word in within(theirs)]) else None


def predict(model, texts, program):
    pipe = pipeline(model)
    lines = lines_of(texts)
    expected = [
        {(e["start"], e["end"], e["entity_group"]) for e in pipe(line, aggregation_strategy="first")}
        for line in lines
    ]
    columns = run(program, "--model", model, "--to", "conll", texts)
    words = list(words_of(columns, lines))
    unexplained = 0
    for decode in ["constrained", "argmax"]:
        answers = run(program, "--model", model, "--decode", decode, "--to", "jsonl", texts)
        counts = collections.Counter()
        for line, own, theirs, answer in zip(
            lines, words, expected, answers.splitlines(), strict=True
        ):
            entities = json.loads(answer)["entities"]
            ours = {(e["start"], e["end"], e["label"]) for e in entities}
            counts["lines"] += ours == theirs
            counts["spans"] += len(ours & theirs)
            for region in regions(ours, theirs):
                parts = [
                    sorted(e for e in side if region[0] <= e[0] < region[1]) for side in (ours, theirs)
                ]
                if parts[0] != parts[1]:
                    rule = rule_of(region, own, tagged_words(pipe, line))
                    counts[rule or "no rule"] += 1
                    place = line[max(0, region[0] - 15) : region[1] + 15]
                    print(f"{decode}: {rule}: {place!r}: ner-align {parts[0]}, transformers {parts[1]}")
        print(
            f"{decode}: {counts['lines']} of {len(lines)} lines equal, {counts['spans']} equal spans;"
            f" places that differ: by words {counts['words']}, by scheme {counts['scheme']},"
            f" by no rule {counts['no rule']}",
            flush=True,
        )
        unexplained += counts["no rule"]
    sys.exit(1 if unexplained else 0)


warnings.filterwarnings("ignore", "Tokenizer does not support real words")
if sys.argv[1:2] == ["oracle"]:
    oracle()
elif sys.argv[1:2] == ["compare"] and len(sys.argv) == 5:
    compare(*sys.argv[2:])
elif sys.argv[1:2] == ["predict"] and len(sys.argv) == 5:
    predict(*sys.argv[2:])
else:
    sys.exit(__doc__)
