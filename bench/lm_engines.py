#!/usr/bin/python3
"""Compares the sampler with other engines: generated tokens per CPU second, one thread, all in one run.

    cmake --build build/release --target lm_cpu_bench && bench/lm_engines.py
    bench/lm_engines.py --llama2c ~/llama2.c/run --repetitions 5 --sizes 1M,4M

150 prompt and 100 new tokens, vocabulary 1,536, one key/value head, random weights, temperature 1. The engines: Samara's
sampler in bf16 and fp32; libtorch with cached keys and values, as plain code has it (bench/lm_engines.cc, compiled here);
and, given its program, llama2.c (run.c compiled with -O3 -march=native -ffast-math), which completes one prompt at a time and
takes the most probable token, the cheapest way. The engines take turns; each figure is the median of the repetitions.

Columns: decoding alone; end to end where 8 completions share a prompt, as children of one parent do in a run (llama2.c cannot
share: its figure is the unshared one); end to end where every prompt is read for one completion.
"""
import argparse
import json
import os
import pathlib
import random
import statistics
import struct
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parent.parent
PROMPT, NEW, VOCAB, CONTEXT, HEAD_DIM = 150, 100, 1536, 256, 32
SIZES = {  # hidden, layers, heads, key/value heads, intermediate: those of samara/lm/cpu/cpu_generator_bench.cc
    "1M": (128, 4, 4, 1, 352),
    "4M": (256, 5, 8, 1, 704),
    "10M": (384, 6, 12, 1, 1024),
}
COLUMNS = ("decode", "shared by 8", "unshared")


def samara(program, size, precision):
    """Samara's figures, by column."""
    names = {"one prompt": "decode", "family of 8": "shared by 8", "alone": "unshared"}
    wanted = f"^{size} {precision} ({'|'.join(names)})$"
    done = subprocess.run([program, f"--benchmark_filter={wanted}", "--benchmark_format=json", "--benchmark_min_time=0.1"],
                          stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, check=True)
    return {names[entry["name"].split(" ", 2)[2]]: entry["tokens_per_cpu_second"]
            for entry in json.loads(done.stdout)["benchmarks"]}


def compile_torch(folder):
    program = folder / "lm_engines"
    include = next(path for path in ("/usr/include/torch/csrc/api/include", "/usr/local/include/torch/csrc/api/include")
                   if os.path.isdir(path))
    subprocess.run(["g++", "-O2", "-std=c++17", ROOT / "bench/lm_engines.cc", "-o", program, "-isystem", include,
                    "-ltorch", "-ltorch_cpu", "-lc10"], check=True)
    return program


def torch(program, size, precision):
    hidden, layers, heads, kv_heads, intermediate = SIZES[size]
    numbers = (hidden, layers, heads, kv_heads, intermediate, VOCAB, PROMPT, NEW, 48)
    done = subprocess.run([program, *map(str, numbers), precision], stdout=subprocess.PIPE, text=True, check=True,
                          env={**os.environ, "OMP_NUM_THREADS": "1"})
    alone, family = (json.loads(line) for line in done.stdout.splitlines())
    return {"decode": alone["decode"], "shared by 8": family["end_to_end"], "unshared": alone["end_to_end"]}


