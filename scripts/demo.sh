#!/bin/sh
# Two machines on one: two daemons in two fresh homes on loopback pair with one code, one asks the
# other about a session in this repository, and both audit trails are shown and verified. Does all
# set-up itself, stops what it started, and leaves nothing behind.
# usage: demo.sh [EXECUTABLE]   by default it is built first
set -eu
cd "$(dirname "$0")/.."

if [ "$#" -gt 0 ]; then
  peernet="$1"
else
  bash scripts/build.sh
  peernet="$PWD/dist/peernet"
fi
work="$(mktemp -d)"
export PEERNET_LISTEN_PORT=0 NO_COLOR=1
unset PEERNET_AUTOSTART

mini() { PEERNET_HOME="$work/mini" PEERNET_MACHINE_NAME=mini "$peernet" "$@"; }
laptop() { PEERNET_HOME="$work/laptop" PEERNET_MACHINE_NAME=laptop "$peernet" "$@"; }

finish() {
  code=$?
  [ ! -e "$work/laptop/control.sock" ] || laptop stop >/dev/null || code=1
  [ ! -e "$work/mini/control.sock" ] || mini stop >/dev/null || code=1
  rm -rf "$work"
  exit "$code"
}
trap finish EXIT

say() {
  if [ -t 1 ]; then printf '\n\033[1m%s\033[0m\n' "$*"; else printf '\n%s\n' "$*"; fi
}

say 'mini % peernet start'
mini start
say 'laptop % peernet start'
laptop start

say 'mini % peernet activate hydrate'
# The session is this script: it ends, and the handle with it.
mini activate hydrate --pid $$ --summary 'Show what peernet does'

say 'mini % peernet pair --open'
mini pair --open --json >"$work/window" &
opener=$!
until grep -q '"event":"opened"' "$work/window"; do
  kill -0 "$opener"
  sleep 0.05
done
shown="$(sed -n 's/.*"code":"\([0-9]*\)".*/\1/p' "$work/window")"
address="$(sed -n 's/.*"addresses":\["\([^"]*\)".*/\1/p' "$work/window")"
echo "the code is ${shown%???}-${shown#???}, the address $address"

say "laptop % peernet pair - --to $address     (the code on stdin)"
echo "$shown" | laptop pair - --to "$address"
wait "$opener"

say 'laptop % peernet ask mini/hydrate "what are you working on?"'
laptop ask mini/hydrate 'what are you working on?'

say 'laptop % peernet audit'
laptop audit
say 'mini % peernet audit --all'
mini audit --all

say 'laptop % peernet audit verify'
laptop audit verify
say 'mini % peernet audit verify'
mini audit verify
