"""Makes a small encoder of a family with random weights, and a tokenizer of the kind that the
family's models have, trained on the words of a column file.

    python tiny_encoder.py FAMILY CORPUS FOLDER

FAMILY is bert, camembert, deberta-v2, distilbert, electra, modernbert, roberta or xlm-roberta.
`ner-align train` can fine-tune the folder, and `predictions.py` then compares the predictions.
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
# As DeBERTa-v3 is configured.
DEBERTA = SIZES | dict(
    relative_attention=True,
    share_att_key=True,
    position_buckets=16,
    pos_att_type="p2c|c2p",
    norm_rel_ebd="layer_norm",
    position_biased_input=False,
    layer_norm_eps=1e-7,
)
MODERNBERT = SIZES | dict(num_hidden_layers=4, local_attention=16)
VOCABULARY = 1500
SQUARE = dict(pad="[PAD]", unk="[UNK]", cls="[CLS]", sep="[SEP]", mask="[MASK]")
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
    square_ends(tokenizer)
    return tokenizer, "BertTokenizerFast", SQUARE


def trained_byte_pairs(texts, special, prefix):
    """Pairs of bytes; `prefix`: a text gets a blank before it."""
    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=prefix)
    tokenizer.decoder = decoders.ByteLevel()
    trainer = trainers.BpeTrainer(
        vocab_size=VOCABULARY,
        special_tokens=special,
        initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
    )
    tokenizer.train_from_iterator(texts, trainer)
    return tokenizer


def square_ends(tokenizer):
    ends = [(token, tokenizer.token_to_id(token)) for token in ("[CLS]", "[SEP]")]
    tokenizer.post_processor = processors.TemplateProcessing(
        single="[CLS] $A [SEP]", pair="[CLS] $A [SEP] $B:1 [SEP]:1", special_tokens=ends
    )


def modern_byte_pairs(texts):
    """ModernBERT: pairs of bytes, whose file gives no blank to a text, and [CLS] and [SEP]."""
    tokenizer = trained_byte_pairs(texts, list(SQUARE.values()), prefix=False)
    tokenizer.normalizer = normalizers.NFC()
    square_ends(tokenizer)
    return tokenizer, "PreTrainedTokenizerFast", SQUARE


def byte_pairs(texts):
    """RoBERTa: pairs of bytes; the words of a list each get a blank before them."""
    special = ["<s>", "<pad>", "</s>", "<unk>", "<mask>"]
    tokenizer = trained_byte_pairs(texts, special, prefix=True)
    tokenizer.post_processor = processors.RobertaProcessing(
        ("</s>", 2), ("<s>", 0), add_prefix_space=True, trim_offsets=True
    )
    return tokenizer, "RobertaTokenizerFast", ANGLED


def trained_sentence_pieces(texts, special, unknown):
    """A unigram model over text whose blanks are ▁."""
    tokenizer = Tokenizer(models.Unigram())
    tokenizer.normalizer = normalizers.Sequence(
        [normalizers.NFKC(), normalizers.Replace("  ", " ")]
    )
    tokenizer.pre_tokenizer = pre_tokenizers.Metaspace()
    tokenizer.decoder = decoders.Metaspace()
    trainer = trainers.UnigramTrainer(
        vocab_size=VOCABULARY, special_tokens=special, unk_token=unknown
    )
    tokenizer.train_from_iterator(texts, trainer)
    return tokenizer


def square_sentence_pieces(texts):
    """DeBERTa-v3: a unigram model, [CLS] and [SEP]."""
    tokenizer = trained_sentence_pieces(texts, list(SQUARE.values()), "[UNK]")
    square_ends(tokenizer)
    return tokenizer, "PreTrainedTokenizerFast", SQUARE


def sentence_pieces(texts):
    """XLM-R and CamemBERT: a unigram model, <s> and </s>."""
    special = ["<s>", "<pad>", "</s>", "<unk>", "<mask>"]
    tokenizer = trained_sentence_pieces(texts, special, "<unk>")
    tokenizer.post_processor = processors.TemplateProcessing(
        single="<s> $A </s>",
        pair="<s> $A </s> </s> $B </s>",
        special_tokens=[("<s>", 0), ("</s>", 2)],
    )
    return tokenizer, "PreTrainedTokenizerFast", ANGLED


FAMILIES = {
    "bert": (word_pieces, SIZES),
    "camembert": (sentence_pieces, SIZES),
    "deberta-v2": (square_sentence_pieces, DEBERTA),
    "distilbert": (word_pieces, DISTILBERT),
    "electra": (word_pieces, SIZES | dict(embedding_size=32)),
    "modernbert": (modern_byte_pairs, MODERNBERT),
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
    # The tokens of ModernBERT's configuration are those of a larger vocabulary.
    ids = {f"{key}_token_id": tokenizer.token_to_id(special[key]) for key in ("pad", "cls", "sep")}
    ids |= dict(bos_token_id=ids["cls_token_id"], eos_token_id=ids["sep_token_id"])
    if arguments.family == "modernbert":
        sizes = sizes | ids
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
