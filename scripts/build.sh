#!/usr/bin/env bash
# Builds the one executable, dist/peernet. Does all set-up itself.
# usage: build.sh [--out FILE] [--metafile FILE] [--target NAME --runtime FILE]
# --target names another system, such as linux-arm64-musl, and --runtime the Bun of it.
set -euo pipefail

usage() {
  printf 'usage: build.sh [--out FILE] [--metafile FILE] [--target NAME --runtime FILE]\n' >&2
  exit 2
}

out=""
target=""
runtime=""
more=()
while [ "$#" -gt 0 ]; do
  [ "$#" -ge 2 ] || usage
  case "$1" in
  --out) out="$2" ;;
  --target) target="$2" ;;
  --runtime) runtime="$2" ;;
  --metafile) more+=("--metafile=$2") ;;
  *) usage ;;
  esac
  shift 2
done
if [ -n "$target$runtime" ]; then
  { [ -n "$target" ] && [ -n "$runtime" ]; } || usage
  more+=("--target=bun-$target" "--compile-executable-path=$runtime"
    --define "PEERNET_TARGET=\"$target\"")
fi
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
# Built aside and moved into place whole: a running daemon keeps its file, and a reader never sees
# half of one.
work="$(mktemp -d "$(dirname "$out")/.build-XXXXXX")"
trap 'rm -rf "$work"' EXIT
# The executable is dated by the start of its build: a file saved meanwhile is newer than it.
touch "$work/started"

# White space and long identifiers are taken out: they are a tenth of what peernet adds, and cost
# each command half a millisecond. A stack in the log then has a line and a column; the same commit
# built without the option names the function. Elysia loads file-type for uploads of files, of which
# there are none here.
# The executable must not run code that lies in the folder it is started in: hence no autoload of
# .env and bunfig.toml. No source map: it takes more than a MiB.
# The runtime ends before the first line of peernet where the folder that a shell stands in was
# removed, unless it is given an argument of its own: that one changes nothing else.
# Functions inside of functions are compiled when they are first called: ahead of time they would
# take two MiB, and save half a millisecond.
(cd "$ROOT" && "$BUN" build src/main.ts --compile --format=esm --splitting \
  --bytecode --bytecode-depth=1 --minify-whitespace --minify-identifiers --external file-type \
  --compile-exec-argv=--no-deprecation \
  --no-compile-autoload-dotenv --no-compile-autoload-bunfig ${more[@]+"${more[@]}"} \
  --define "PEERNET_COMMIT=\"$(commit_of_root)\"" --outfile "$work/peernet") >"$work/log" 2>&1 || {
  cat "$work/log" >&2
  printf 'build: failed\n' >&2
  exit 1
}
touch -r "$work/started" "$work/peernet"
mv -f "$work/peernet" "$out"
printf 'built %s: %s MiB in %s s\n' "$out" \
  "$(($(wc -c <"$out") / 1048576))" "$(($(date +%s) - started))"
