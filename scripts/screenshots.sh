#!/usr/bin/env bash
# Draws the dashboard at several sizes, light and dark, with few and many peers, into
# dist/screenshots/, and the picture of the README into docs/. Does all set-up itself.
# usage: screenshots.sh [NAME-PART]
set -euo pipefail

# shellcheck source=scripts/setup.sh
. "$(dirname "${BASH_SOURCE[0]}")/setup.sh"
cd "$ROOT"
exec "$BUN" scripts/screenshots.ts "$@"
