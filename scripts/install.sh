#!/bin/sh
# Installs peernet for this user: finds out the system, fetches the executable, checks it, runs it
# once, and moves it into place. Asks for no password, starts nothing, and changes nothing outside
# of the folder it installs to but one line that puts that folder on the PATH. What it made is on
# its receipt beside the executable, by which `peernet uninstall --purge` takes it back.
#
#   curl -fsSL https://…/install.sh | sh
#   curl -fsSL https://…/install.sh | sh -s -- --version 0.1.0
#
# Everything stands in functions and only the last line runs one: a script cut short does nothing.

# Filled in when a release is made: where releases lie, and the key that signs them.
releases=''
signer=''

usage() {
  cat <<'END'
usage: install.sh [--version VERSION] [--dir FOLDER] [--no-modify-path] [--dry-run]
  --version         that release, newer or older than what is installed; the latest unless given
  --dir             the folder of the executable; ~/.local/bin unless given
  --no-modify-path  add no line to a file that your shell reads
  --dry-run         say what would be done, and do nothing
END
}

say() { printf '%s\n' "$*"; }

fail() {
  # Whatever it was that failed did so for want of space.
  if [ -d "${work:-}" ] && ! has_room; then
    set -- "no space is left in $folder" 'free some, then run this again'
  fi
  printf 'peernet: error: %s\npeernet: hint: %s\n' "$1" "$2" >&2
  exit 1
}

wrong_usage() {
  printf 'peernet: error: %s\n' "$1" >&2
  usage >&2
  exit 2
}

has() { command -v "$1" >/dev/null 2>&1; }

read_arguments() {
  # Each is set before it is read: the environment may have a variable of that name.
  version='' folder='' work='' modify_path=1 dry_run=0
  while [ "$#" -gt 0 ]; do
    case "$1" in
    --version | --dir)
      [ -n "${2:-}" ] || wrong_usage "$1 needs a value"
      if [ "$1" = --version ]; then version="${2#v}"; else folder="$2"; fi
      shift
      ;;
    --no-modify-path) modify_path=0 ;;
    --dry-run) dry_run=1 ;;
    --help | -h)
      usage
      exit 0
      ;;
    *) wrong_usage "there is no $1" ;;
    esac
    shift
  done
  case "$version" in
  *[!0-9A-Za-z.+-]*) wrong_usage 'a version is digits and points, as 0.1.0' ;;
  esac
  asked="$version"
}

find_folder() {
  if [ -z "$folder" ]; then
    case "${HOME:-}" in
    /*) folder="$HOME/.local/bin" ;;
    *) fail 'HOME is not set' 'set HOME, or give --dir FOLDER' ;;
    esac
  fi
  case "$folder" in
  /*) ;;
  *) folder="$(pwd -P)/$folder" ;;
  esac
  # It is written into a file that a shell reads, and between colons.
  case "$folder" in
  *[\"\$\`\\:]*) fail "$folder has a character that a PATH cannot hold" \
    'give --dir another folder' ;;
  esac
  [ "$(printf '%s' "$folder" | wc -l)" -eq 0 ] ||
    fail 'the folder has a line break in its name' 'give --dir another folder'
}

# As the executables are named: the system, the processor, and the C library where it is musl.
find_target() {
  system="$(uname -s)"
  processor="$(uname -m)"
  case "$system" in
  Linux) os=linux called=Linux ;;
  Darwin)
    os=darwin called=macOS
    # Under Rosetta a shell is told that the processor is the one it is made to look like.
    if [ "$processor" = x86_64 ] && [ "$(sysctl -n sysctl.proc_translated 2>/dev/null)" = 1 ]; then
      processor=arm64
    fi
    ;;
  MINGW* | MSYS* | CYGWIN*) fail 'peernet does not run on Windows itself' \
    'install it inside WSL: https://learn.microsoft.com/windows/wsl/install' ;;
  *) fail "there is no executable for $system" 'see the README for what it runs on' ;;
  esac
  case "$processor" in
  x86_64 | amd64) cpu=x64 ;;
  aarch64 | arm64) cpu=arm64 ;;
  *) fail "there is no executable for $called on $processor" 'see the README for what it runs on' ;;
  esac
  target="$os-$cpu"
  called="$called $cpu"
  if [ "$os" = linux ] && is_musl; then
    target="$target-musl"
    called="$called (musl)"
  fi
}

# Where both C libraries are, the system's own is glibc.
is_musl() {
  for loader in /lib/ld-linux-*.so.* /lib64/ld-linux-*.so.* /lib/*/ld-linux-*.so.*; do
    [ ! -e "$loader" ] || return 1
  done
  for loader in /lib/ld-musl-*.so.1; do
    [ ! -e "$loader" ] || return 0
  done
  return 1
}

