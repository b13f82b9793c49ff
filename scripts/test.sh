#!/usr/bin/env bash
# Every gate: set-up, build, checks, all tests, guards; or the tests of some paths alone.
# Ends with one line of counts.
# usage: test.sh [--agents] [--faults] [--long] [--seeds N] [--changed | PATH...]
set -euo pipefail

words=()
while [ "$#" -gt 0 ]; do
  case "$1" in
  --agents) export PEERNET_TEST_AGENTS=1 ;;
  --faults) export PEERNET_TEST_FAULTS=1 ;;
  --long) export PEERNET_TEST_LONG=1 ;;
  --seeds)
    export PEERNET_TEST_SEEDS="${2:?--seeds takes a number}"
    shift
    ;;
  --changed) words=("$1") ;;
  -*)
    printf 'usage: test.sh [--agents] [--faults] [--long] [--seeds N] [--changed | PATH...]\n' >&2
    printf '  --agents   adds tests that drive real coding agents, and installs those\n' >&2
    printf '  --faults   adds tests that break disks, clocks and processes\n' >&2
    printf '  --long     adds tests that take minutes each\n' >&2
    printf '  --seeds    lives so many simulated runs; a million take three to eight hours\n' >&2
    printf '  --changed  runs the tests of the files that differ from main, and no others\n' >&2
    printf '  PATH       runs the tests of a file or folder, and no others\n' >&2
    exit 2
    ;;
  /*) words+=("$1") ;;
  *) words+=("$PWD/$1") ;;
  esac
  shift
done

# shellcheck source=scripts/setup.sh
. "$(dirname "${BASH_SOURCE[0]}")/setup.sh"
# A single test does without: it says which tool it lacks, and is skipped.
[ "${#words[@]}" -gt 0 ] || ensure_test_tools
cd "$ROOT"
exec "$BUN" scripts/test.ts ${words[@]+"${words[@]}"}
