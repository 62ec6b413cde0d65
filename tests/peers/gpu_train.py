"""Trains on a GPU with ner-align and with transformers' Trainer, in one call.

    python gpu_train.py [--binary target/release/ner-align-tch] [--rounds 3] [--peak-tflops 989]

Run it with a Python that has torch 2.11 with CUDA and transformers; ner-align takes libtorch from that
install. It makes an encoder of BERT-base's shape with random weights, and sentences of made-up words of
8 to 126 subtokens, and then

- trains a few steps without dropout on the CPU and on the GPU in f32, and compares the losses;
- trains twice with dropout on the GPU, and says whether the losses are the same, bit for bit;
- trains in bf16 with batches of 64 sentences, ner-align and Trainer (bf16, fused AdamW) in turns, and
  prints real subtokens a second after a warm-up, and which share of the GPU's `--peak-tflops` (bf16
  without sparsity; 989 for an H100 or H200) the linear maps and attention of these come to.

`--tiny --device cpu` runs the same on a small model without a GPU, to see that it works.
"""

import argparse
import json
import os
import random
import re
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import torch

HERE = Path(__file__).resolve().parent
VOCABULARY = 30_522


def make_model(folder, tiny):
    from tokenizers import Tokenizer, models, pre_tokenizers, processors
    from transformers import BertConfig, BertModel, PreTrainedTokenizerFast

    special = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"]
    words = special + [f"w{i}" for i in range(VOCABULARY - len(special))]
    tokenizer = Tokenizer(
        models.WordPiece({word: i for i, word in enumerate(words)}, unk_token="[UNK]")
    )
    tokenizer.pre_tokenizer = pre_tokenizers.Whitespace()
    tokenizer.post_processor = processors.TemplateProcessing(
        single="[CLS] $A [SEP]", special_tokens=[("[CLS]", 2), ("[SEP]", 3)]
    )
    names = dict(pad_token="[PAD]", unk_token="[UNK]", cls_token="[CLS]", sep_token="[SEP]")
    PreTrainedTokenizerFast(tokenizer_object=tokenizer, **names).save_pretrained(folder)
    torch.manual_seed(1)
    small = dict(hidden_size=64, num_hidden_layers=2, num_attention_heads=4, intermediate_size=128)
    config = BertConfig(vocab_size=VOCABULARY, **(small if tiny else {}))
    BertModel(config, add_pooling_layer=False).save_pretrained(folder)
    return config


def make_corpus(path, sentences):
    draw = random.Random(1)
    with open(path, "w", encoding="utf-8") as file:
        for _ in range(sentences):
            for _ in range(draw.randint(6, 124)):
                word = f"w{int(draw.paretovariate(0.7)) % (VOCABULARY - 5)}"
                file.write(f"{word}\t{'U-THING' if draw.random() < 0.1 else 'O'}\n")
            file.write("\n")


def ner_align(options, folder, **settings):
    """The rows of steps in metrics.jsonl."""
    with tempfile.TemporaryDirectory() as out:
        base = dict(epochs=1, batching="random", learning_rate=1e-4, seed=1, log_every=1)
        command = [options.binary, "train", "--recipe", "trainer", "--model", str(folder)]
        command += ["--train", f"{folder}/train.conll", "--dev", f"{folder}/dev.conll"]
        command += ["-o", f"{out}/run"]
        for key, value in {**base, **settings}.items():
            command += ["--set", f"{key}={value}"]
        libraries = str(Path(torch.__file__).parent / "lib")
        environment = {**os.environ, "LD_LIBRARY_PATH": libraries}
        done = subprocess.run(command, env=environment, capture_output=True, text=True)
        if done.returncode:
            sys.exit(f"{' '.join(command)}\n{done.stderr}")
        lines = Path(out, "run", "metrics.jsonl").read_text(encoding="utf-8").splitlines()
        return [row for row in map(json.loads, lines) if "subtokens" in row]


def ner_align_speed(options, folder):
    settings = dict(device=options.device, precision=options.precision, batch_size=options.batch)
    rows = ner_align(options, folder, max_steps=options.steps, **settings)[options.warm_up :]
    return sum(row["subtokens"] for row in rows) / sum(row["seconds"] for row in rows)


def trainer_speed(options, folder):
    """In a process of its own, so that nothing is left on the GPU."""
    command = [sys.executable, __file__, *sys.argv[1:], "--peer", str(folder)]
    done = subprocess.run(command, capture_output=True, text=True)
    found = re.search(r"([\d.]+) subtokens/s", done.stdout)
    return float(found.group(1)) if found else sys.exit(done.stdout + done.stderr)