find_tools() {
  case "$releases" in
  https://?*) protocol='=https' ;;
  http://127.0.0.1:[0-9]*)
    protocol='=http'
    # What is on this machine is behind no proxy.
    unset http_proxy https_proxy all_proxy HTTP_PROXY HTTPS_PROXY ALL_PROXY
    ;;
  *) fail 'this installer is not part of a release' 'take install.sh from a release' ;;
  esac
  [ -n "$signer" ] || fail 'this installer knows no signer' 'take install.sh from a release'
  if has curl; then
    fetcher=curl
  elif has wget; then
    fetcher=wget
    # Not every wget proves who answers, or stays with https: then the signature has to.
    has ssh-keygen || fail 'without curl the signature must be checked, and ssh-keygen is missing' \
      'install curl, or openssh-client'
  else
    fail 'neither curl nor wget is installed' 'install curl'
  fi
  has gzip || fail 'gzip is missing' 'install gzip'
  has sha256sum || has shasum || fail 'neither sha256sum nor shasum is installed' \
    'install coreutils'
}

checksum_of() {
  if has sha256sum; then sha256sum <"$1"; else shasum -a 256 <"$1"; fi | cut -c 1-64
}

has_room() {
  printf '%65536d' 0 2>/dev/null >"$work/trial" && rm "$work/trial"
}

# The first line of what the last program said.
said() { head -n 1 "$work/said" 2>/dev/null | cut -c 1-200; }

# Without the user's own .wgetrc, of which the wget of busybox knows nothing.
wget_plain() {
  if wget --no-config --version >/dev/null 2>&1; then wget --no-config "$@"; else wget "$@"; fi
}

# try_fetch ADDRESS FILE
try_fetch() {
  if [ "$fetcher" = curl ]; then
    # First of all: the user's own .curlrc would change what is written.
    curl -q --proto "$protocol" --proto-redir "$protocol" --tlsv1.2 -fsSL --retry 2 \
      --connect-timeout 20 -o "$2" "$1" 2>"$work/said" && return 0
  else
    wget_plain -O "$2" "$1" 2>"$work/said" && return 0
    # It tells of its progress too; why it failed comes last.
    grep -v '^ *$' "$work/said" 2>/dev/null | tail -n 1 >"$work/last"
    mv "$work/last" "$work/said"
  fi
  return 1
}

# fetch ADDRESS FILE [HINT]
fetch() {
  try_fetch "$1" "$2" && return 0
  fail "could not fetch $1: $(said)" \
    "${3:-look whether this machine reaches it, then run this again}"
}

