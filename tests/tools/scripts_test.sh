#!/usr/bin/env bash
# Facts about the shell scripts: they parse, and tools/prepare.sh asks for the right thing on machines that are not
# ready. Stand-ins for dpkg-query, id and apt-get play those machines; nothing is installed.
set -uo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.." || exit 1
failures=0

failed() {  # FACT DETAIL
  printf 'FAILED %s: %s\n' "$1" "$2"
  failures=$((failures + 1))
}
expect() {  # FACT TEXT OUTPUT: the output holds the text
  [[ $3 == *"$2"* ]] || failed "$1" "expected \"$2\" in: $3"
}

scripts=(run.sh test.sh .ci/run tools/*.sh tests/tools/*.sh)
for script in "${scripts[@]}"; do
  bash -n "$script" || failed "scripts parse" "$script"
  [ -x "$script" ] || failed "scripts are executable" "$script"
done
if command -v shellcheck >/dev/null; then
  shellcheck "${scripts[@]}" || failed "scripts are clean" "see what shellcheck says above"
fi

# A machine that has every package but libbox2d-dev.
stubs=$(mktemp -d)
trap 'rm -rf "$stubs"' EXIT
stub() { printf '#!/bin/sh\n%s\n' "$2" >"$stubs/$1"; chmod +x "$stubs/$1"; }
awk '$1 == "build" && $2 != "libbox2d-dev" {printf "installed=%s ", $2}' tools/packages.txt >"$stubs/installed"
stub dpkg-query "cat '$stubs/installed'"
stub apt-get "echo \"apt-get \$*\" >>'$stubs/calls'"
stub id 'echo 1000'
for tool in bash cat dirname env mkdir tail; do ln -s "$(command -v "$tool")" "$stubs/$tool"; done
cp -r tools "$stubs/tools"
prepare() { PATH="$stubs" "$stubs/bash" "$stubs/tools/prepare.sh" packages build 2>&1; }

# shellcheck source=/dev/null
if (. /etc/os-release && [ "$ID $VERSION_ID" = "debian 12" ]); then
  out=$(prepare) && failed "without root and sudo it fails" "$out"
  expect "it says what is missing and why" "libbox2d-dev         reference physics" "$out"
  expect "it names the command to run" \
    "apt-get update && apt-get install --no-install-recommends libbox2d-dev" "$out"

  stub sudo "echo sudo >>'$stubs/calls'; exec \"\$@\""
  out=$(prepare) || failed "with sudo it passes" "$out"
  expect "it uses sudo" "sudo" "$(cat "$stubs/calls")"
  expect "it installs what is missing and nothing else" \
    "install --no-install-recommends libbox2d-dev" "$(tail -n 1 "$stubs/calls")"

  printf 'installed=libbox2d-dev ' >>"$stubs/installed"
  expect "with nothing missing it is silent" "<>" "<$(prepare)>"
fi

[ "$failures" = 0 ] || exit 1
echo "scripts: all facts hold"
