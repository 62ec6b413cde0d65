"""Subtokens and labels as transformers gives them, to compare ours with.

    python oracles/against_transformers.py sample
        writes tests/transformers.jsonl, which the crate's tests read, from our own sentences
    python oracles/against_transformers.py pipeline
        writes tests/pipeline.jsonl: classes and probabilities of words from random logits of their
        subtokens, as the token-classification pipeline aggregates them
    python oracles/against_transformers.py corpora DATA BINARY [TOKENIZER_DIR...]
        reads every corpus under DATA, labels it with transformers and with BINARY, the example
        align_jsonl, and counts differences; exit 1 if there is one

Made with transformers 5.17.0 and tokenizers 0.23.3.
"""

import json
import re
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import numpy as np
from transformers import AutoTokenizer
from transformers.pipelines.token_classification import AggregationStrategy, TokenClassificationPipeline

HERE = Path(__file__).parent
TOKENIZERS = HERE.parent / "tests" / "tokenizers"
SAMPLE = HERE.parent / "tests" / "transformers.jsonl"
PIPELINE = HERE.parent / "tests" / "pipeline.jsonl"
IGNORE = -100

# Words and tags. What tokenizers stumble on: invisible and composed characters, scripts, spaces
# within words, names of special tokens, characters that mean something to a tokenizer itself,
# words that vanish, words without end.
SENTENCES = [
    "Johanson/B-PER lives/O in/O North-Oberlin/B-LOC",
    "Marta/B-PER Okonkwo/I-PER joined/O SunHarvest/B-ORG Robotics/I-ORG ./O",
    "naïve/O Ångström/B-PER A\u030angstro\u0308m/I-PER ﬁnance/O ½/O",
    "\u200b/B-PER a\u200bb/I-PER \ufeffstart/O soft\u00adhyphen/O zero\u200d\u200cjoin/B-LOC",
    "/O two words/B-LOC  /I-LOC tab\tbed/O \u00a0nbsp\u00a0/O line\nbreak/O",
    "[SEP]/B-PER </s>/I-PER <mask>/O [UNK]/O a[CLS]b/B-LOC <s>x/O  [MASK]/O <pad>/O",
    "##lin/O ▁low/B-LOC Ġbyte/I-LOC Ċ/O ▁/O Ġ/O",
    "田中/B-PER さん/O 京都大学/B-ORG ，/O 서울/B-LOC",
    "Нижний/B-LOC Новгород/I-LOC й/O и\u0306/O ё/O",
    "রহিমা/B-PER চট্টগ্রাম/B-LOC ক্‌ষ/O",
    "الإسكندرية/B-LOC אב\u05b0/O Θεσσαλονίκη/B-LOC",
    "🙏🏽/O 👩‍👩‍👧/B-PER 🇳🇴/B-LOC #aurora/O @jonas_k/B-PER",
    "https://docs.example/a?b=c&d=%20#e/O office@brightwater.example/B-ORG 1,200.50/O 3-0/O",
    "don't/O I'LL/O we've/O it's/O 'tis/O rock'n'roll/O x's/O",
    "x" * 99 + "/O " + "y" * 100 + "/B-LOC " + "z" * 101 + "/I-LOC",
    "ALL/B-ORG CAPS/I-ORG camelCaseWord/O İstanbul/B-LOC STRASSE/O straße/O",
    "\u0001/O \u007f/O a\u0000b/O \ufffd/O \U000e0001/O \ue000/O",
    "\u200b/O",
    "B-B-x/B-B-B x/I-B-B",
]


def sample_sentences():
    for line in SENTENCES:
        # A space within a word is written as two: the second belongs to the word.
        words, tags = [], []
        for item in split_items(line):
            word, tag = item.rsplit("/", 1)
            words.append(word)
            tags.append(tag)
        yield words, tags


def split_items(line):
    """Items end in /TAG; whatever stands before the slash is the word, spaces included."""
    items, start = [], 0
    for match in re.finditer(r"/(O|[BI]-[A-Z-]+)(?: |$)", line):
        items.append(line[start : match.end()].rstrip(" ") if match.group().endswith(" ") else line[start:])
        start = match.end()
    return items


