"""An independent writer and reader of Hugging Face model folders, after the public descriptions of the formats.

It shares nothing with the C++ code, which foreign_folder_test.cc holds against it. Standard library only.

    foreign_folder.py make KIND FOLDER   writes a folder; KIND: llama, sharded, qwen2
    foreign_folder.py read FOLDER        checks a folder strictly; prints one JSON object
    foreign_folder.py encode FOLDER      reads a JSON list of texts from standard input; prints their tokens
"""

import hashlib
import json
import math
import os
import re
import struct
import sys


def value(name, i):
    """What element i of a tensor holds: exact in every type."""
    return ((sum(name.encode()) * 31 + i * 7) % 255 - 127) / 64


# ----- numbers in files


def encode_value(dtype, x):
    if dtype == "F32":
        return struct.pack("<f", x)
    if dtype == "F16":
        return struct.pack("<e", x)
    return struct.pack("<f", x)[2:]  # BF16: the upper half; exact for our values


def decode_values(dtype, raw):
    if dtype == "F32":
        return struct.unpack(f"<{len(raw) // 4}f", raw)
    if dtype == "F16":
        return struct.unpack(f"<{len(raw) // 2}e", raw)
    return tuple(struct.unpack("<f", b"\0\0" + raw[i : i + 2])[0] for i in range(0, len(raw), 2))


# ----- making


