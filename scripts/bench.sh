#!/usr/bin/env bash
# Measures the executable beside comparators, in turn, in the same run; prints a table, and writes
# it to bench/RESULTS.md when all of it was measured. A benchmark asserts nothing. Does all set-up
# itself, but installs none of the comparators: some of Debian's packages start a server.
# With --steady it runs the tests of R1 to R10 at full size instead, and writes their rows.
# usage: bench.sh [--steady] [--only P4[,P5 …]] [--rounds N] [--growth]
set -euo pipefail

# shellcheck source=scripts/setup.sh
. "$(dirname "${BASH_SOURCE[0]}")/setup.sh"
cd "$ROOT"
bash scripts/build.sh >&2

PATH="$PATH:/usr/sbin"
missing=()
for pair in ssh:openssh-client sshd:openssh-server curl:curl nats-server:nats-server \
  wormhole:magic-wormhole twist3:python3-magic-wormhole-mailbox-server; do
  command -v "${pair%%:*}" >/dev/null || missing+=("${pair#*:}")
done
[ "${#missing[@]}" -eq 0 ] ||
  printf 'bench: some rows will not be measured; they need: %s\n' "${missing[*]}" >&2

exec "$BUN" scripts/bench/main.ts "$@"