# The list of checksums names the release; the signature over it is what it is believed for.
fetch_checksums() {
  if [ -n "$version" ]; then
    from="$releases/download/v$version"
    fetch "$from/SHA256SUMS" "$work/SHA256SUMS" "look whether $version was ever released"
  else
    from="$releases/latest/download"
    fetch "$from/SHA256SUMS" "$work/SHA256SUMS"
  fi
  if has ssh-keygen; then
    fetch "$from/SHA256SUMS.sig" "$work/SHA256SUMS.sig"
    say "$signer" 2>/dev/null >"$work/signers"
    check_signature
    checked='SHA-256 and signature'
  else
    checked='SHA-256; not the signature, since ssh-keygen is not installed'
  fi
  line="$(grep -E "^[0-9a-f]{64}  peernet-[0-9A-Za-z.+-]+-$target\\.gz\$" "$work/SHA256SUMS" |
    grep -F -- "peernet-${version:-}" | head -n 1)" || line=''
  [ -n "$line" ] || fail "the release has no executable for $target" \
    'see the README for what it runs on'
  sum="${line%% *}"
  file="${line##* }"
  found="${file#peernet-}"
  found="${found%-"$target".gz}"
  # An older release, rightly signed, is not what was asked for.
  [ -z "$version" ] || [ "$found" = "$version" ] ||
    refuse "the release is $found, not $version" 'the server gave another release'
  version="$found"
}

# Names a wrong signature only where one was fetched, could be read, and was found wrong.
check_signature() {
  head -n 1 "$work/SHA256SUMS.sig" | grep -qxF -e '-----BEGIN SSH SIGNATURE-----' ||
    fail "what was fetched from $from/SHA256SUMS.sig is no signature" \
      'look whether a proxy or a login page answers in its stead, then run this again'
  ssh-keygen -Y verify -f "$work/signers" -I peernet-release -n peernet-release \
    -s "$work/SHA256SUMS.sig" <"$work/SHA256SUMS" >"$work/said" 2>&1 && return 0
  case "$(cat "$work/said")" in
  *'nown option'* | *'llegal option'* | *'nsupported operation'* | *'sage:'*)
    fail "this ssh-keygen checks no signatures: $(said)" 'install OpenSSH 8.0 or newer' ;;
  esac
  refuse 'the signature of the release is not that of its maker' "$(said)"
}

# refuse WHAT MORE
refuse() {
  fail "$1; nothing was installed" "do not use what was fetched${2:+ ($2)}; try again later"
}

# note WORD PATH
note() {
  receipt="$receipt$1 $2
"
}

# The folders on the way to one that are not there yet.
note_missing() {
  at="$1"
  until [ -z "$at" ] || [ -e "$at" ]; do
    note made "$at"
    at="${at%/*}"
  done
}

# Without it uninstall takes less back, and says so.
leave_receipt() {
  paper="$folder/.peernet-receipt"
  [ -e "$paper" ] || receipt="home ${HOME:-}
installed $folder/peernet
$receipt"
  [ -z "$receipt" ] || (umask 077 && printf '%s' "$receipt" >>"$paper") 2>/dev/null || :
  receipt=''
}

# A folder beside the executable, so that moving it is one step. What an installer that was
# killed left behind is taken away; one that still runs is left alone.
make_work() {
  receipt=''
  note_missing "$folder"
  mkdir -p "$folder" 2>/dev/null ||
    fail "the folder $folder cannot be made" 'give --dir FOLDER, one that is yours'
  for left in "$folder"/.peernet-install.*; do
    [ -d "$left" ] || continue
    kill -0 "${left##*.}" 2>/dev/null || rm -rf "$left"
  done
  made="$folder/.peernet-install.$$"
  (umask 077 && mkdir "$made") 2>/dev/null ||
    fail "the folder $folder cannot be written" 'give --dir FOLDER, one that is yours'
  # Only now is it known to be ours: nothing is written to, or removed from, one that was there.
  work="$made"
  trap 'rm -rf "$work"' EXIT
  trap 'exit 130' INT
  trap 'exit 143' TERM HUP
}

fetch_executable() {
  fetch "$from/$file" "$work/$file"
  [ "$(checksum_of "$work/$file")" = "$sum" ] ||
    refuse 'the executable does not have the checksum of the release' ''
  gzip -dc "$work/$file" >"$work/peernet" 2>"$work/said" ||
    fail "the executable could not be unpacked: $(said)" 'run this again'
  rm "$work/$file"
  chmod 755 "$work/peernet"
}

