"""Compares the tags that transformers predicts for every word with those ner-align wrote.

    ner-align predict --model MODEL --decode argmax --to conll -o PREDICTED GOLD
    python transformers_tags.py MODEL GOLD PREDICTED [--save FOLDER]

A word without subtokens is O on both sides. Exits with status 1 at any difference.
"""

import argparse
import sys

import torch
from transformers import AutoModelForTokenClassification, AutoTokenizer


def sentences(path):
    """Lists of (word, tag) from a column file: first and last column."""
    sentence = []
    with open(path, encoding="utf-8-sig", newline="") as file:
        for line in file.read().split("\n"):
            fields = line.strip("\r").split("\t") if "\t" in line.strip() else line.split()
            if not line.strip() or line.startswith("-DOCSTART-"):
                if sentence:
                    yield sentence
                sentence = []
            else:
                sentence.append((fields[0], fields[-1]))
    if sentence:
        yield sentence


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("model")
    parser.add_argument("gold")
    parser.add_argument("predicted")
    parser.add_argument("--save")
    arguments = parser.parse_args()

    tokenizer = AutoTokenizer.from_pretrained(arguments.model, add_prefix_space=True)
    model = AutoModelForTokenClassification.from_pretrained(arguments.model).eval()
    if arguments.save:
        model.save_pretrained(arguments.save)
        tokenizer.save_pretrained(arguments.save)

    gold = list(sentences(arguments.gold))
    predicted = list(sentences(arguments.predicted))
    assert len(gold) == len(predicted), f"{len(gold)} sentences, {len(predicted)} predicted"
    words = differences = 0
    for start in range(0, len(gold), 32):
        batch = [[word for word, _ in sentence] for sentence in gold[start : start + 32]]
        inputs = tokenizer(batch, is_split_into_words=True, padding=True, return_tensors="pt")
        with torch.no_grad():
            classes = model(**inputs).logits.argmax(-1)
        for row, sentence in enumerate(batch):
            tags = ["O"] * len(sentence)
            previous = None
            for position, word in enumerate(inputs.word_ids(row)):
                if word is not None and word != previous:
                    tags[word] = model.config.id2label[classes[row, position].item()]
                previous = word
            found = predicted[start + row]
            assert [word for word, _ in found] == sentence, (found, sentence)
            for word, tag, (_, other) in zip(sentence, tags, found):
                words += 1
                if tag != other:
                    differences += 1
                    print(f"{word}: transformers {tag}, ner-align {other}")
    print(f"{words} words, {differences} differences")
    sys.exit(1 if differences else 0)


main()
