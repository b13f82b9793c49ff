/**
 * Finds a runner's manifest: one of ours, or one of the user's in the state folder, which may be
 * like one of ours. A user's file never takes the name of ours.
 */

import { Manifest } from "../../../contract/tasks/manifest.ts";
import { unfit, worded } from "../../../contract/text/unfit.ts";
import type { StateFiles } from "../../../platform/effects.ts";
import { parseToml } from "../../../platform/toml.ts";
import claudeCode from "../manifests/claude-code.toml" with { type: "text" };
import codex from "../manifests/codex.toml" with { type: "text" };

/** The folder of the user's manifests, in the state folder. */
export const manifestsFolder = "runners";
/** A longer manifest is refused. */
const manifestBytesMax = 65_536;

const built: Readonly<Record<string, string>> = { "claude-code": claudeCode, codex };

/** A manifest, or the reason why there is none. */
export type FoundManifest =
  | { readonly ok: true; readonly manifest: Manifest }
  | { readonly ok: false; readonly why: "unknown" | "invalid"; readonly detail: string };

/** The manifest of a runner. Never throws. */
export function manifestOf(files: Pick<StateFiles, "readTrusted">, name: string): FoundManifest {
  const ours = Object.hasOwn(built, name) ? built[name] : undefined;
  const path = `${manifestsFolder}/${name}.toml`;
  try {
    const text = ours ?? files.readTrusted(path);
    if (text === null) return absent(name);
    return readManifest(text);
  } catch (error) {
    const detail = error instanceof Error ? error.message : "it cannot be read";
    return { ok: false, why: "invalid", detail };
  }
}

const absent = (name: string): FoundManifest => ({
  ok: false,
  why: "unknown",
  detail: `no runner is called ${name}; a manifest of yours is ${manifestsFolder}/${name}.toml`,
});

/** Reads a manifest's text; of a likeness, the one that it is like with its own keys in place. */
export function readManifest(text: string): FoundManifest {
  if (text.length > manifestBytesMax) return invalid("a manifest is at most 64 KiB");
  const given = tableOf(text);
  if (given === null) return invalid("it is no TOML");
  const { like, ...own } = given;
  if (like === undefined) return checked(given);
  const base = typeof like === "string" && Object.hasOwn(built, like) ? built[like] : undefined;
  if (base === undefined) return invalid(`like: one of ${Object.keys(built).join(", ")}`);
  return checked(merged(tableOf(base) ?? {}, own));
}

function checked(value: unknown): FoundManifest {
  const read = Manifest.safeParse(value, worded);
  return read.success
    ? { ok: true, manifest: read.data }
    : invalid(unfit(read.error.issues).message);
}

const invalid = (detail: string): FoundManifest => ({ ok: false, why: "invalid", detail });

type Table = Readonly<Record<string, unknown>>;

const isTable = (value: unknown): value is Table =>
  typeof value === "object" && value !== null && !Array.isArray(value);

function tableOf(text: string): Table | null {
  try {
    const value = parseToml(text);
    return isTable(value) ? value : null;
  } catch {
    return null;
  }
}

/** Tables are joined key by key; any other value replaces the base's. */
function merged(base: Table, own: Table): Table {
  const both: Record<string, unknown> = { ...base };
  for (const [key, value] of Object.entries(own)) {
    const under = both[key];
    both[key] = isTable(value) && isTable(under) ? merged(under, value) : value;
  }
  return both;
}

/** The names of all runners: ours, and of the user's those that do not take one of ours. */
export function runnerNames(files: readonly string[]): readonly string[] {
  const users = files
    .filter((file) => /^[a-z0-9][a-z0-9-]{0,30}\.toml$/.test(file))
    .map((file) => file.slice(0, -".toml".length))
    .filter((name) => !Object.hasOwn(built, name));
  return [...Object.keys(built), ...users.sort()];
}