def write_llama2c_model(folder, size):
    """A checkpoint and a tokenizer for llama2.c. Bytes and specials get output rows of zeros, so that the most probable token is
    never one of them: no completion ends early, and every token prints as 't'."""
    hidden, layers, heads, kv_heads, intermediate = SIZES[size]
    rng = random.Random(1)
    noise = [rng.gauss(0.0, 1.0) for _ in range(65521)]  # drawn once and repeated: drawing millions takes long
    position = 0

    def matrix(count, scale):
        nonlocal position
        position = (position + 7919) % len(noise)
        values = [scale * noise[(position + i) % len(noise)] for i in range(min(count, len(noise)))]
        return (values * (count // len(values) + 1))[:count]

    kv = kv_heads * HEAD_DIM
    scale = hidden ** -0.5
    parts = [matrix(VOCAB * hidden, 1.0), [1.0] * (layers * hidden), matrix(layers * hidden * hidden, scale),
             matrix(layers * hidden * kv, scale), matrix(layers * hidden * kv, scale),
             matrix(layers * hidden * hidden, scale), [1.0] * (layers * hidden),
             matrix(layers * hidden * intermediate, scale), matrix(layers * intermediate * hidden, intermediate ** -0.5),
             matrix(layers * hidden * intermediate, scale), [1.0] * hidden, [0.0] * (CONTEXT * HEAD_DIM),
             [0.0] * (260 * hidden) + matrix((VOCAB - 260) * hidden, scale)]
    with open(folder / f"{size}.bin", "wb") as file:
        # A negative vocabulary says that the output matrix is not the embeddings.
        file.write(struct.pack("7i", hidden, intermediate, layers, heads, kv_heads, -VOCAB, CONTEXT))
        for part in parts:
            file.write(struct.pack(f"{len(part)}f", *part))
    pieces = ["<unk>", "\n<s>\n", "\n</s>\n", *(f"<0x{byte:02X}>" for byte in range(256)), " ", *["t"] * (VOCAB - 260)]
    with open(folder / "tokenizer.bin", "wb") as file:
        file.write(struct.pack("i", max(map(len, pieces))))
        for piece in pieces:
            file.write(struct.pack("fi", 0.0, len(piece)) + piece.encode())


def llama2c(program, folder, size):
    def cpu_seconds(steps):
        # The begin token, a space and 148 bytes: 150 tokens.
        child = subprocess.Popen([program, folder / f"{size}.bin", "-z", folder / "tokenizer.bin", "-t", "0", "-n", str(steps),
                                  "-i", "x" * (PROMPT - 2)], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
        text = child.stdout.read().decode()
        _, status, usage = os.wait4(child.pid, 0)
        child.returncode = status
        written = text.count("t")
        if status != 0 or written < steps - PROMPT:
            sys.exit(f"{program} wrote {written} tokens instead of {steps - PROMPT} and ended with status {status}")
        return usage.ru_utime + usage.ru_stime

    steps = PROMPT + NEW
    seconds = statistics.median(cpu_seconds(steps) for _ in range(5)) - statistics.median(cpu_seconds(1) for _ in range(5))
    return {"decode": steps / seconds, "shared by 8": NEW / seconds, "unshared": NEW / seconds}


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--build", type=pathlib.Path, default=ROOT / "build/release", help="build folder [build/release]")
    parser.add_argument("--llama2c", type=pathlib.Path, metavar="PROGRAM", help="llama2.c's compiled run.c")
    parser.add_argument("--sizes", default="1M,4M,10M")
    parser.add_argument("--repetitions", type=int, default=3)
    arguments = parser.parse_args()
    sizes = arguments.sizes.split(",")
    ours = arguments.build / "bench/lm_cpu_bench"
    figures = {}
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        theirs = compile_torch(folder)
        if arguments.llama2c:
            for size in sizes:
                write_llama2c_model(folder, size)
        for repetition in range(arguments.repetitions):
            for size in sizes:
                print(f"repetition {repetition + 1}, {size} ...", file=sys.stderr, flush=True)
                runs = {"Samara bf16": samara(ours, size, "bf16"), "Samara fp32": samara(ours, size, "fp32"),
                        "libtorch bf16": torch(theirs, size, "bf16"), "libtorch fp32": torch(theirs, size, "fp32")}
                if arguments.llama2c:
                    runs["llama2.c fp32"] = llama2c(arguments.llama2c, folder, size)
                for engine, columns in runs.items():
                    for column, value in columns.items():
                        figures.setdefault((engine, size, column), []).append(value)
    engines = list(dict.fromkeys(engine for engine, _, _ in figures))
    print("| engine | " + " | ".join(f"{size} {column}" for size in sizes for column in COLUMNS) + " |")
    print("|---|" + "---|" * (len(sizes) * len(COLUMNS)))
    medians = {key: statistics.median(values) for key, values in figures.items()}
    for engine in engines:
        print(f"| {engine} | " + " | ".join(f"{medians.get((engine, size, column), 0):,.0f}" for size in sizes for column in COLUMNS)
              + " |")
    best = [max(medians[engine, size, column] for engine in engines if not engine.startswith("Samara"))
            for size in sizes for column in COLUMNS]
    ratios = [medians.get(("Samara bf16", size, column), 0) / rival
              for (size, column), rival in zip(((size, column) for size in sizes for column in COLUMNS), best)]
    print("| Samara bf16 / the best other | " + " | ".join(f"{ratio:.1f}" for ratio in ratios) + " |")


if __name__ == "__main__":
    main()
