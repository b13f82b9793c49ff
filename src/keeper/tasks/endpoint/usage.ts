/** Reads the usage of a reply as it passes: of streamed events, or of one JSON object. */

import type { ModelEndpoint } from "../../../contract/tasks/manifest.ts";
import { usageLineBytesMax } from "./limits.ts";
import type { Counts } from "./meter.ts";

/** Usage of one reply. */
export interface UsageReader {
  feed(chunk: Uint8Array): void;
  /** The usage at the end of the reply; null when none was there. */
  end(): { readonly counts: Counts; readonly isWhole: boolean } | null;
}

type Rules = ModelEndpoint["usage"];

/** A reader for a reply of this type. */
export function readUsage(rules: Rules, contentType: string): UsageReader {
  const decoder = new TextDecoder();
  const found = newFound(rules);
  const isStream = contentType.startsWith("text/event-stream");
  let text = "";
  let data = "";
  const take = (line: string): void => {
    if (line.startsWith("data:")) data += `${line.slice(5).trimStart()}\n`;
    // An empty line ends an event.
    else if (line === "") {
      if (data !== "") found.see(data);
      data = "";
    }
    if (data.length > usageLineBytesMax) data = "";
  };
  return {
    feed: (chunk) => {
      text += decoder.decode(chunk, { stream: true });
      if (isStream) {
        const lines = text.split(/\r?\n/);
        text = lines.pop() ?? "";
        for (const line of lines) take(line);
      }
      if (text.length > usageLineBytesMax) text = "";
    },
    end: () => {
      if (isStream) for (const line of [text, ""]) take(line);
      else found.see(text);
      return found.counts() === null
        ? null
        : { counts: found.counts() ?? zero, isWhole: found.isWhole() || !isStream };
    },
  };
}

const zero: Counts = { input: 0, cache_write: 0, cache_write_long: 0, cache_read: 0, output: 0 };

/** The counts seen until now: of each the highest, for later events repeat and raise them. */
function newFound(rules: Rules) {
  const highest = new Map<string, number>();
  let isWhole = false;
  return {
    see: (text: string): void => {
      const event = objectIn(text);
      if (event === null) return;
      for (const place of rules.at) {
        const usage = at(event, place);
        if (typeof usage !== "object" || usage === null) continue;
        for (const { at: path } of [...rules.counts, ...rules.counts.flatMap(lessOf)]) {
          const count = at(usage, path);
          if (typeof count === "number" && Number.isFinite(count) && count >= 0) {
            highest.set(path, Math.max(highest.get(path) ?? 0, count));
          }
        }
        if (rules.final.some((type) => event.type === type)) isWhole = true;
      }
    },
    isWhole: (): boolean => isWhole,
    counts: (): Counts | null => {
      if (highest.size === 0) return null;
      const counts: Record<keyof Counts, number> = { ...zero };
      for (const { at: path, less, price } of rules.counts) {
        const net = (highest.get(path) ?? 0) - (less === undefined ? 0 : (highest.get(less) ?? 0));
        counts[price] += Math.max(0, net);
      }
      return counts;
    },
  };
}

const lessOf = ({ less }: Rules["counts"][number]): readonly { readonly at: string }[] =>
  less === undefined ? [] : [{ at: less }];

function objectIn(text: string): Readonly<Record<string, unknown>> | null {
  try {
    const value: unknown = JSON.parse(text);
    return isRecord(value) ? value : null;
  } catch {
    return null;
  }
}

const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === "object" && value !== null;

/** The value at a dotted path; undefined where there is none. */
export function at(value: unknown, path: string): unknown {
  let here: unknown = value;
  for (const key of path.split(".")) {
    if (!isRecord(here) || !Object.hasOwn(here, key)) return undefined;
    here = here[key];
  }
  return here;
}
