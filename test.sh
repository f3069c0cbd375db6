#!/usr/bin/env bash
# Installs what is missing, builds, and runs every check and test: the gate that CI runs too.
set -euo pipefail
root=$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")
"$root/tools/prepare.sh" packages build check
exec "$root/tools/check.sh"
