#!/usr/bin/env bash
# Builds everything that is given out, for every system, from this one machine: executables, their
# checksums and bill of materials, the manual page, the npm packages, and with --sign the signature
# and the installer. The same commit and the same key give the same bytes. Does all set-up itself.
# usage: release.sh [--out FOLDER] [--target NAME]... [--sign KEY --url URL]
#   --out     where release/, npm/ and man/ are made; dist/ unless given
#   --target  only that system, such as linux-x64-musl; may be repeated
#   --sign    the file of a private SSH key, Ed25519 so that a signature can be made again
#   --url     where releases will lie: URL/latest/download/FILE, URL/download/vVERSION/FILE
set -euo pipefail
# shellcheck source=scripts/setup.sh
. "$(dirname "${BASH_SOURCE[0]}")/setup.sh"
exec "$BUN" "$ROOT/scripts/release/release.ts" "$@"
