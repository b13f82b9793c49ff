#!/usr/bin/env bash
# Every check that runs nothing: types, lint and format, generated references, prose, commits, shell.
# Does all set-up itself. usage: check.sh
set -euo pipefail

# shellcheck source=scripts/setup.sh
. "$(dirname "${BASH_SOURCE[0]}")/setup.sh"
cd "$ROOT"
passed=0
failed=0
skipped=0

check() {
  local name="$1"
  shift
  if "$@"; then
    passed=$((passed + 1))
    printf 'check: %s: ok\n' "$name"
  else
    failed=$((failed + 1))
    printf 'check: %s: FAILED\n' "$name"
  fi
}

# The page and its tests know a browser, which nothing else may.
types() { node_modules/.bin/tsc --noEmit && node_modules/.bin/tsc --noEmit -p src/dashboard/page; }

lint() { node_modules/.bin/biome check --error-on-warnings; }

documents() {
  local fresh made status=0
  fresh="$(mktemp -d)"
  "$BUN" scripts/document.ts "$fresh" || status=1
  # Beside what is made from the source lies what is written.
  for made in "$fresh"/*; do diff "docs/${made##*/}" "$made" || status=1; done
  rm -rf "$fresh"
  [ "$status" -eq 0 ] || printf 'docs/ is not what the source says: run npm run docs\n'
  return "$status"
}

prose() { "$BUN" scripts/prose.ts; }

# The history up to this commit does not follow the form. A shallow clone may not hold it.
commits_since=550581c4111532c35dcaca1ecc95e063be3f5d5c

commits() {
  local commit message status=0
  [ "$(git rev-parse --show-toplevel 2>/dev/null)" = "$ROOT" ] || return 0
  git cat-file -e "$commits_since^{commit}" 2>/dev/null || return 0
  message="$(mktemp)"
  for commit in $(git rev-list --no-merges --max-count=20 "$commits_since..HEAD"); do
    git log -1 --format=%B "$commit" >"$message"
    scripts/commit-msg --landed "$message" || status=1
  done
  rm "$message"
  return "$status"
}

shell() { shellcheck --external-sources scripts/*.sh scripts/commit-msg .ci/run; }

check types types
check lint lint
check documents documents
check prose prose
check commits commits
if command -v shellcheck >/dev/null; then
  check shell shell
else
  skipped=$((skipped + 1))
  printf 'check: shell: skipped: shellcheck is not installed\n'
fi
printf '%d passed, %d failed, %d skipped\n' "$passed" "$failed" "$skipped"
[ "$failed" -eq 0 ]