try_executable() {
  told="$("$work/peernet" version --json 2>"$work/said")" || {
    hint='see the README for what it runs on'
    if [ "$target" != "${target%-musl}" ]; then
      hint='apk add libstdc++; it needs musl 1.2.5 (Alpine 3.20) or newer'
    fi
    fail "it does not run here: $(said)" "$hint"
  }
  case "$told" in
  *"\"version\":\"$version\""*"\"target\":\"$target\""*) ;;
  *) refuse "the executable says that it is $told" '' ;;
  esac
}

look_at_old() {
  old='' was_running=0
  [ -e "$folder/peernet" ] || return 0
  [ ! -d "$folder/peernet" ] || fail "$folder/peernet is a folder" 'give --dir another folder'
  # What another user put there is replaced, and never run.
  is_own "$folder" && is_own "$folder/peernet" || return 0
  old="$("$folder/peernet" version 2>/dev/null | sed -n 's/^peernet \([^ ]*\).*/\1/p')"
  if "$folder/peernet" status >/dev/null 2>&1; then was_running=1; fi
}

# Whether a file is this user's: by its number, since a name may stand for several.
is_own() { [ -n "$(find -H "$1" -prune -user "$(id -u)" 2>/dev/null)" ]; }

# is_older ONE OTHER: by their numbers; what follows these does not count.
is_older() {
  one="${1%%[-+]*}." other="${2%%[-+]*}."
  while [ -n "$one" ] && [ -n "$other" ]; do
    [ "${one%%.*}" -ge "${other%%.*}" ] 2>/dev/null || return 0
    [ "${one%%.*}" -eq "${other%%.*}" ] || return 1
    one="${one#*.}" other="${other#*.}"
  done
  return 1
}

# Whoever can answer for the releases could give an old one, rightly signed, as the latest.
refuse_older() {
  [ -n "$old" ] && [ -z "$asked" ] && is_older "$version" "$old" || return 0
  fail "the latest release is $version, and $old is installed" \
    "if you want the older one, give --version $version"
}

swap() {
  mv -f "$work/peernet" "$folder/peernet" ||
    fail "$folder/peernet could not be replaced" 'give --dir FOLDER, one that is yours'
  shown="$(short "$folder/peernet")"
  if [ -z "$old" ]; then
    say "  installed   $shown"
  elif [ "$old" = "$version" ]; then
    say "  installed   $shown, once more"
  else
    say "  installed   $shown, in place of $old"
  fi
  leave_receipt
}

# The manual page, where man looks for it once the folder is on the PATH. All works without it, and
# a page that no installer put there is left alone.
put_manual() {
  case "$folder" in
  */bin) manual="${folder%/bin}/share/man/man1/peernet.1" ;;
  *) return 0 ;;
  esac
  if [ -e "$manual" ]; then
    grep -qxF "manual $manual" "$folder/.peernet-receipt" 2>/dev/null || return 0
  fi
  sum="$(grep -E '^[0-9a-f]{64}  peernet[.]1$' "$work/SHA256SUMS" | cut -c 1-64)"
  [ -n "$sum" ] && try_fetch "$from/peernet.1" "$work/peernet.1" &&
    [ "$(checksum_of "$work/peernet.1")" = "$sum" ] || return 0
  note_missing "${manual%/*}"
  [ -e "$manual" ] || note manual "$manual"
  if mkdir -p "${manual%/*}" 2>/dev/null && mv -f "$work/peernet.1" "$manual" 2>/dev/null; then
    leave_receipt
    say '  manual      man peernet'
  else
    receipt=''
  fi
}

restart() {
  [ "$was_running" -eq 1 ] || return 0
  if "$folder/peernet" stop >/dev/null 2>"$work/said" &&
    "$folder/peernet" start >/dev/null 2>"$work/said"; then
    say '  restarted   the daemon, which ran'
  else
    fail "installed, but the daemon did not start: $(said)" \
      "$(short "$folder/peernet") start"
  fi
}

