#!/usr/bin/env bash
# ./run.sh ARGS is `samara ARGS`, after installing what is missing and building. Without arguments: samara demo.
set -euo pipefail
root=$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")
"$root/tools/prepare.sh" packages build
"$root/tools/prepare.sh" build bin/samara
[ $# -gt 0 ] || set -- demo
exec "$root/build/release/bin/samara" "$@"
