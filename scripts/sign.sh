#!/usr/bin/env bash
# Makes of the files of a release one that can be believed: adds the installer, which knows where
# releases lie and who signs them, the checksums of all files, and a signature over these by an SSH
# key, so that its reader needs no tool but OpenSSH's. Runs nothing of what it signs, and no
# package: whoever holds the key need trust this file and OpenSSH alone.
# usage: sign.sh KEY URL [FOLDER]
#   KEY     the file of a private SSH key, Ed25519 so that a signature can be made again
#   URL     where releases will lie: URL/latest/download/FILE, URL/download/vVERSION/FILE
#   FOLDER  what release.sh made; dist/release unless given
set -euo pipefail
export LC_ALL=C

fail() {
  printf 'sign: %s\n' "$1" >&2
  exit 1
}

[ "$#" -eq 2 ] || [ "$#" -eq 3 ] || fail 'usage: sign.sh KEY URL [FOLDER]'
scripts="$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)"
key="$(realpath "$1")"
url="$2"
[[ "$url" =~ ^(https://|http://127\.0\.0\.1:)[a-zA-Z0-9_./:-]+[^/]$ ]] ||
  fail 'URL is no https address without a slash at its end'
cd "${3:-$scripts/../dist/release}"

# What a signature is for: one made for anything else is not taken.
namespace=peernet-release
read -r type text _ <<<"$(ssh-keygen -y -f "$key")"
signer="$namespace namespaces=\"$namespace\" $type $text"
for place in releases signer; do
  [ "$(grep -c "^$place=''\$" "$scripts/install.sh")" -eq 1 ] ||
    fail "install.sh has no place for $place"
done

rm -f SHA256SUMS SHA256SUMS.sig
sed -e "s|^releases=''\$|releases='$url'|" -e "s|^signer=''\$|signer='$signer'|" \
  "$scripts/install.sh" >install.sh
chmod 755 install.sh
sums="$(sha256sum -- *)"
printf '%s\n' "$sums" >SHA256SUMS
ssh-keygen -q -Y sign -f "$key" -n "$namespace" SHA256SUMS
