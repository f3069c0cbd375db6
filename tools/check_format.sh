#!/usr/bin/env bash
# Fails when a tracked C++ file is not as .clang-format wants it. `tools/check_format.sh --fix` rewrites them.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

mode=(--dry-run -Werror)
case ${1:-} in
  --fix) mode=(-i) ;;
  ?*) echo "usage: tools/check_format.sh [--fix]" >&2; exit 2 ;;
esac

# safe.directory: root may check a tree that belongs to someone else.
git -c safe.directory="$PWD" ls-files -z -- '*.h' '*.cc' |
  while IFS= read -r -d '' file; do [ ! -e "$file" ] || printf '%s\0' "$file"; done |
  xargs -0 -r -P "$(nproc)" -n 16 clang-format "${mode[@]}" || {
  echo "files are not formatted: run tools/check_format.sh --fix" >&2
  exit 1
}
