#!/usr/bin/env bash
# Makes this folder ready to build and test: the packages of package-lock.json, with the patches
# of patches/, and the pinned Bun.
# Needs Node 20 or newer and npm; runs no package's install script. Source it, or run it; after it
# "$BUN" is the pinned Bun. Does nothing when nothing changed since the last time.
set -euo pipefail

ROOT="$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd -P)"
BUN="$ROOT/node_modules/.bin/bun"
SETUP_LOCK="$ROOT/dist/.setup-lock"

setup_fail() {
  printf 'setup: %s\n' "$*" >&2
  exit 1
}

setup_require_node() {
  command -v node >/dev/null || setup_fail "node is missing: install Node 20 or newer"
  command -v npm >/dev/null || setup_fail "npm is missing: install it, it comes with Node"
  local version
  version="$(node --version)"
  local major="${version#v}"
  [ "${major%%.*}" -ge 20 ] || setup_fail "node is $version: install Node 20 or newer"
}

setup_bun_pinned() {
  sed -n 's/^ *"bun": "\([0-9][^"]*\)".*/\1/p' "$ROOT/package.json"
}

setup_bun_runs() {
  [ "$("$1" --version 2>/dev/null)" = "$(setup_bun_pinned)" ]
}

# Without its install script the package `bun` has no executable: it is the package of this
# system that has it, and of several (glibc, musl) the one that runs here.
setup_link_bun() {
  if setup_bun_runs "$BUN"; then return; fi
  local candidate
  for candidate in "$ROOT"/node_modules/@oven/bun-*/bin/bun; do
    if setup_bun_runs "$candidate"; then
      ln -sfn "../${candidate#"$ROOT"/node_modules/}" "$BUN"
      return
    fi
  done
  return 1
}

setup_checksum() {
  cat "$ROOT"/package.json "$ROOT"/package-lock.json "$ROOT"/patches/*.patch | cksum
}

setup_is_done() {
  [ "$(cat "$ROOT/node_modules/.peernet-setup" 2>/dev/null)" = "$(setup_checksum)" ] &&
    setup_bun_runs "$BUN"
}

# One set-up at a time: npm empties node_modules first, under whoever uses it.
setup_lock() {
  mkdir -p "$ROOT/dist"
  local waited=0 owner
  until mkdir "$SETUP_LOCK" 2>/dev/null; do
    owner="$(cat "$SETUP_LOCK/pid" 2>/dev/null || true)"
    if [ "$waited" -ge 5 ] && { [ -z "$owner" ] || ! kill -0 "$owner" 2>/dev/null; }; then
      rm -rf "$SETUP_LOCK"
      continue
    fi
    [ "$waited" -lt 300 ] || setup_fail "another set-up (process $owner) holds $SETUP_LOCK"
    sleep 1
    waited=$((waited + 1))
  done
  echo "$$" >"$SETUP_LOCK/pid"
}

setup_install() {
  local log status=0
  # npm would empty the folder that it leads to, under another checkout.
  [ ! -L "$ROOT/node_modules" ] || setup_fail "node_modules is a link: remove it, then run this again"
  log="$(mktemp)"
  (cd "$ROOT" && npm ci --ignore-scripts --no-audit --no-fund) >"$log" 2>&1 || status=$?
  if [ "$status" -ne 0 ]; then
    cat "$log" >&2
    rm -f "$log"
    setup_fail "npm ci failed: is the npm registry reachable?"
  fi
  rm -f "$log"
  setup_link_bun || setup_fail "no package of Bun $(setup_bun_pinned) runs on this system"
  "$BUN" "$ROOT/scripts/patch.ts" || setup_fail "patches/ does not fit the packages installed"
  setup_checksum >"$ROOT/node_modules/.peernet-setup"
}

setup() {
  setup_require_node
  if setup_is_done; then return; fi
  # A subshell, so that its trap ends the lock whatever happens, and no other trap is touched.
  (
    setup_lock
    trap 'rm -rf "$SETUP_LOCK"' EXIT
    if setup_is_done; then exit 0; fi
    printf 'setup: installing packages and Bun %s\n' "$(setup_bun_pinned)" >&2
    setup_install
  )
}

# The system's tools that tests use as outside witnesses: installed where that can be done
# without asking, else named. A test that lacks one says so and is skipped.
ensure_test_tools() {
  local missing=() packages=() pair tool
  local pairs=(ip:iproute2 nft:nftables strace:strace bwrap:bubblewrap openssl:openssl curl:curl git:git
    avahi-daemon:avahi-daemon avahi-browse:avahi-utils dbus-daemon:dbus faketime:faketime
    dbus-test-tool:dbus-tests gdbus:libglib2.0-bin
    chromium:chromium dash:dash busybox:busybox zsh:zsh fish:fish wget:wget
    ssh-keygen:openssh-client shellcheck:shellcheck mandoc:mandoc systemd-analyze:systemd
    cc:gcc cc:libc6-dev python3:python3
    /usr/lib/python3/dist-packages/prometheus_client:python3-prometheus-client)
  # What other systems' executables are run with, which no shorter run does.
  [ -z "${PEERNET_TEST_LONG:-}" ] ||
    pairs+=(qemu-aarch64-static:qemu-user-static unzip:unzip pip:python3-pip
      /usr/share/keyrings/debian-archive-keyring.gpg:debian-archive-keyring)
  for pair in "${pairs[@]}"; do
    tool="${pair%%:*}"
    case "$tool" in
    /*) [ ! -e "$tool" ] || continue ;;
    *) ! command -v "$tool" >/dev/null || continue ;;
    esac
    missing+=("$tool")
    packages+=("${pair#*:}")
  done
  [ "${#missing[@]}" -gt 0 ] || return 0
  if [ "$(id -u)" -eq 0 ] && [ -f /etc/debian_version ] && command -v apt-get >/dev/null; then
    printf 'setup: installing %s\n' "${packages[*]}" >&2
    local quietly=(env DEBIAN_FRONTEND=noninteractive apt-get -qq -o DPkg::Lock::Timeout=120)
    if "${quietly[@]}" update >/dev/null 2>&1 &&
      "${quietly[@]}" install -y --no-install-recommends "${packages[@]}" >/dev/null 2>&1; then
      return 0
    fi
    printf 'setup: apt-get could not install %s\n' "${packages[*]}" >&2
  fi
  printf 'setup: missing, some tests will be skipped: %s\n' "${missing[*]}" >&2
}

setup
