/**
 * The daemon's log: JSON lines with a level, in the state folder, rotated at a bound. No caller
 * passes it a secret, a code or a question; text in a stack that looks like a token or a key is
 * removed as well. Strings are escaped, so one event is one line.
 */

import { appendFileSync, openSync, renameSync, statSync } from "node:fs";
import { logBytesMax } from "../contract/limits.ts";
import { printableJson } from "../contract/text/printable.ts";
import { stateNames } from "../contract/text/state-names.ts";
import type { Clock, Log, StateFiles } from "./effects.ts";

/** The log file's name inside the state folder. */
export const logName = stateNames.log;

/**
 * A log that appends to the state folder. When the file cannot be written the log is silent, never
 * fatal.
 */
export function fileLog(files: StateFiles, clock: Clock): Log {
  files.check(logName);
  const path = `${files.folder}/${logName}`;
  const write =
    (level: string) =>
    (event: string, fields: Readonly<Record<string, unknown>> = {}) => {
      const at = new Date(clock.wallMs()).toISOString();
      try {
        if (sizeOf(path) > logBytesMax) renameSync(path, `${path}.old`);
        const line = redacted(printableJson({ at, level, event, ...fields }));
        appendFileSync(path, `${line}\n`, { mode: 0o600 });
      } catch {
        // A full disk must not end a daemon that can still answer from memory.
      }
    };
  return { info: write("info"), warn: write("warn"), error: write("error") };
}

/** A token in its three parts, as jose writes it. */
const token = /\beyJ[\w-]{8,}\.[\w-]*\.[\w-]*/g;
/** A PEM key, up to its end or to the end of its string, in which a quote is escaped. */
const key =
  /-----BEGIN [A-Z ]*PRIVATE KEY-----(?:[^"\\]|\\.)*?(?:-----END [A-Z ]*PRIVATE KEY-----|(?="))/g;

/** A line without text that would let its reader act as this machine, or as another. */
const redacted = (line: string): string => line.replace(token, "[token]").replace(key, "[key]");

const sizeOf = (path: string): number => statSync(path, { throwIfNoEntry: false })?.size ?? 0;

/** Opens the log for a child process to append to. @throws {state_unsafe} */
export function openLog(files: StateFiles): number {
  files.check(logName);
  return openSync(`${files.folder}/${logName}`, "a", 0o600);
}
