/** Effects in memory for the tests of `src/peer`: a state folder, digests, a seeded generator. */

import { createHash, randomBytes } from "node:crypto";
import { PeernetError } from "../../src/contract/errors.ts";
import { type Identity, loadOrCreate } from "../../src/peer/identity.ts";
import type { Effects, StateFiles } from "../../src/platform/effects.ts";

/** A state folder in memory, and how often it was written to. */
export interface MemoryFiles extends StateFiles {
  readonly texts: Map<string, string>;
  readonly written: string[];
}

/** A new, empty state folder. */
export function memoryFiles(): MemoryFiles {
  const texts = new Map<string, string>();
  const written: string[] = [];
  return {
    folder: "/home/somebody/.peernet",
    texts,
    written,
    read: (name) => texts.get(name) ?? null,
    readTrusted: (name) => texts.get(name) ?? null,
    readOpen: (name) => texts.get(name) ?? null,
    names: () => [...texts.keys()].filter((name) => !name.includes("/")),
    has: (name) => texts.has(name),
    write(name, text) {
      written.push(name);
      texts.set(name, text);
    },
    append(name, text) {
      texts.set(name, (texts.get(name) ?? "") + text);
    },
    lengthen: () => undefined,
    remove: (name) => void texts.delete(name),
    check: () => undefined,
    ring: () => false,
  };
}

/** The effects an identity needs. */
export const effectsOn = (files: StateFiles): Pick<Effects, "files" | "random" | "sha256"> => ({
  files,
  random: {
    bytes: (length) => new Uint8Array(randomBytes(length)),
    integer: () => 0,
    uuid: () => "00000000-0000-7000-8000-000000000000",
  },
  sha256,
});

/** SHA-256. */
export const sha256 = (bytes: Uint8Array): Uint8Array =>
  new Uint8Array(createHash("sha256").update(bytes).digest());

/** A machine of its own. */
export const machine = (): Identity => loadOrCreate(effectsOn(memoryFiles()));

/** The code and texts a function throws, or null. */
export function refusalOf(run: () => unknown): PeernetError["body"] | null {
  try {
    run();
    return null;
  } catch (error) {
    if (error instanceof PeernetError) return error.body;
    throw error;
  }
}

/** Bytes that follow from a seed, so that a failure can be repeated. */
export function seededBytes(seed: string): (length: number) => Uint8Array {
  let count = 0;
  return (length) => {
    const digest = createHash("shake256", { outputLength: length });
    return new Uint8Array(digest.update(`${seed} ${count++}`).digest());
  };
}
