/**
 * Reads a runner's events, one JSON object a line, by the dotted paths of its manifest. Everything
 * in them is the runner's word: claims.
 */

import { claimBytesMax, lineBytesMax } from "../../../contract/tasks/limits.ts";
import type { Manifest } from "../../../contract/tasks/manifest.ts";
import type { Claims } from "../../../contract/tasks/task.ts";
import { cutBytes } from "../../../session/folder.ts";
import { at } from "../endpoint/usage.ts";

/** The events of one round as they come. */
export interface Events {
  /** Takes one line; a line that is too long, or no event, is passed over. */
  feed(line: string): void;
  claims(): Claims;
  /** The runner's own id of its session; null until it was named. */
  session(): string | null;
  /** True once an event was read. */
  isFirst(): boolean;
}

type Rules = Manifest["events"];

const sessionBytesMax = 256;
const denialsMax = 64;
const denialBytesMax = 256;

/** A reader of events; of a fixed command, which has none. */
export function readEvents(rules: Rules | null): Events {
  let session: string | null = null;
  let isFirst = false;
  let claim: string | null = null;
  let cost: number | null = null;
  let isError: boolean | null = null;
  let denials: readonly string[] = [];

  const see = (event: unknown, by: Rules): void => {
    isFirst = true;
    session ??= textAt(event, by.session, sessionBytesMax);
    if (by.message !== undefined && isMarked(event, by.message)) {
      claim = textAt(event, by.claim_of_message, claimBytesMax) ?? claim;
    }
    if (!isMarked(event, by.end)) return;
    claim = textAt(event, by.claim, claimBytesMax) ?? claim;
    const dollars = by.cost === undefined ? undefined : at(event, by.cost);
    if (typeof dollars === "number" && dollars >= 0) cost = dollars;
    const failed = by.error === undefined ? undefined : at(event, by.error);
    if (typeof failed === "boolean") isError = failed;
    denials = denialsIn(event, by);
  };
  return {
    feed: (line) => {
      if (rules === null || line.length > lineBytesMax || !line.startsWith("{")) return;
      const event = parsed(line);
      if (event !== null) see(event, rules);
    },
    claims: () => ({
      ...{ text: claim, session, cost_usd: cost, is_error: isError, denials: [...denials] },
    }),
    session: () => session,
    isFirst: () => isFirst,
  };
}

function parsed(line: string): unknown {
  try {
    const event: unknown = JSON.parse(line);
    return event;
  } catch {
    return null;
  }
}

const isMarked = (event: unknown, marks: Rules["end"]): boolean =>
  Object.entries(marks).every(([path, value]) => at(event, path) === value);

/** The text at a path, without NUL and within its bound; null where there is none. */
function textAt(event: unknown, path: string | undefined, bytesMax: number): string | null {
  const value = path === undefined ? undefined : at(event, path);
  return typeof value === "string" ? fitting(value, bytesMax) : null;
}

const fitting = (text: string, bytesMax: number): string =>
  cutBytes(text.replaceAll("\0", ""), bytesMax);

/** The tools that the runner was refused, each with what it wanted. */
function denialsIn(event: unknown, { denials, denied }: Rules): readonly string[] {
  const list = denials === undefined ? undefined : at(event, denials);
  if (!Array.isArray(list)) return [];
  return list.slice(0, denialsMax).map((each: unknown) => {
    const name = denied === undefined ? undefined : at(each, denied);
    const words = typeof name === "string" ? `${name} ${JSON.stringify(each)}` : String(each);
    return fitting(words, denialBytesMax);
  });
}