# A path as a person writes it.
short() {
  case "$1" in
  "${HOME:-/}"/*) printf '%s/%s' '~' "${1#"$HOME"/}" ;;
  *) printf '%s' "$1" ;;
  esac
}

# The folder as it is written into a file that a shell reads.
written_folder() {
  # It is the shell that reads the file that is to put the home there.
  # shellcheck disable=SC2016
  case "$folder" in
  "${HOME:-/}"/*) printf '%s/%s' '$HOME' "${folder#"$HOME"/}" ;;
  *) printf '%s' "$folder" ;;
  esac
}

# The file that the person's shell reads when it starts.
profile() {
  case "${SHELL:-}" in
  */zsh) printf '%s' "${ZDOTDIR:-$HOME}/.zprofile" ;;
  */bash) if [ "$os" = darwin ]; then printf '%s/.bash_profile' "$HOME"; else
    printf '%s/.bashrc' "$HOME"
  fi ;;
  */fish) printf '%s/fish/config.fish' "${XDG_CONFIG_HOME:-$HOME/.config}" ;;
  *) printf '%s/.profile' "$HOME" ;;
  esac
}

put_on_path() {
  case ":$PATH:" in
  *":$folder:"*) return 0 ;;
  esac
  case "${SHELL:-}" in
  */fish) line="fish_add_path \"$(written_folder)\"" ;;
  *) line="export PATH=\"$(written_folder):\$PATH\"" ;;
  esac
  if [ "$modify_path" -eq 0 ] || [ -z "${HOME:-}" ]; then
    say "  PATH        not changed; in each terminal:  $line"
    return 0
  fi
  file="$(profile)"
  if grep -qxF "$line # peernet" "$file" 2>/dev/null; then
    say "  PATH        in $(short "$file") already"
    return 0
  fi
  # A file that does not end its last line would have the new one in it.
  before='' how=appended
  if [ ! -e "$file" ]; then
    how=created
  elif [ -s "$file" ] && [ -n "$(tail -c 1 "$file")" ]; then
    before='\n' how=appended-after-break
  fi
  note "$how" "$file"
  note_missing "${file%/*}"
  if mkdir -p "${file%/*}" 2>/dev/null &&
    printf "$before%s\n" "$line # peernet" 2>/dev/null >>"$file"; then
    leave_receipt
    say "  PATH        one line added to $(short "$file")"
  else
    say "  PATH        $(short "$file") cannot be written; in each terminal:  $line"
  fi
}

# Another peernet that a shell finds first would be run in its stead.
warn_of_others() {
  other="$(command -v peernet 2>/dev/null)" || return 0
  [ "$other" != "$folder/peernet" ] || return 0
  case ":$PATH:" in
  *":$folder:"*) say "  note        $(short "$other") comes first on your PATH" ;;
  esac
}

# The first step of all, where this terminal does not find the command yet.
next_path() {
  case ":$PATH:" in
  *":$folder:"*) ;;
  *) say "next: $line" ;;
  esac
}

next() {
  if [ "$was_running" -eq 1 ]; then
    next_path
    say 'next: peernet status'
  elif [ -n "$old" ]; then
    next_path
    say 'next: peernet start'
  else
    say 'Nothing runs and nothing listens yet.'
    next_path
    say 'next: peernet setup'
  fi
}

install_peernet() {
  # zsh splits no words and fails where a pattern has no match, unless it is told to be sh.
  if [ -n "${ZSH_VERSION:-}" ]; then emulate sh; fi
  # The shell that runs this may have been told to keep files that are there.
  set +C
  set -u
  read_arguments "$@"
  find_folder
  find_target
  find_tools
  if [ "$dry_run" -eq 1 ]; then
    say "would fetch the ${version:-latest} release for $target from $releases"
    say "would install $(short "$folder/peernet")"
    return 0
  fi
  make_work
  fetch_checksums
  say "peernet $version, $called"
  fetch_executable
  say "  checked     $checked"
  try_executable
  look_at_old
  refuse_older
  swap
  put_manual
  restart
  put_on_path
  warn_of_others
  next
}

{ install_peernet "$@"; }
