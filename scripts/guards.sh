#!/usr/bin/env bash
# Removes guards one at a time in a copy and shows that each one's test turns red.
set -euo pipefail
# shellcheck source=scripts/setup.sh
. "$(dirname "${BASH_SOURCE[0]}")/setup.sh"
exec "$BUN" "$ROOT/scripts/guards.ts"
