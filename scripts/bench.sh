#!/usr/bin/env bash
# Measures the executable beside comparators, interleaved, in the same run; prints a table. Does all
# set-up itself. A benchmark asserts nothing.
# usage: bench.sh [ROUNDS]
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
bash scripts/build.sh >&2
# shellcheck source=scripts/setup.sh
. scripts/setup.sh
"$BUN" scripts/bench/start.ts "$@"
exec "$BUN" scripts/bench/mcp.ts "$@"
