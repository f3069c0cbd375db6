#!/usr/bin/env bash
# The one gate, the same for people and for CI: format, layers, build, tests. Quick checks come first, and ctest's
# summary is the last thing printed. Warnings are errors when CI=true.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
exec </dev/null

tools/check_format.sh
/usr/bin/python3 tools/check_layers.py
tools/prepare.sh build
exec ctest --test-dir build/release --parallel "$(nproc)" --output-on-failure --no-tests=error
