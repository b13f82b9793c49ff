/**
 * In a root with only a shell and curl: two install, pair, ask, one uninstalls; then the remaining
 * files.
 */

import { expect } from "bun:test";
import { readdirSync } from "node:fs";
import { executable } from "../support/executable.ts";
import { hasProgram, skipUnless } from "../support/skip.ts";
import { release } from "./made.ts";
import { canChroot, emptyRoot, inRoot, noChroot } from "./roots.ts";

const ready = canChroot && hasProgram("busybox") && hasProgram("curl");
const test = skipUnless(ready, hasProgram("busybox") ? noChroot : "busybox is not installed");

/** The commands of two people, one after the other. */
const script = (url: string): string => `
set -eu
export PEERNET_LISTEN_PORT=0 PATH=/bin SHELL=/bin/sh
as() {
  who="$1"
  shift
  HOME="/home/$who" PEERNET_MACHINE_NAME="$who" "$@"
}
for who in mini laptop; do
  mkdir "/home/$who"
  curl -fsSL ${url}/latest/download/install.sh | as "$who" sh
  as "$who" sh -lc 'peernet setup --yes --no-service'
done
sleep 100 &
session=$!
mini() { as mini /home/mini/.local/bin/peernet "$@"; }
laptop() { as laptop /home/laptop/.local/bin/peernet "$@"; }
mini activate hydrate --pid "$session"
mini pair --open --json >/tmp/window &
opener=$!
until grep -q opened /tmp/window; do kill -0 "$opener"; sleep 0.05; done
address="$(sed -n 's/.*"addresses":\\["\\([^"]*\\)".*/\\1/p' /tmp/window)"
sed -n 's/.*"code":"\\([0-9]*\\)".*/\\1/p' /tmp/window | laptop pair - --to "$address"
wait "$opener"
laptop ask mini/hydrate
laptop audit verify
laptop uninstall --yes --purge
mini stop
kill "$session"
rm /tmp/window
`;

const filesOf = (path: string): string[] =>
  readdirSync(path, { recursive: true })
    .map(String)
    .filter((name) => !/^(dev|proc)\//.test(name))
    .sort();

test("two strangers with a shell and curl pair and ask; uninstall leaves nothing", async () => {
  const { url } = release();
  using root = emptyRoot("busybox");
  root.add("curl");
  root.addLibraries(executable);
  const before = filesOf(root.path);
  const { code, out } = await inRoot(root, script(url));
  expect([code, out]).toEqual([0, out]);
  expect(out).toContain("  checked     SHA-256; not the signature, since ssh-keygen is not");
  expect(out).toContain("mini/hydrate   state not told");
  expect(out).toContain("chain verified: ");
  const written = filesOf(root.path).filter((name) => !before.includes(name));
  const installed = String.raw`\.local(/(bin(/.*)?|share(/man(/man1(/peernet\.1)?)?)?))?`;
  const kept = new RegExp(String.raw`^home/mini(/(\.peernet(/.*)?|${installed}|\.profile))?$`);
  const outside = written.filter((name) => !kept.test(name));
  // After the uninstall the home equals the former one.
  expect(outside).toEqual(["home/laptop"]);
});
