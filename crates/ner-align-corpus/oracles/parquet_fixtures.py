"""Makes the small Parquet files in fixtures/parquet and fixtures/broken/parquet with pyarrow.

    python parquet_fixtures.py

With `--check FILE` it opens a file that ner-align wrote with pyarrow, pandas and, where it is
installed, `datasets`, and prints what they see.
"""

import json
import sys
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

FIXTURES = Path(__file__).resolve().parent.parent.parent.parent / "fixtures"
NAMES = ["O", "B-LOC", "I-LOC", "B-PER", "I-PER"]
TOKENS = [["Ada", "Lovelace", "wrote"], ["née", "à", "São", "Paulo"], [], ["EU"]]
TAGS = [[3, 4, 0], [0, 0, 1, 2], [], [-100]]


def features(column, feature):
    text = {"dtype": "string", "_type": "Value"}
    return {"info": {"features": {"tokens": {"feature": text, "_type": "List"}, column: feature}}}


def write(path, columns, metadata=None, **options):
    table = pa.table(columns)
    if metadata is not None:
        table = table.replace_schema_metadata({"huggingface": json.dumps(metadata)})
    pq.write_table(table, path, **options)


def lists(rows, kind):
    return pa.array(rows, pa.list_(kind))


def sound(folder):
    classes = {"names": NAMES, "_type": "ClassLabel"}
    tokens = lists(TOKENS, pa.string())
    write(folder / "list.parquet", {"tokens": tokens, "ner_tags": lists(TAGS, pa.int64())},
          features("ner_tags", {"feature": classes, "_type": "List"}))
    # The older form, short numbers, other packing, a row group a row, numbers as ids.
    write(folder / "sequence.parquet",
          {"id": pa.array([0, 1, 2, 3]), "words": tokens, "labels": lists(TAGS, pa.int8())},
          features("labels", {"feature": classes, "length": -1, "_type": "Sequence"}),
          compression="zstd", row_group_size=1)
    write(folder / "bare-list.parquet", {"tokens": tokens, "tags": lists(TAGS, pa.int16())},
          features("tags", [classes]), compression="gzip", data_page_version="2.0")
    named = [[None if tag < 0 else NAMES[tag] for tag in row] for row in TAGS]
    write(folder / "strings.parquet",
          {"id": ["a", "a", "b", "c"], "tokens": lists(TOKENS, pa.large_string()),
           "pos_tags": tokens, "ner": lists(named, pa.string())},
          compression="none", use_dictionary=False)
    write(folder / "text.parquet",
          {"text": ["Ada  Lovelace wrote.", "other", None, "EU\n"],
           "tokens": tokens, "ner_tags": lists(TAGS, pa.int32())},
          features("ner_tags", {"feature": classes, "_type": "List"}),
          column_encoding={"text": "DELTA_LENGTH_BYTE_ARRAY"}, use_dictionary=["tokens.list.element"])


def broken(folder):
    tokens, tags = lists([["a", "b"]], pa.string()), lists([["O", "B-X"]], pa.string())
    good = folder / "good"
    write(good, {"tokens": tokens, "ner_tags": tags})
    data = good.read_bytes()
    good.unlink()
    (folder / "cut.parquet").write_bytes(data[: len(data) // 2])
    (folder / "short.parquet").write_bytes(b"PAR1PAR1")
    (folder / "footer-length.parquet").write_bytes(data[:-8] + b"\xff\xff\xff\x7fPAR1")
    # A schema of one child in one child in one child, which parsers follow by recursion.
    deep = b"\x15\x02\x19\xfc\x90\x03" + b"\x48\x01a\x15\x02\x00" * 400 + b"\x00"
    (folder / "deep.parquet").write_bytes(b"PAR1" + deep + len(deep).to_bytes(4, "little") + b"PAR1")
    write(folder / "no-tokens.parquet", {"text": ["a"], "ner_tags": tags})
    write(folder / "no-tags.parquet", {"tokens": tokens, "ner_tags": ["O"]})
    write(folder / "ragged.parquet", {"tokens": tokens, "ner_tags": lists([["O"]], pa.string())})
    write(folder / "unnamed.parquet", {"tokens": tokens, "ner_tags": lists([[0, 1]], pa.int64())})
    write(folder / "no-such-name.parquet",
          {"tokens": tokens, "ner_tags": lists([[0, 5]], pa.int64())},
          features("ner_tags", {"feature": {"names": NAMES}}))
    write(folder / "null.parquet", {"tokens": lists([["a", None]], pa.string()), "ner_tags": tags})
    write(folder / "latin1.parquet",
          {"tokens": lists([[b"a", b"\xe9"]], pa.binary()), "ner_tags": tags})
    write(folder / "empty.parquet", {"tokens": tokens.slice(1), "ner_tags": tags.slice(1)})
    many = lists([["a"] * 3_000_000], pa.string())
    write(folder / "long-row.parquet", {"tokens": many, "ner_tags": many})


def check(path):
    table = pq.read_table(path)
    print(table.schema.remove_metadata())
    print("rows", table.num_rows, "row groups", pq.ParquetFile(path).num_row_groups)
    print(json.loads(table.schema.metadata[b"huggingface"])["info"]["features"])
    import pandas

    print(pandas.read_parquet(path).head())
    try:
        from datasets import load_dataset
    except ImportError:
        return
    data = load_dataset("parquet", data_files=str(path), split="train")
    print(data.features)
    names = data.features["ner_tags"].feature.names
    for row in data.select(range(min(5, len(data)))):
        print([(t, names[n] if n >= 0 else n) for t, n in zip(row["tokens"], row["ner_tags"])])


if __name__ == "__main__":
    if sys.argv[1:2] == ["--check"]:
        check(Path(sys.argv[2]))
    else:
        sound(FIXTURES / "parquet")
        broken(FIXTURES / "broken" / "parquet")
