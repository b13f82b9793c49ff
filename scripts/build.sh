#!/usr/bin/env bash
# Builds the one executable, dist/peernet. Does all set-up itself.
# usage: build.sh [--out FILE]
set -euo pipefail

usage() {
  printf 'usage: build.sh [--out FILE]\n' >&2
  exit 2
}

out=""
while [ "$#" -gt 0 ]; do
  case "$1" in
  --out)
    [ "$#" -ge 2 ] || usage
    out="$2"
    shift 2
    ;;
  *) usage ;;
  esac
done
case "$out" in
"" | /*) ;;
*) out="$PWD/$out" ;;
esac

# shellcheck source=scripts/setup.sh
. "$(dirname "${BASH_SOURCE[0]}")/setup.sh"
out="${out:-$ROOT/dist/peernet}"

# The commit of this folder; of no repository that merely surrounds it.
commit_of_root() {
  local commit
  if [ "$(git -C "$ROOT" rev-parse --show-toplevel 2>/dev/null)" != "$ROOT" ] ||
    ! commit="$(git -C "$ROOT" rev-parse --verify HEAD 2>/dev/null)"; then
    printf 'unknown'
    return
  fi
  if [ -n "$(git -C "$ROOT" status --porcelain -- src package.json package-lock.json)" ]; then
    commit="$commit-dirty"
  fi
  printf '%s' "$commit"
}

started="$(date +%s)"
mkdir -p "$(dirname "$out")"
# Built aside and moved into place whole: a running daemon keeps its file, a reader never sees
# half of one, and the source maps, which are in the executable too, stay behind.
work="$(mktemp -d "$(dirname "$out")/.build-XXXXXX")"
trap 'rm -rf "$work"' EXIT

# Not minified: Elysia reads the text of handlers. The executable must not run code that lies in
# the folder it is started in: hence no autoload of .env and bunfig.toml.
(cd "$ROOT" && "$BUN" build src/main.ts --compile --bytecode --format=esm --splitting \
  --sourcemap=linked --no-compile-autoload-dotenv --no-compile-autoload-bunfig \
  --define "PEERNET_COMMIT=\"$(commit_of_root)\"" --outfile "$work/peernet") >"$work/log" 2>&1 || {
  cat "$work/log" >&2
  printf 'build: failed\n' >&2
  exit 1
}
mv -f "$work/peernet" "$out"
printf 'built %s: %s MiB in %s s\n' "$out" \
  "$(($(wc -c <"$out") / 1048576))" "$(($(date +%s) - started))"