def peer(options):
    from transformers import (
        AutoModelForTokenClassification,
        AutoTokenizer,
        DataCollatorForTokenClassification,
        Trainer,
        TrainerCallback,
        TrainingArguments,
    )

    folder = options.peer
    tokenizer = AutoTokenizer.from_pretrained(folder)
    classes = {"O": 0, "U-THING": 1}
    rows = []
    for block in Path(folder, "train.conll").read_text(encoding="utf-8").strip().split("\n\n"):
        words, tags = zip(*(line.split("\t") for line in block.split("\n")))
        row = tokenizer(list(words), is_split_into_words=True)
        row["labels"] = [-100 if w is None else classes[tags[w]] for w in row.word_ids()]
        rows.append({key: row[key] for key in ("input_ids", "attention_mask", "labels")})

    class Clock(TrainerCallback):
        def on_step_end(self, _, state, *__, **___):
            if state.global_step == options.warm_up:
                self.synchronize()
                self.start = time.perf_counter()
            if state.global_step == options.steps:
                self.synchronize()
                self.seconds = time.perf_counter() - self.start

        @staticmethod
        def synchronize():
            if torch.cuda.is_available():
                torch.cuda.synchronize()

    class Counted(DataCollatorForTokenClassification):
        def torch_call(self, features):
            counts.append(sum(len(feature["input_ids"]) for feature in features))
            return super().torch_call(features)

    counts, clock = [], Clock()
    settings = TrainingArguments(
        output_dir=tempfile.mkdtemp(),
        max_steps=options.steps,
        per_device_train_batch_size=options.batch,
        learning_rate=1e-4,
        bf16=options.precision == "bf16",
        optim="adamw_torch_fused",
        save_strategy="no",
        report_to=[],
        disable_tqdm=True,
        use_cpu=options.device == "cpu",
    )
    model = AutoModelForTokenClassification.from_pretrained(folder, num_labels=2)
    collator = Counted(tokenizer)
    Trainer(
        model=model, args=settings, train_dataset=rows, data_collator=collator, callbacks=[clock]
    ).train()
    print(f"{sum(counts[options.warm_up : options.steps]) / clock.seconds:.1f} subtokens/s")


def flops_of_subtoken(config, length):
    """Forward and backward, of a subtoken in a window of this length."""
    hidden, wide = config.hidden_size, config.intermediate_size
    linear = 4 * hidden * hidden + 2 * hidden * wide
    return 6 * config.num_hidden_layers * (linear + 2 * length * hidden)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--binary", default=str(HERE.parent.parent / "target/release/ner-align-tch"))
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--peak-tflops", type=float, default=989)
    parser.add_argument("--batch", type=int, default=64)
    parser.add_argument("--steps", type=int, default=120)
    parser.add_argument("--warm-up", type=int, default=20)
    parser.add_argument("--device", default="cuda")
    parser.add_argument("--precision", default="bf16")
    parser.add_argument("--tiny", action="store_true")
    parser.add_argument("--peer", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.peer:
        return peer(options)
    with tempfile.TemporaryDirectory() as folder:
        folder = Path(folder)
        config = make_model(folder, options.tiny)
        make_corpus(folder / "train.conll", options.batch * options.steps)
        make_corpus(folder / "dev.conll", 8)
        name = torch.cuda.get_device_name() if torch.cuda.is_available() else "no GPU"
        print(f"{name}, torch {torch.__version__}", flush=True)

        settings = dict(precision="f32", dropout=0.0, batch_size=8, max_steps=5)
        losses = [
            [row["loss"] for row in ner_align(options, folder, device=device, **settings)]
            for device in ("cpu", options.device)
        ]
        apart = max(abs(a - b) / a for a, b in zip(*losses))
        print(f"f32 losses of {len(losses[0])} steps, CPU and {options.device}: at most {apart:.1e} apart")

        settings = dict(precision=options.precision, batch_size=8, max_steps=20)
        one, other = (
            [row["loss"] for row in ner_align(options, folder, device=options.device, **settings)]
            for _ in range(2)
        )
        apart = max(abs(a - b) / a for a, b in zip(one, other))
        same = "the same" if one == other else f"at most {apart:.1e} apart"
        print(f"{options.precision} losses of two runs of {len(one)} steps: {same}")

        found = {"ner-align": [], "Trainer": []}
        for _ in range(options.rounds):
            found["ner-align"].append(ner_align_speed(options, folder))
            found["Trainer"].append(trainer_speed(options, folder))
            print(", ".join(f"{name} {row[-1]:.0f}" for name, row in found.items()), flush=True)
        flops = flops_of_subtoken(config, 67)
        for name, row in found.items():
            speed = statistics.median(row)
            share = speed * flops / (options.peak_tflops * 1e12)
            print(f"{name}: {speed:.0f} subtokens/s, {share:.1%} of {options.peak_tflops:.0f} TFLOP/s")
        ratios = [a / b for a, b in zip(*found.values())]
        print(f"ner-align is {statistics.median(ratios):.2f}x ({min(ratios):.2f} to {max(ratios):.2f})")


if __name__ == "__main__":
    main()