def class_names(tag_lists, prefixes="BI"):
    types = sorted({tag[2:] for tags in tag_lists for tag in tags if tag != "O"})
    return ["O"] + [f"{prefix}-{name}" for name in types for prefix in prefixes]


def labels_of(word_ids, tags, names, strategy):
    """run_ner.py's labelling: `first`; `propagate-inside` as its --label_all_tokens."""
    ids = {name: number for number, name in enumerate(names)}
    inside = [ids.get("I-" + name[2:], number) if name[:2] == "B-" else number for number, name in enumerate(names)]
    labels, previous = [], None
    for word in word_ids:
        if word is None:
            labels.append(IGNORE)
        elif word != previous:
            labels.append(ids[tags[word]])
        elif strategy == "first":
            labels.append(IGNORE)
        elif strategy == "propagate":
            labels.append(ids[tags[word]])
        else:
            labels.append(inside[ids[tags[word]]])
        previous = word
    return labels


def load(directory):
    # As run_ner.py does for byte-level models; the others do not mind.
    return AutoTokenizer.from_pretrained(directory, add_prefix_space=True)


def encode(tokenizer, words):
    encoding = tokenizer(words, is_split_into_words=True, truncation=False)
    return encoding["input_ids"], encoding.word_ids()


def sample():
    sentences = list(sample_sentences())
    names = class_names(tags for _, tags in sentences)
    with open(SAMPLE, "w", encoding="utf-8") as out:
        for directory in sorted(TOKENIZERS.iterdir()):
            tokenizer = load(directory)
            for words, tags in sentences:
                ids, word_ids = encode(tokenizer, words)
                line = {"tokenizer": directory.name, "words": words, "tags": tags, "input_ids": ids, "word_ids": word_ids}
                for strategy in ["first", "propagate", "propagate-inside"]:
                    line[strategy] = labels_of(word_ids, tags, names, strategy)
                out.write(json.dumps(line) + "\n")


def pipeline():
    random = np.random.default_rng(7)
    # Only what aggregate_word touches: no model is run.
    words = TokenClassificationPipeline.__new__(TokenClassificationPipeline)
    words.tokenizer = SimpleNamespace(convert_tokens_to_string="".join)
    words.model = SimpleNamespace(config=SimpleNamespace(id2label=range(5)))
    strategies = {"first": AggregationStrategy.FIRST, "mean": AggregationStrategy.AVERAGE, "max": AggregationStrategy.MAX}
    with open(PIPELINE, "w", encoding="utf-8") as out:
        for _ in range(40):
            logits = random.normal(0, 3, (random.integers(1, 5), 5)).astype(np.float32).round(3)
            exponentials = np.exp(logits - logits.max(axis=-1, keepdims=True))
            scores = exponentials / exponentials.sum(axis=-1, keepdims=True)
            pieces = [{"word": "x", "scores": row, "start": 0, "end": 1} for row in scores]
            line = {"logits": [[float(str(x)) for x in row] for row in logits]}
            for name, strategy in strategies.items():
                word = words.aggregate_word(pieces, strategy)
                line[name] = {"class": int(word["entity"]), "score": float(word["score"])}
            out.write(json.dumps(line) + "\n")


def columns(path, word=0, tag=-1, separator=None, comment=None):
    """Sentences of a column file, read with more patience than care: it is text for tokenizers."""
    words, tags = [], []
    for line in path.read_text(encoding="utf-8-sig").split("\n"):
        line = line.rstrip("\r")
        fields = line.split(separator)
        if not line.strip() or line.startswith("-DOCSTART-") or (comment and line.startswith(comment)):
            if words:
                yield words, tags
            words, tags = [], []
        elif len(fields) > 1:
            words.append(fields[word])
            tags.append(fields[tag])
    if words:
        yield words, tags


def conllu(path):
    for words, tags in columns(path, 1, 9, "\t", "#"):
        yield words, [next((p[5:] for p in misc.split("|") if p.startswith("name=")), "O") for misc in tags]


def factrueval(path):
    words = []
    for line in path.read_text(encoding="utf-8-sig").split("\n"):
        fields = line.split(" ", 3)
        if len(fields) == 4:
            words.append(fields[3])
        elif words:
            yield words, ["O"] * len(words)
            words = []


