/**
 * Reads, writes and removes peernet's entry among the MCP servers of an agent's file. Texts in,
 * texts out; the user's own additions to the entry stay.
 */

import type { McpPlace } from "./agents.ts";
import { isObject, type JsonObject, readJson, valueAt, withValue } from "./jsonc.ts";
import {
  hasDottedKey,
  hasTable,
  readToml,
  type TomlTable,
  type TomlValue,
  withKey,
  withTable,
} from "./toml.ts";

/** Peernet's entry in an agent's file; null when there is none. @throws {bad_request} */
export function mcpEntry(place: McpPlace, text: string | null): JsonObject | null {
  const root = place.format === "toml" ? readToml(text) : readJson(text);
  const entry = valueAt(root, [...place.path]);
  return typeof entry === "object" && entry !== null ? { ...entry } : null;
}

/**
 * The text with peernet's entry; null removes the entry. In an existing entry only the command, its
 * arguments and the state folder change: every other setting of its user stays.
 * @throws {bad_request}
 */
export function withMcpEntry(
  place: McpPlace,
  text: string | null,
  entry: JsonObject | null,
): string {
  const found = mcpEntry(place, text);
  if (entry === null || found === null || !isLike(found, entry))
    return replaced(place, text, entry);
  const changes = changesTo(place, found, entry);
  const edit = place.format === "toml" ? withTomlKey : withJsonKey;
  return changes.reduce<string>((made, change) => edit(place, made, change), text ?? "");
}

function replaced(place: McpPlace, text: string | null, entry: JsonObject | null): string {
  if (place.format === "toml") {
    // An entry of this format comes from `plainEntry` or from a file read earlier.
    return withTable(text, place.path.join("."), entry as TomlTable | null);
  }
  readJson(text);
  return withValue(text, [...place.path], entry ?? undefined);
}

/** True when an entry is of the same kind: a program that runs on this machine. */
const isLike = (found: JsonObject, entry: JsonObject): boolean =>
  commandOf(found) !== null && (found.type === undefined || found.type === entry.type);

/** A key of an entry, and its value; null removes the key. */
interface KeyChange {
  readonly key: string;
  readonly value: unknown;
}

function changesTo(place: McpPlace, found: JsonObject, entry: JsonObject): readonly KeyChange[] {
  const { PEERNET_HOME: former, ...others } = Object(found[place.variables]);
  const { PEERNET_HOME: home } = variablesOf(entry);
  const set = home === undefined ? others : { ...others, PEERNET_HOME: home };
  const isBare = Object.keys(set).length === 0 && entry[place.variables] === undefined;
  const wanted: readonly KeyChange[] = [
    ...["command", "args"].map((key) => ({ key, value: entry[key] ?? null })),
    ...(former === home ? [] : [{ key: place.variables, value: isBare ? null : set }]),
  ];
  return wanted.filter(({ key, value }) => !Bun.deepEquals(found[key] ?? null, value));
}

function withJsonKey(place: McpPlace, text: string, { key, value }: KeyChange): string {
  const path = [...place.path, key];
  const former = valueAt(readJson(text), path);
  if (!isObject(value) || !isObject(former)) return withValue(text, path, value ?? undefined);
  // Only our variable changes; the others keep their form.
  return withValue(text, [...path, "PEERNET_HOME"], value.PEERNET_HOME);
}

function withTomlKey(place: McpPlace, text: string, { key, value }: KeyChange): string {
  const table = place.path.join(".");
  const inner = `${table}.${key}`;
  const home = Object(value).PEERNET_HOME ?? null;
  if (key === place.variables && hasTable(text, inner)) {
    return withKey(text, [inner, "PEERNET_HOME"], home);
  }
  // After `env.NAME = "value"` a new key takes the same dotted form: a TOML table has one form.
  if (key === place.variables && hasDottedKey(text, [table, key])) {
    return withKey(text, [table, `${key}.PEERNET_HOME`], home);
  }
  // A value of another type is refused when the result is read back.
  return withKey(text, [table, key], value as TomlValue | null);
}

/** The command of an entry and its arguments; null when it is no local command. */
export function commandOf(entry: JsonObject): readonly string[] | null {
  const { command, args } = entry;
  const words = Array.isArray(command) ? command : [command, ...(Array.isArray(args) ? args : [])];
  return words.every((word) => typeof word === "string") ? words : null;
}

/** The variables that an entry sets. */
export function variablesOf(entry: JsonObject): Readonly<Record<string, string>> {
  const set = Object.entries(Object(entry.env ?? entry.environment));
  return Object.fromEntries(
    set.filter((pair): pair is [string, string] => typeof pair[1] === "string"),
  );
}

/** True when two entries run the same command, whatever else their user or agent wrote in them. */
export const runsSame = (one: JsonObject, other: JsonObject): boolean =>
  Bun.deepEquals(commandOf(one), commandOf(other)) &&
  variablesOf(one).PEERNET_HOME === variablesOf(other).PEERNET_HOME;
