#!/usr/bin/env bash
# Runs clang-tidy (.clang-tidy has the checks) on the C++ sources that changed since BASE, committed or not.
#
# usage: tools/tidy.sh [BASE]        BASE: a commit; default: where this branch left main, or HEAD~1 on main itself
#        tools/tidy.sh --all         every source
#
# Headers are checked through the sources that include them, so a change to a header alone checks the sources beside
# it. Needs a built or at least configured release preset (tools/prepare.sh build) for its compile_commands.json.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

command -v clang-tidy >/dev/null || { echo "install clang-tidy first: apt-get install clang-tidy" >&2; exit 1; }
[ -e build/release/compile_commands.json ] || { echo "configure first: tools/prepare.sh build" >&2; exit 1; }

if [ "${1:-}" = --all ]; then
  files=$(git ls-files -- '*.cc')
else
  base=${1:-$(git merge-base main HEAD 2>/dev/null || true)}
  [ -n "$base" ] && [ "$(git rev-parse "$base")" != "$(git rev-parse HEAD)" ] || base=HEAD~1
  files=$(git diff --name-only --diff-filter=d "$base" -- '*.cc' '*.h' | while read -r file; do
    if [[ $file == *.h ]]; then ls "${file%.h}.cc" "${file%.h}_test.cc" 2>/dev/null || true; else echo "$file"; fi
  done | sort -u)
fi

# Only what the build compiles: files of a switched-off part have no compile command.
files=$(while read -r file; do
  if grep -qF "\"file\": \"$PWD/$file\"" build/release/compile_commands.json; then echo "$file"; fi
done <<<"$files")
[ -n "$files" ] || { echo "no changed source to check"; exit 0; }
xargs -r -P "$(nproc)" -n 1 clang-tidy -p build/release --quiet <<<"$files" \
  2> >(grep -v ' warnings\? generated' >&2)
