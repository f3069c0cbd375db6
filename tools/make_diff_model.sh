#!/usr/bin/env bash
# Makes the bundled diff model from nothing but the Python sources of this machine: corpus, tokenizer, pretraining in two
# stages. About an hour on two cores that have bf16 instructions (AVX-512 BF16), two hours and more on others. Stopped at any
# point, the same command carries it on.
#
# usage: tools/make_diff_model.sh [WORK_FOLDER [OUT_FOLDER]]    default: build/diff-model models/diff
set -euo pipefail
root=$(dirname "$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")")
work=${1:-$root/build/diff-model}
out=${2:-$root/models/diff}
samara=$root/build/release/bin/samara
held_out=$root/samara/bugfix/tasks/heldout   # what models are measured on is not in what they learn from
mkdir -p "$work"
cd "$work"

once() {  # FILE COMMAND...: runs the command unless the file is there
  local file=$1
  shift
  [ -e "$file" ] || "$@"
}
commits() {  # FILE FLAGS...
  local file=$1
  shift
  once "$file" "$samara" corpus commits functions.jsonl --held-out "$held_out" --workers 2 --out "$file" "$@"
}

once functions.jsonl "$samara" corpus python --out functions.jsonl
commits short.jsonl --count 220000 --short 1 --seed 11
commits long.jsonl --count 80000 --short 0.1 --seed 12
commits more-short.jsonl --count 120000 --short 1 --seed 21
commits more-long.jsonl --count 80000 --short 0.1 --seed 22
once tokenizer.json "$samara" lm tokenizer --out tokenizer.json short.jsonl long.jsonl

# Short programs first: a model learns to copy sooner from them. The result is the same on any number of threads; one
# undisturbed core does not take much longer than two that are shared.
once first/curve.png "$samara" lm train short.jsonl long.jsonl --tokenizer tokenizer.json --shape 128,6,4,1,384 --tokens 24000000 \
  --short-first 0.25 --short-tokens 120 --any-number 1 --seed 1 --out first
# Then lines numbered from 1, as in use, and lower rates.
"$samara" lm train more-short.jsonl more-long.jsonl --start first --tokens 12000000 --any-number 0.1 \
  --learning-rate 1.5e-3 --muon-learning-rate 0.015 --seed 2 --out model

for file in config.json model.safetensors tokenizer.json tokenizer_config.json generation_config.json curve.csv curve.png; do
  cp model/"$file" "$out"/
done
