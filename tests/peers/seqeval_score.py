"""What a Python script does to score two column files with seqeval.

    python seqeval_score.py GOLD PREDICTED

Reads the last tab-separated column of both and prints seqeval's classification report.
"""

import sys

from seqeval.metrics import classification_report


def tags(path):
    """A list of tags a sentence."""
    sentences, sentence = [], []
    with open(path, encoding="utf-8") as file:
        for line in file:
            line = line.rstrip("\n")
            if line:
                sentence.append(line.rsplit("\t", 1)[1])
            elif sentence:
                sentences.append(sentence)
                sentence = []
    if sentence:
        sentences.append(sentence)
    return sentences


print(classification_report(tags(sys.argv[1]), tags(sys.argv[2])))
