"""Trains the three small tokenizers of tests/tokenizers on text.txt.

    python oracles/make_tokenizers.py

One of each kind that BERT's family uses, in the layout that transformers reads: WordPiece (BERT),
byte-level BPE (RoBERTa), Unigram with metaspaces (XLM-R). Made with tokenizers 0.23.3.
"""

import json
from pathlib import Path

from tokenizers import Tokenizer, decoders, models, normalizers, pre_tokenizers, processors, trainers

HERE = Path(__file__).parent
TARGET = HERE.parent / "tests" / "tokenizers"
TEXT = str(HERE / "text.txt")


def wordpiece():
    tokenizer = Tokenizer(models.WordPiece(unk_token="[UNK]"))
    tokenizer.normalizer = normalizers.BertNormalizer(lowercase=True)
    tokenizer.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    tokenizer.decoder = decoders.WordPiece(prefix="##")
    special = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"]
    tokenizer.train([TEXT], trainers.WordPieceTrainer(vocab_size=900, special_tokens=special))
    tokenizer.post_processor = processors.TemplateProcessing(
        single="[CLS]:0 $A:0 [SEP]:0",
        pair="[CLS]:0 $A:0 [SEP]:0 $B:1 [SEP]:1",
        special_tokens=[("[CLS]", 2), ("[SEP]", 3)],
    )
    config = {
        "tokenizer_class": "BertTokenizer",
        "do_lower_case": True,
        "strip_accents": None,
        "tokenize_chinese_chars": True,
        "model_max_length": 512,
        "pad_token": "[PAD]",
        "unk_token": "[UNK]",
        "cls_token": "[CLS]",
        "sep_token": "[SEP]",
        "mask_token": "[MASK]",
    }
    return tokenizer, config


def byte_level():
    tokenizer = Tokenizer(models.BPE())
    # As the published RoBERTa has it; whoever gives words must switch the space on.
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    special = ["<s>", "<pad>", "</s>", "<unk>", "<mask>"]
    trainer = trainers.BpeTrainer(
        vocab_size=900,
        special_tokens=special,
        initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
    )
    tokenizer.train([TEXT], trainer)
    tokenizer.post_processor = processors.RobertaProcessing(
        ("</s>", 2), ("<s>", 0), trim_offsets=True, add_prefix_space=False
    )
    config = {
        "tokenizer_class": "RobertaTokenizer",
        "add_prefix_space": False,
        "model_max_length": 512,
        "bos_token": "<s>",
        "cls_token": "<s>",
        "eos_token": "</s>",
        "sep_token": "</s>",
        "pad_token": "<pad>",
        "unk_token": "<unk>",
        "mask_token": "<mask>",
    }
    return tokenizer, config


def unigram():
    tokenizer = Tokenizer(models.Unigram())
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence(
        [pre_tokenizers.WhitespaceSplit(), pre_tokenizers.Metaspace()]
    )
    tokenizer.decoder = decoders.Metaspace()
    special = ["<s>", "<pad>", "</s>", "<unk>", "<mask>"]
    trainer = trainers.UnigramTrainer(vocab_size=900, special_tokens=special, unk_token="<unk>")
    tokenizer.train([TEXT], trainer)
    tokenizer.post_processor = processors.TemplateProcessing(
        single="<s> $A </s>",
        pair="<s> $A </s> </s> $B </s>",
        special_tokens=[("<s>", 0), ("</s>", 2)],
    )
    config = {
        "tokenizer_class": "XLMRobertaTokenizer",
        "add_prefix_space": True,
        # What transformers writes for "no limit".
        "model_max_length": int(1e30),
        "bos_token": "<s>",
        "cls_token": "<s>",
        "eos_token": "</s>",
        "sep_token": "</s>",
        "pad_token": "<pad>",
        "unk_token": "<unk>",
        "mask_token": "<mask>",
    }
    return tokenizer, config


def main():
    for name, make in [("wordpiece", wordpiece), ("byte-level", byte_level), ("unigram", unigram)]:
        tokenizer, config = make()
        directory = TARGET / name
        directory.mkdir(parents=True, exist_ok=True)
        # One line, so that a diff of a retrained vocabulary stays one line too.
        (directory / "tokenizer.json").write_text(tokenizer.to_str(pretty=False) + "\n")
        (directory / "tokenizer_config.json").write_text(json.dumps(config, indent=2) + "\n")
        size = (directory / "tokenizer.json").stat().st_size
        print(f"{name}: {tokenizer.get_vocab_size()} tokens, {size} bytes")


if __name__ == "__main__":
    main()
