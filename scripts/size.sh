#!/usr/bin/env bash
# Names each part of the executable's size over that of an executable that only says hello, and
# fails where that is more than 8 MiB. Does all set-up itself. usage: size.sh
set -euo pipefail
# shellcheck source=scripts/setup.sh
. "$(dirname "${BASH_SOURCE[0]}")/setup.sh"
exec "$BUN" "$ROOT/scripts/release/size.ts"
