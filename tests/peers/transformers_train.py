"""Fine-tunes with transformers' Trainer under the settings of `ner-align train --recipe trainer`.

    python transformers_train.py MODEL TRAIN DEV --seed 1 [--epochs 5] [--batch 32] [--rate 3e-4] [--grouped]
                                 [--bf16] [--test TEST] [--last] [--save-dev OUT] [--save-test OUT]

Prints the dev F1 (seqeval, default mode) of each epoch, with --last of the last one alone, with --test also the F1 of the last epoch's
model on TEST, and the training speed in real subtokens per second, special tokens counted, padding
not. --save-dev and --save-test write words with the tags that the last epoch's model gives them.
"""

import argparse
import tempfile
import time

import numpy
import torch
from seqeval.metrics import f1_score
from transformers import (
    AutoModelForTokenClassification,
    AutoTokenizer,
    DataCollatorForTokenClassification,
    Trainer,
    TrainerCallback,
    TrainingArguments,
)


def sentences(path):
    sentence = []
    with open(path, encoding="utf-8-sig", newline="") as file:
        for line in file.read().split("\n"):
            if not line.strip() or line.startswith("-DOCSTART-"):
                if sentence:
                    yield sentence
                sentence = []
            else:
                fields = line.strip("\r").split("\t") if "\t" in line.strip() else line.split()
                sentence.append((fields[0], fields[-1]))
    if sentence:
        yield sentence


def encode(tokenizer, data, classes):
    rows = []
    for sentence in data:
        row = tokenizer([w for w, _ in sentence], is_split_into_words=True, truncation=True)
        labels, previous = [], None
        for word in row.word_ids():
            first = word is not None and word != previous
            labels.append(classes[sentence[word][1]] if first else -100)
            previous = word
        row["labels"] = labels
        rows.append({key: row[key] for key in ("input_ids", "attention_mask", "labels")})
    return rows


def save(path, data, prediction, names):
    """Writes each word with its tag; words behind a cut have none and get O."""
    with open(path, "w", encoding="utf-8") as file:
        for sentence, guess, label in zip(data, prediction.predictions.argmax(-1), prediction.label_ids):
            tags = [names[i] for i in guess[label != -100]]
            tags += ["O"] * (len(sentence) - len(tags))
            file.writelines(f"{word}\t{tag}\n" for (word, _), tag in zip(sentence, tags))
            file.write("\n")


class Clock(TrainerCallback):
    """Time spent in training, evaluation left out."""

    def __init__(self):
        self.seconds, self.started = 0.0, 0.0

    def on_epoch_begin(self, *_, **__):
        self.started = time.perf_counter()

    def on_epoch_end(self, *_, **__):
        self.seconds += time.perf_counter() - self.started


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("model")
    parser.add_argument("train")
    parser.add_argument("dev")
    parser.add_argument("--test")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--epochs", type=int, default=5)
    parser.add_argument("--batch", type=int, default=32)
    parser.add_argument("--rate", type=float, default=3e-4)
    parser.add_argument("--grouped", action="store_true")
    parser.add_argument("--bf16", action="store_true")
    parser.add_argument("--last", action="store_true")
    parser.add_argument("--save-dev")
    parser.add_argument("--save-test")
    arguments = parser.parse_args()

    torch.manual_seed(arguments.seed)
    train, dev = list(sentences(arguments.train)), list(sentences(arguments.dev))
    test = list(sentences(arguments.test)) if arguments.test else []
    # A small training set may lack a tag that the others have.
    names = sorted({tag for sentence in train + dev + test for _, tag in sentence})
    classes = {name: index for index, name in enumerate(names)}
    tokenizer = AutoTokenizer.from_pretrained(arguments.model, model_max_length=512)
    rows, dev_rows = (encode(tokenizer, data, classes) for data in (train, dev))
    model = AutoModelForTokenClassification.from_pretrained(
        arguments.model, id2label=dict(enumerate(names)), label2id=classes
    )

    def scores(prediction):
        guesses = prediction.predictions.argmax(-1)
        gold, found = [], []
        for guess, label in zip(guesses, prediction.label_ids):
            kept = label != -100
            gold.append([names[i] for i in label[kept]])
            found.append([names[i] for i in guess[kept]])
        return {"f1": f1_score(gold, found)}

    clock = Clock()
    options = TrainingArguments(
        output_dir=tempfile.mkdtemp(),
        seed=arguments.seed,
        num_train_epochs=arguments.epochs,
        per_device_train_batch_size=arguments.batch,
        learning_rate=arguments.rate,
        weight_decay=0.01,
        eval_strategy="no" if arguments.last else "epoch",
        save_strategy="no",
        report_to=[],
        disable_tqdm=True,
        use_cpu=True,
        bf16=arguments.bf16,
        train_sampling_strategy="group_by_length" if arguments.grouped else "random",
    )
    trainer = Trainer(
        model=model,
        args=options,
        train_dataset=rows,
        eval_dataset=dev_rows,
        data_collator=DataCollatorForTokenClassification(tokenizer),
        compute_metrics=scores,
        callbacks=[clock],
    )
    trainer.train()
    if arguments.last:
        trainer.evaluate()
    f1 = [entry["eval_f1"] for entry in trainer.state.log_history if "eval_f1" in entry]
    subtokens = sum(len(row["input_ids"]) for row in rows) * arguments.epochs
    print(f"dev F1 by epoch {numpy.round(f1, 4).tolist()}, best {max(f1):.4f}")
    # Grouped by length, predictions would come in another order than the sentences.
    trainer.args.train_sampling_strategy = "random"
    for path, data in ((arguments.save_dev, dev), (arguments.save_test, test)):
        if path:
            save(path, data, trainer.predict(encode(tokenizer, data, classes)), names)
    if test:
        print(f"test F1 {trainer.evaluate(encode(tokenizer, test, classes))['eval_f1']:.4f}")
    print(f"{clock.seconds:.0f} s, {subtokens / clock.seconds:.0f} subtokens/s")


main()