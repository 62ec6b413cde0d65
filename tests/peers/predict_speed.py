"""Times `ner-align predict` against ONNX Runtime and transformers on the same model and lines, in turns.

    cargo build --release -p ner-align-cli --features tch
    python predict_speed.py MODEL LINES [--binary target/release/ner-align] [--rounds 3]

MODEL is a fine-tuned folder, LINES a text file with a sentence a line. Run it with the Python that has
transformers, torch 2.11, onnx and onnxruntime. Every run is a process of its own: it loads the model, reads
all lines, and finds the class of each subtoken. The peers sort the lines by length, run in batches of 8 and
of 32 lines, and the better of the two counts. ONNX Runtime runs the exported model in f32, and quantised by
its `quantize_dynamic` (8-bit weights for each channel, activations at run time). Speeds are real subtokens
a second, special tokens counted, of the whole process and, for the peers, without imports and loading.
"""

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

HERE = Path(__file__).resolve().parent


def export(model, folder):
    """Writes the model as ONNX, in f32 and with 8-bit weights."""
    import torch
    from onnxruntime.quantization import QuantType, quantize_dynamic
    from transformers import AutoModelForTokenClassification

    network = AutoModelForTokenClassification.from_pretrained(model, attn_implementation="eager")
    network.eval()
    ids = torch.ones(2, 8, dtype=torch.long)
    axes = {name: {0: "batch", 1: "length"} for name in ("input_ids", "attention_mask", "logits")}
    path = f"{folder}/f32.onnx"
    torch.onnx.export(network, (ids, ids), path, input_names=["input_ids", "attention_mask"],
                      output_names=["logits"], dynamic_axes=axes, opset_version=17, dynamo=False)
    quantize_dynamic(path, f"{folder}/int8.onnx", weight_type=QuantType.QInt8, per_channel=True)


def batches(tokenizer, lines, size):
    rows = tokenizer(lines, truncation=True)["input_ids"]
    rows.sort(key=len)
    return [rows[start:start + size] for start in range(0, len(rows), size)]


def padded(rows):
    import numpy

    longest = max(map(len, rows))
    ids = numpy.zeros((len(rows), longest), dtype=numpy.int64)
    mask = numpy.zeros_like(ids)
    for row, values in enumerate(rows):
        ids[row, :len(values)] = values
        mask[row, :len(values)] = 1
    return ids, mask


def peer(kind, model, lines, size, folder):
    """Runs a peer in this process; prints subtokens and seconds without loading."""
    from transformers import AutoTokenizer

    tokenizer = AutoTokenizer.from_pretrained(model)
    lines = [line for line in Path(lines).read_text(encoding="utf-8").splitlines() if line.strip()]
    if kind.startswith("onnx"):
        import onnxruntime

        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = int(os.environ.get("OMP_NUM_THREADS", os.cpu_count()))
        session = onnxruntime.InferenceSession(f"{folder}/{kind[5:]}.onnx", options)

        def classes(ids, mask):
            logits = session.run(None, {"input_ids": ids, "attention_mask": mask})[0]
            return logits.argmax(-1)
    else:
        import torch
        from transformers import AutoModelForTokenClassification

        kinds = {"torch-f32": torch.float32, "torch-bf16": torch.bfloat16}
        network = AutoModelForTokenClassification.from_pretrained(model, dtype=kinds[kind]).eval()

        @torch.inference_mode()
        def classes(ids, mask):
            output = network(input_ids=torch.from_numpy(ids), attention_mask=torch.from_numpy(mask))
            return output.logits.argmax(-1)

    start, subtokens = time.perf_counter(), 0
    for rows in batches(tokenizer, lines, size):
        classes(*padded(rows))
        subtokens += sum(map(len, rows))
    print(json.dumps({"subtokens": subtokens, "seconds": time.perf_counter() - start}))


def run(command):
    """Output, wall time and peak memory in MB of a process."""
    with tempfile.TemporaryFile() as out:
        start = time.perf_counter()
        process = subprocess.Popen(command, stdout=out, stderr=subprocess.DEVNULL)
        _, status, usage = os.wait4(process.pid, 0)
        seconds = time.perf_counter() - start
        out.seek(0)
        text = out.read().decode()
    if status:
        sys.exit(f"{' '.join(command)} failed")
    return text, seconds, usage.ru_maxrss / 1024


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("model")
    parser.add_argument("lines")
    parser.add_argument("--binary", default=str(HERE.parent.parent / "target/release/ner-align"))
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--peer", help=argparse.SUPPRESS)
    parser.add_argument("--batch", type=int, help=argparse.SUPPRESS)
    parser.add_argument("--folder", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.peer == "export":
        export(options.model, options.folder)
        return
    if options.peer:
        peer(options.peer, options.model, options.lines, options.batch, options.folder)
        return
    with tempfile.TemporaryDirectory() as folder:
        # In another process: what this one holds would count as the peak of those that it starts.
        command = [sys.executable, __file__, options.model, options.lines, "--peer", "export"]
        run(command + ["--folder", folder])
        compare(options, folder)


def compare(options, folder):
    peers = ["onnx-f32", "onnx-int8", "torch-f32", "torch-bf16"]
    own = [f"ner-align {precision}" for precision in ("f32", "bf16", "int8")]
    whole = {name: [] for name in own + peers}
    loaded = {name: [] for name in peers}
    memory = dict.fromkeys(whole, 0)
    subtokens = None
    for _ in range(options.rounds):
        for name in peers:
            best_whole, best_loaded = 0.0, 0.0
            for size in (8, 32):
                command = [sys.executable, __file__, options.model, options.lines, "--peer", name]
                command += ["--batch", str(size), "--folder", folder]
                text, seconds, peak = run(command)
                found = json.loads(text.strip().splitlines()[-1])
                subtokens = found["subtokens"]
                best_whole = max(best_whole, subtokens / seconds)
                best_loaded = max(best_loaded, subtokens / found["seconds"])
                memory[name] = max(memory[name], peak)
            whole[name].append(best_whole)
            loaded[name].append(best_loaded)
            print(f"{name}: {best_whole:.0f}, loaded {best_loaded:.0f} subtokens/s", flush=True)
        for name in own:
            precision = name.split()[1]
            command = [options.binary, "predict", "--model", options.model, "--precision", precision,
                       options.lines]
            _, seconds, peak = run(command)
            whole[name].append(subtokens / seconds)
            memory[name] = max(memory[name], peak)
            print(f"{name}: {whole[name][-1]:.0f} subtokens/s", flush=True)
    print(f"\n{subtokens} subtokens, {options.rounds} rounds\n")
    print("| | whole process | loaded | int8 is | f32 is | peak memory |\n|---|---|---|---|---|---|")
    for name, speeds in whole.items():
        reference = loaded.get(name, speeds)
        ratio = []
        for mine in ("ner-align int8", "ner-align f32"):
            ratios = [a / b for a, b in zip(whole[mine], reference)]
            ratio.append(f"{statistics.median(ratios):.2f}x ({min(ratios):.2f} to {max(ratios):.2f})")
        middle = f"{statistics.median(loaded[name]):.0f}" if name in loaded else ""
        print(f"| {name} | {statistics.median(speeds):.0f} | {middle} | {ratio[0]} | {ratio[1]} "
              f"| {memory[name]:.0f} MB |")


if __name__ == "__main__":
    main()
