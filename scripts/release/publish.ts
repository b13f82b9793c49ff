/**
 * Makes of a folder of files a release that can be believed: the installer, the list of checksums,
 * and the signature over it with an SSH key, so that its reader needs no tool but OpenSSH's.
 */

import { createHash } from "node:crypto";
import { chmodSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { run } from "./run.ts";

/** What a signature is for: one made for anything else is not taken. */
const namespace = "peernet-release";

/** Who signs, and where what is signed will lie. */
export interface Signing {
  /** The file of a private key. */
  readonly key: string;
  /** The address of all releases, without a slash at its end. */
  readonly url: string;
}

/** Adds checksums to a folder and, where it is to be signed, the installer and a signature. */
export function publish(folder: string, signing: Signing | null): void {
  const sums = join(folder, "SHA256SUMS");
  for (const made of [sums, `${sums}.sig`]) rmSync(made, { force: true });
  if (signing !== null) writeInstaller(folder, signing);
  const lines = readdirSync(folder)
    .sort()
    .map((name) => `${sha256(join(folder, name))}  ${name}\n`);
  writeFileSync(sums, lines.join(""));
  if (signing === null) return;
  run(["ssh-keygen", "-q", "-Y", "sign", "-f", signing.key, "-n", namespace, sums]);
}

const sha256 = (file: string): string =>
  createHash("sha256").update(readFileSync(file)).digest("hex");

/** Fills in where releases lie and who signs them. */
function writeInstaller(folder: string, { key, url }: Signing): void {
  const filled = [
    ["releases", url],
    ["signer", signerOf(key)],
  ].reduce(
    (text, [name, value]) => {
      const parts = text.split(`\n${name}=''\n`);
      if (parts.length !== 2) throw new Error(`install.sh has no place for ${name}`);
      return parts.join(`\n${name}='${value}'\n`);
    },
    readFileSync(join(import.meta.dir, "../install.sh"), "utf8"),
  );
  const file = join(folder, "install.sh");
  writeFileSync(file, filled);
  chmodSync(file, 0o755);
}

/** The line of an allowed_signers file that takes the key's signatures, and for nothing else. */
function signerOf(key: string): string {
  const [type, text] = run(["ssh-keygen", "-y", "-f", key]).trim().split(" ");
  return `${namespace} namespaces="${namespace}" ${type} ${text}`;
}
