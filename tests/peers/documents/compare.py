#!/usr/bin/env python3
"""Holds extracted texts against those that went into the PDFs of fixtures/pdf.

    python3 tests/peers/documents/compare.py FOLDER...

Each folder holds what one tool gave: NAME.txt for NAME.pdf. For each it prints, in percent: the
characters that are wrong (edit distance by the length of the text that went in, white space as one
space), the words that are lost, and the words out of order (those outside the longest run of words that
both have in the same order, of the words that both have). Line ends and paragraphs are not judged.
"""

import sys
from collections import Counter
from pathlib import Path

FIXTURES = Path(__file__).resolve().parents[3] / "fixtures" / "pdf"


def distance(a, b):
    """Edit distance, two rows at a time."""
    row = list(range(len(b) + 1))
    for i, left in enumerate(a, 1):
        before, row[0] = row[0], i
        for j, right in enumerate(b, 1):
            before, row[j] = row[j], min(row[j] + 1, row[j - 1] + 1, before + (left != right))
    return row[-1]


def in_order(a, b):
    """Length of the longest common subsequence."""
    row = [0] * (len(b) + 1)
    for left in a:
        before = 0
        for j, right in enumerate(b, 1):
            before, row[j] = row[j], before + 1 if left == right else max(row[j], row[j - 1])
    return row[-1]


def compare(expected, found):
    expected, found = expected.split(), found.split()
    wrong = distance(" ".join(expected), " ".join(found)) / len(" ".join(expected))
    common = sum((Counter(expected) & Counter(found)).values())
    lost = 1 - common / len(expected)
    moved = 1 - in_order(expected, found) / common if common else 1
    return wrong, lost, moved


def main():
    folders = [Path(folder) for folder in sys.argv[1:]]
    print("| file |", " | ".join(folder.name for folder in folders), "|")
    for path in sorted(FIXTURES.glob("*.txt")):
        expected = path.read_text(encoding="utf-8")
        if not expected.strip():
            continue
        cells = []
        for folder in folders:
            made = folder / path.name
            if not made.exists():
                cells.append("error")
                continue
            parts = compare(expected, made.read_text(encoding="utf-8", errors="replace"))
            cells.append(" / ".join(f"{100 * part:.1f}" for part in parts))
        print("|", path.stem, "|", " | ".join(cells), "|")


if __name__ == "__main__":
    main()
