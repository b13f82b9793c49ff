#!/usr/bin/env bash
# Builds everything that is given out, for every system, from this one machine: executables, their
# bill of materials, the manual page, the npm packages. The same commit gives the same bytes. What
# it made is not yet a release: sign.sh adds the installer, checksums and signature, and needs
# nothing that this one runs. Does all set-up itself.
# usage: release.sh [--out FOLDER] [--target NAME]...
#   --out     where release/, npm/ and man/ are made; dist/ unless given
#   --target  only that system, such as linux-x64-musl; may be repeated
set -euo pipefail
# shellcheck source=scripts/setup.sh
. "$(dirname "${BASH_SOURCE[0]}")/setup.sh"
exec "$BUN" "$ROOT/scripts/release/release.ts" "$@"