def shapes(config):
    hidden, inner = config["hidden_size"], config["intermediate_size"]
    head = config.get("head_dim", hidden // config["num_attention_heads"])
    q, kv = head * config["num_attention_heads"], head * config["num_key_value_heads"]
    result = {"model.embed_tokens.weight": [config["vocab_size"], hidden], "model.norm.weight": [hidden]}
    for layer in range(config["num_hidden_layers"]):
        prefix = f"model.layers.{layer}."
        for name, shape in {
            "input_layernorm.weight": [hidden],
            "post_attention_layernorm.weight": [hidden],
            "self_attn.q_proj.weight": [q, hidden],
            "self_attn.k_proj.weight": [kv, hidden],
            "self_attn.v_proj.weight": [kv, hidden],
            "self_attn.o_proj.weight": [hidden, q],
            "mlp.gate_proj.weight": [inner, hidden],
            "mlp.up_proj.weight": [inner, hidden],
            "mlp.down_proj.weight": [hidden, inner],
        }.items():
            result[prefix + name] = shape
        if config["model_type"] == "qwen2":
            result[prefix + "self_attn.q_proj.bias"] = [q]
            result[prefix + "self_attn.k_proj.bias"] = [kv]
            result[prefix + "self_attn.v_proj.bias"] = [kv]
    if not config["tie_word_embeddings"]:
        result["lm_head.weight"] = [config["vocab_size"], hidden]
    return result


def safetensors(tensors, types, indent=None):
    """tensors: name -> shape, in the order in which they lie in the file."""
    header, data = {"__metadata__": {"format": "pt"}}, b""
    for i, (name, shape) in enumerate(tensors.items()):
        dtype = types[i % len(types)]
        raw = b"".join(encode_value(dtype, value(name, k)) for k in range(math.prod(shape)))
        header[name] = {"dtype": dtype, "shape": shape, "data_offsets": [len(data), len(data) + len(raw)]}
        data += raw
    text = json.dumps(header, indent=indent).encode()
    return struct.pack("<Q", len(text)) + text + data


def byte_alphabet():
    """byte -> character: printable ones stand for themselves, the others for U+0100 onwards."""
    printable = [*range(ord("!"), ord("~") + 1), *range(ord("\xa1"), ord("\xac") + 1), *range(ord("\xae"), 256)]
    others = [b for b in range(256) if b not in printable]
    return {**{b: chr(b) for b in printable}, **{b: chr(256 + i) for i, b in enumerate(others)}}


GPT2_PATTERN = r"'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+"
QWEN2_PATTERN = (
    r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+"
)
LLAMA3_PATTERN = QWEN2_PATTERN.replace(r"\p{N}| ", r"\p{N}{1,3}| ")

MERGES = ["h e", "l l", "he ll", "hell o", "Ġ w", "o r", "Ġw or", "l d", "Ġwor ld", "1 2", "12 3", "Ġ Ġ"]


def tokenizer_json(kind):
    byte_level = {"type": "ByteLevel", "add_prefix_space": False, "trim_offsets": True}
    split = {"type": "Split", "behavior": "Isolated", "invert": False}
    vocab_tokens = [*byte_alphabet().values(), *(m.replace(" ", "") for m in MERGES), "<tool>"]
    ids = list(range(len(vocab_tokens)))
    if kind == "qwen2":
        ids.reverse()  # in a foreign file, ids are in any order
    vocab = dict(zip(vocab_tokens, ids))
    added = [("<tool>", vocab["<tool>"], False), ("<|end|>", len(vocab), True), ("<|pad|>", len(vocab) + 1, True)]
    if kind == "llama":  # GPT-2: one step that brings its own pattern
        pre_tokenizer, normalizer = {**byte_level, "use_regex": True}, None
    else:
        pattern = QWEN2_PATTERN if kind == "qwen2" else LLAMA3_PATTERN
        steps = [{**split, "pattern": {"Regex": pattern}}, {**byte_level, "use_regex": False}]
        pre_tokenizer = {"type": "Sequence", "pretokenizers": steps}
        normalizer = {"type": "NFC"} if kind == "qwen2" else None
    return {
        "version": "1.0",
        "truncation": None,
        "padding": None,
        "added_tokens": [
            dict(id=i, content=c, single_word=False, lstrip=False, rstrip=False, normalized=False, special=s)
            for c, i, s in added
        ],
        "normalizer": normalizer,
        "pre_tokenizer": pre_tokenizer,
        "post_processor": byte_level,
        "decoder": {**byte_level, "use_regex": True},
        "model": {
            "type": "BPE",
            "dropout": None,
            "unk_token": None,
            "continuing_subword_prefix": "",
            "end_of_word_suffix": "",
            "fuse_unk": False,
            "ignore_merges": kind == "sharded",
            "vocab": vocab,
            "merges": [m.split(" ") for m in MERGES] if kind == "sharded" else MERGES,
        },
    }


def make(kind, folder):
    os.makedirs(folder, exist_ok=True)
    tokenizer = tokenizer_json(kind)
    config = {
        "architectures": ["Qwen2ForCausalLM" if kind == "qwen2" else "LlamaForCausalLM"],
        "model_type": "qwen2" if kind == "qwen2" else "llama",
        "hidden_act": "silu",
        "hidden_size": 16,
        "initializer_range": 0.02,
        "intermediate_size": 24,
        "max_position_embeddings": 128,
        "num_attention_heads": 4,
        "num_hidden_layers": 2,
        "num_key_value_heads": 2,
        "rms_norm_eps": 1e-05,
        "rope_theta": 500000.0,
        "tie_word_embeddings": kind == "sharded",
        "torch_dtype": "bfloat16",
        "transformers_version": "4.45.0",
        "use_cache": True,
        "vocab_size": len(tokenizer["model"]["vocab"]) + 10,
        "bos_token_id": None,
        "eos_token_id": [269, 270],
    }
    if kind == "qwen2":
        config.update({"use_sliding_window": False, "sliding_window": 4096, "max_window_layers": 2})
    if kind == "llama":
        config["head_dim"] = 6
    tensors = shapes(config)
    with open(os.path.join(folder, "config.json"), "w") as file:
        json.dump(config, file)
    with open(os.path.join(folder, "tokenizer.json"), "w") as file:
        json.dump(tokenizer, file, ensure_ascii=kind == "llama")

    def write(name, part, types, indent=None):
        with open(os.path.join(folder, name), "wb") as file:
            file.write(safetensors(part, types, indent))

    if kind == "llama":
        write("model.safetensors", tensors, ["F32"], indent=1)
    elif kind == "qwen2":
        write("model.safetensors", dict(reversed(tensors.items())), ["F16", "BF16", "F32", "BF16"])
    else:
        names = list(tensors)
        weight_map = {}
        for shard in range(3):
            file = f"model-{shard + 1:05}-of-00003.safetensors"
            part = {name: tensors[name] for name in names[shard::3]}
            write(file, part, ["BF16"])
            weight_map.update({name: file for name in part})
        with open(os.path.join(folder, "model.safetensors.index.json"), "w") as file:
            json.dump({"metadata": {"total_size": 0}, "weight_map": weight_map}, file)


# ----- reading


def read_tensors(path):
    with open(path, "rb") as file:
        content = file.read()
    (length,) = struct.unpack("<Q", content[:8])
    assert content[8:9] == b"{", "the header begins with {"
    assert length % 8 == 0, "the data is aligned"
    header = json.loads(content[8 : 8 + length])
    data = content[8 + length :]
    assert header.pop("__metadata__", {}).get("format") == "pt", "transformers wants this"
    covered = 0
    result = {}
    for name, entry in sorted(header.items(), key=lambda item: item[1]["data_offsets"]):
        begin, end = entry["data_offsets"]
        size = {"F32": 4, "F16": 2, "BF16": 2}[entry["dtype"]]
        assert begin == covered and end - begin == size * math.prod(entry["shape"]), name
        covered = end
        result[name] = (entry["shape"], decode_values(entry["dtype"], data[begin:end]))
    assert covered == len(data), "no bytes behind the tensors"
    return result


def load(folder, name):
    with open(os.path.join(folder, name), encoding="utf-8") as file:
        return json.load(file)


def read(folder):
    config = load(folder, "config.json")
    tensors = read_tensors(os.path.join(folder, "model.safetensors"))
    want = shapes(config)
    if config.get("attention_bias"):
        for layer in range(config["num_hidden_layers"]):
            want[f"model.layers.{layer}.self_attn.o_proj.bias"] = [config["hidden_size"]]
    assert {name: shape for name, (shape, _) in tensors.items()} == want
    names = load(folder, "tokenizer_config.json")
    assert names["tokenizer_class"] == "PreTrainedTokenizerFast"
    digests = {
        name: hashlib.sha256(struct.pack(f"<{len(values)}f", *values)).hexdigest()
        for name, (_, values) in tensors.items()
    }
    print(json.dumps({"config": config, "tensors": digests, "eos": names.get("eos_token")}))


def encode(folder, texts):
    """Byte-level BPE as described, for patterns that Python's re understands."""
    file = load(folder, "tokenizer.json")
    vocab = file["model"]["vocab"]
    ranks = {tuple(m.split(" ")): rank for rank, m in enumerate(file["model"]["merges"])}
    steps = file["pre_tokenizer"]["pretokenizers"]
    assert [s["type"] for s in steps] == ["Split", "ByteLevel"] and not steps[1]["use_regex"]
    alphabet = byte_alphabet()
    for token in file["added_tokens"]:
        assert vocab[token["content"]] == token["id"] and token["special"]
    assert sorted(vocab.values()) == list(range(len(vocab)))
    result = []
    for text in texts:
        tokens = []
        for piece in re.findall(steps[0]["pattern"]["Regex"], text, re.ASCII):
            parts = [alphabet[b] for b in piece.encode()]
            while True:
                pairs = [(ranks.get(pair, math.inf), i) for i, pair in enumerate(zip(parts, parts[1:]))]
                rank, i = min(pairs, default=(math.inf, 0))
                if rank == math.inf:
                    break
                parts[i : i + 2] = [parts[i] + parts[i + 1]]
            tokens += [vocab[part] for part in parts]
        result.append(tokens)
    print(json.dumps(result))


if __name__ == "__main__":
    if sys.argv[1] == "make":
        make(sys.argv[2], sys.argv[3])
    elif sys.argv[1] == "read":
        read(sys.argv[2])
    else:
        encode(sys.argv[2], json.load(sys.stdin))
