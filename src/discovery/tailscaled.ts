/**
 * Puts one question to this machine's tailscaled: to its LocalAPI over a unix socket, or through
 * the `tailscale` command when no socket is available. Bounded in time and bytes, whatever the
 * other end does. Does not interpret the answers.
 */

import { readAtMost } from "../contract/operation/reading.ts";
import type { Timers } from "../platform/effects.ts";

/**
 * The sockets of tailscaled: on Linux and the BSDs, and on macOS when built from source. The macOS
 * app listens elsewhere and is asked through its command.
 */
export const tailscaledSockets: readonly string[] = [
  "/var/run/tailscale/tailscaled.sock",
  "/var/run/tailscaled.socket",
];

/** The largest reply that is read: some 3,000 machines, each of which takes about 1.3 KB. */
const replyBytesMax = 4_194_304;

/** Runs a program; null when it could not start, printed too much, or ended too late. */
export type RunProgram = (
  command: readonly string[],
  bounds: {
    readonly environment: Readonly<Record<string, string>>;
    readonly signal: AbortSignal;
  },
) => Promise<{ readonly exit: number; readonly output: Uint8Array } | null>;

/** Dependencies of asking tailscaled. */
export interface TailscaledParts {
  readonly socketPaths: readonly string[];
  /** The command receives only PATH and HOME from it. */
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly run: RunProgram;
  readonly timers: Timers;
}

/** A question, in the form of either way of asking. */
export interface Question {
  /** Path in the LocalAPI, after its version. */
  readonly path: string;
  /** Arguments of the command; null when the command must not run for this question. */
  readonly words: readonly string[] | null;
  readonly deadlineMs: number;
}

/** The outcome of a question. */
export type Answer =
  /** JSON whose whole numbers are bigint. */
  | { readonly kind: "reply"; readonly reply: unknown }
  /** The requested machine does not exist. */
  | { readonly kind: "none" }
  /** The command failed, without a reason that a program can read. */
  | { readonly kind: "failed" }
  /** Neither a socket nor a command was found. */
  | { readonly kind: "missing" }
  /** Too late, too long, or not an answer; the reason is for a person. */
  | { readonly kind: "silent"; readonly why: string };

/** Asks tailscaled. Never throws. */
export async function ask(parts: TailscaledParts, question: Question): Promise<Answer> {
  const deadline = new AbortController();
  const cancel = parts.timers.after(question.deadlineMs, () => deadline.abort());
  const asking = { parts, question, signal: deadline.signal };
  try {
    for (const socketPath of parts.socketPaths) {
      const answer = await askSocket(asking, socketPath);
      if (answer !== null) return answer;
    }
    return await askCommand(asking);
  } finally {
    cancel();
    // The rest of the reply is not read.
    deadline.abort();
  }
}

interface Asking {
  readonly parts: TailscaledParts;
  readonly question: Question;
  readonly signal: AbortSignal;
}

/** The answer of the socket at a path; null when no process listens there. */
async function askSocket(asking: Asking, socketPath: string): Promise<Answer | null> {
  const { question, signal } = asking;
  try {
    const response = await fetch(`http://local-tailscaled.sock/localapi/v0/${question.path}`, {
      unix: socketPath,
      headers: { "accept-encoding": "identity" },
      redirect: "error",
      decompress: false,
      keepalive: false,
      signal,
    });
    if (response.status === 404) return { kind: "none" };
    if (response.status !== 200) return silent(`it answered ${response.status}`);
    const bytes = await readAtMost(response.body ?? new Blob().stream(), replyBytesMax);
    return bytes === null ? silent("it sent too much") : replyIn(bytes);
  } catch (error) {
    if (signal.aborted) return late(question);
    const code = error instanceof Error && "code" in error ? error.code : null;
    return unconnected.has(code) ? null : silent("it broke off");
  }
}

/** The system's error codes for a socket that was never connected. */
const unconnected: ReadonlySet<unknown> = new Set([
  "ENOENT",
  "ENOTDIR",
  "ECONNREFUSED",
  "EACCES",
  "EPERM",
]);

async function askCommand({ parts, question, signal }: Asking): Promise<Answer> {
  if (question.words === null) return { kind: "missing" };
  const path = absolutePath(parts.environment.PATH ?? "");
  const program = path === "" ? null : Bun.which("tailscale", { PATH: path });
  if (program === null) return { kind: "missing" };
  if (signal.aborted) return late(question);
  const { HOME } = parts.environment;
  const environment = HOME === undefined ? { PATH: path } : { PATH: path, HOME };
  const ran = await parts.run([program, ...question.words], { environment, signal });
  if (ran === null) return signal.aborted ? late(question) : silent("tailscale could not be run");
  if (ran.exit !== 0) return { kind: "failed" };
  return ran.output.length > replyBytesMax ? silent("it sent too much") : replyIn(ran.output);
}

/** The absolute entries of a search path, whose meaning does not depend on the current folder. */
const absolutePath = (path: string): string =>
  path
    .split(":")
    .filter((entry) => entry.startsWith("/"))
    .join(":");

function replyIn(bytes: Uint8Array): Answer {
  try {
    const text = new TextDecoder("utf-8", { fatal: true }).decode(bytes);
    return { kind: "reply", reply: JSON.parse(text, wholly) };
  } catch {
    return silent("its answer is not JSON");
  }
}

/** Reads a whole number as a bigint: ids are int64, and a double would lose the last digits. */
const wholly = (_key: string, value: unknown, context?: { readonly source?: string }): unknown =>
  typeof value === "number" && /^-?\d{1,19}$/.test(context?.source ?? "")
    ? BigInt(context?.source ?? 0)
    : value;

const silent = (why: string): Answer => ({ kind: "silent", why });

const late = ({ deadlineMs }: Question): Answer => silent(`no answer within ${deadlineMs} ms`);
