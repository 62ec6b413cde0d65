"""Makes a small encoder of a family with random weights, and a tokenizer of the kind that the
family's models have, trained on the words of a column file.

    python tiny_encoder.py FAMILY CORPUS FOLDER

FAMILY is bert, camembert, distilbert, electra, roberta or xlm-roberta. `ner-align train` can
fine-tune the folder, and `predictions.py` then compares the predictions.
"""

import argparse
import json
import pathlib

import torch
from tokenizers import (
    Tokenizer,
    decoders,
    models,
    normalizers,
    pre_tokenizers,
    processors,
    trainers,
)
from transformers import AutoConfig, AutoModel

SIZES = dict(
    hidden_size=64,
    num_hidden_layers=2,
    num_attention_heads=4,
    intermediate_size=128,
    max_position_embeddings=258,
)
DISTILBERT = dict(dim=64, n_layers=2, n_heads=4, hidden_dim=128, max_position_embeddings=258)
VOCABULARY = 1500
ANGLED = dict(
    bos="<s>", eos="</s>", pad="<pad>", unk="<unk>", cls="<s>", sep="</s>", mask="<mask>"
)


def words(path):
    for line in pathlib.Path(path).read_text(encoding="utf-8").splitlines():
        if line.strip() and not line.startswith("-DOCSTART-"):
            yield line.split("\t")[0] if "\t" in line else line.split()[0]


def word_pieces(texts):
    """BERT, DistilBERT, ELECTRA: WordPiece, [CLS] and [SEP]."""
    tokenizer = Tokenizer(models.WordPiece(unk_token="[UNK]"))
    tokenizer.normalizer = normalizers.BertNormalizer(lowercase=True)
    tokenizer.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    tokenizer.decoder = decoders.WordPiece()
    special = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"]
    trainer = trainers.WordPieceTrainer(vocab_size=VOCABULARY, special_tokens=special)
    tokenizer.train_from_iterator(texts, trainer)
    ends = [(token, tokenizer.token_to_id(token)) for token in ("[CLS]", "[SEP]")]
    tokenizer.post_processor = processors.TemplateProcessing(
        single="[CLS] $A [SEP]", pair="[CLS] $A [SEP] $B:1 [SEP]:1", special_tokens=ends
    )
    names = dict(pad="[PAD]", unk="[UNK]", cls="[CLS]", sep="[SEP]", mask="[MASK]")
    return tokenizer, "BertTokenizerFast", names


def byte_pairs(texts):
    """RoBERTa: pairs of bytes; the words of a list each get a blank before them."""
    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=True)
    tokenizer.decoder = decoders.ByteLevel()
    special = ["<s>", "<pad>", "</s>", "<unk>", "<mask>"]
    trainer = trainers.BpeTrainer(
        vocab_size=VOCABULARY,
        special_tokens=special,
        initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
    )
    tokenizer.train_from_iterator(texts, trainer)
    tokenizer.post_processor = processors.RobertaProcessing(
        ("</s>", 2), ("<s>", 0), add_prefix_space=True, trim_offsets=True
    )
    return tokenizer, "RobertaTokenizerFast", ANGLED


def sentence_pieces(texts):
    """XLM-R and CamemBERT: a unigram model over text whose blanks are ▁."""
    tokenizer = Tokenizer(models.Unigram())
    tokenizer.normalizer = normalizers.Sequence(
        [normalizers.NFKC(), normalizers.Replace("  ", " ")]
    )
    tokenizer.pre_tokenizer = pre_tokenizers.Metaspace()
    tokenizer.decoder = decoders.Metaspace()
    special = ["<s>", "<pad>", "</s>", "<unk>", "<mask>"]
    trainer = trainers.UnigramTrainer(
        vocab_size=VOCABULARY, special_tokens=special, unk_token="<unk>"
    )
    tokenizer.train_from_iterator(texts, trainer)
    tokenizer.post_processor = processors.TemplateProcessing(
        single="<s> $A </s>",
        pair="<s> $A </s> </s> $B </s>",
        special_tokens=[("<s>", 0), ("</s>", 2)],
    )
    return tokenizer, "PreTrainedTokenizerFast", ANGLED


FAMILIES = {
    "bert": (word_pieces, SIZES),
    "camembert": (sentence_pieces, SIZES),
    "distilbert": (word_pieces, DISTILBERT),
    "electra": (word_pieces, SIZES | dict(embedding_size=32)),
    "roberta": (byte_pairs, SIZES | dict(type_vocab_size=1)),
    "xlm-roberta": (sentence_pieces, SIZES | dict(type_vocab_size=1)),
}


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    parser.add_argument("family", choices=FAMILIES)
    parser.add_argument("corpus")
    parser.add_argument("folder", type=pathlib.Path)
    arguments = parser.parse_args()

    make, sizes = FAMILIES[arguments.family]
    tokenizer, name, special = make(words(arguments.corpus))
    torch.manual_seed(1)
    config = AutoConfig.for_model(
        arguments.family, vocab_size=tokenizer.get_vocab_size(), **sizes
    )
    AutoModel.from_config(config).save_pretrained(arguments.folder)
    tokenizer.save(str(arguments.folder / "tokenizer.json"))
    # The window that the tokenizer claims is longer than the model's: the model's must win.
    settings = {f"{key}_token": token for key, token in special.items()}
    settings |= dict(tokenizer_class=name, model_max_length=512)
    path = arguments.folder / "tokenizer_config.json"
    path.write_text(json.dumps(settings, indent=1) + "\n")


main()