def spacy_json(path):
    for document in json.loads(path.read_text(encoding="utf-8")):
        for paragraph in document["paragraphs"]:
            for sentence in paragraph["sentences"]:
                words = [token["orth"] for token in sentence["tokens"]]
                yield words, ["O"] * len(words)


def corpora(data):
    """Corpus name, scheme of its tags, sentences."""
    for path in sorted(data.rglob("*")):
        name, parts = path.relative_to(data), path.relative_to(data).parts
        if not path.is_file() or "README" in path.name or "LICENSE" in path.name:
            continue
        if parts[0] == "factrueval" and path.suffix == ".tokens":
            yield name, "iob2", factrueval(path)
        elif path.suffix == ".conllu":
            yield name, "iob2", conllu(path)
        elif path.suffix == ".json":
            yield name, "iob2", spacy_json(path)
        elif path.suffix == ".iob2":
            yield name, "iob2", columns(path, 1, 2, "\t", "#")
        elif path.suffix == ".tsv":
            yield name, "iobes" if "IOBES" in str(path) else "iob2", columns(path, separator="\t")
        elif parts[0] in ("wnut17", "bengali-ner"):
            yield name, "iob2", columns(path, tag=1, separator="\t")
        elif parts[0] in ("wikigold", "crossner") or path.name == "ground_truth.txt":
            yield name, "iob2", columns(path)


def is_tag(tag, scheme):
    letters = "BIES" if scheme == "iobes" else "BI"
    return tag == "O" or (len(tag) > 2 and tag[0] in letters and tag[1] == "-")


def ours(binary, directory, strategy, scheme, names, sentences):
    types = ",".join(dict.fromkeys(name[2:] for name in names[1:]))
    lines = "".join(json.dumps({"words": words, "tags": tags}) + "\n" for words, tags in sentences)
    command = [binary, str(directory), strategy, scheme, types]
    found = subprocess.run(command, input=lines.encode(), stdout=subprocess.PIPE, check=True).stdout
    windows = [json.loads(line) for line in found.decode().splitlines()]
    return {window["sentence"]: window for window in windows}


def compare(data, binary, directories):
    totals = {}
    groups = {}
    for name, scheme, sentences in corpora(data):
        clean = [(words, [tag if is_tag(tag, scheme) else "O" for tag in tags]) for words, tags in sentences]
        print(f"{name}: {len(clean)} sentences, {sum(len(words) for words, _ in clean)} words", flush=True)
        groups.setdefault(scheme, []).extend(clean)
    for directory in directories:
        tokenizer = load(directory)
        specials = encode(tokenizer, ["a"])[1].count(None)
        for scheme, sentences in groups.items():
            names = class_names((tags for _, tags in sentences), "BIES" if scheme == "iobes" else "BI")
            theirs = [encode(tokenizer, words) for words, _ in sentences]
            strategies = ["first", "propagate"] + (["propagate-inside"] if scheme == "iob2" else [])
            for strategy in strategies:
                windows = ours(binary, directory, strategy, scheme, names, sentences)
                differences = 0
                for number, ((ids, word_ids), (words, tags)) in enumerate(zip(theirs, sentences)):
                    if number not in windows:
                        # A sentence without subtokens: special tokens alone there, no window here.
                        same = len(ids) == specials
                    else:
                        window = windows[number]
                        labels = labels_of(word_ids, tags, names, strategy)
                        same = (window["input_ids"], window["word_ids"], window["labels"]) == (ids, word_ids, labels)
                    if not same:
                        differences += 1
                        if differences <= 3:
                            print("DIFFERENT", directory, strategy, words, ids, windows.get(number))
                subtokens = sum(len(ids) for ids, _ in theirs)
                print(f"{Path(directory).name} {scheme} {strategy}: {len(sentences)} sentences, {subtokens} subtokens, {differences} differences", flush=True)
                totals[(str(directory), scheme, strategy)] = differences
    return sum(totals.values())


if __name__ == "__main__":
    if sys.argv[1:] == ["sample"]:
        sample()
    elif sys.argv[1:] == ["pipeline"]:
        pipeline()
    elif len(sys.argv) > 3 and sys.argv[1] == "corpora":
        directories = sys.argv[4:] or sorted(TOKENIZERS.iterdir())
        sys.exit(1 if compare(Path(sys.argv[2]), sys.argv[3], directories) else 0)
    else:
        sys.exit(__doc__)
