/** Pairing with the built executable, as two people at two machines do it; and their sessions. */

import { join } from "node:path";
import { OpenEvent } from "../../src/contract/pairing.ts";
import { executable, type Home } from "../support/executable.ts";
import { until } from "../support/until.ts";

/** A home, and the words that precede its commands. */
export interface Place extends Home {
  readonly before?: readonly string[];
}

/** A `pair --open --json` that runs. */
export interface Opening {
  /** The code it shows. */
  readonly code: string;
  /** `address:port` at which the window is open. */
  readonly address: string;
  readonly fingerprint: string;
  /** The events so far. */
  readonly events: readonly OpenEvent[];
  /** Its exit code, once it ended. */
  readonly ended: Promise<number>;
  /** Ctrl-C, or the end without a word. */
  interrupt(by?: "SIGINT" | "SIGKILL"): void;
}

/** Opens a pairing window; resolves once the code is shown. */
export async function opening(place: Place, ...words: readonly string[]): Promise<Opening> {
  const command = [...(place.before ?? []), executable, "pair", "--open", "--json", ...words];
  const child = Bun.spawn(command, {
    cwd: place.folder,
    env: { ...place.environment },
    stdin: "ignore",
    stdout: "pipe",
    stderr: "ignore",
  });
  const events: OpenEvent[] = [];
  const read = linesOf(child.stdout, (line) => {
    const event = OpenEvent.safeParse(JSON.parse(line));
    if (!event.success) throw new Error(`pair --open: ${line}`);
    events.push(event.data);
  });
  await until("the window is open", () => events.length > 0 || child.exitCode !== null);
  const [first] = events;
  if (first?.event !== "opened") throw new Error(`${command.join(" ")}: no window`);
  return {
    code: first.code,
    address: first.addresses[0] ?? "",
    fingerprint: first.fingerprint,
    events,
    ended: read.then(() => child.exited),
    interrupt: (by = "SIGINT") => child.kill(by),
  };
}

/** A joiner's lines before it asks for the code. */
export const announced = ({
  address,
  fingerprint,
}: Pick<Opening, "address" | "fingerprint">): string =>
  `${address} has a pairing window open (${address})\nits identity is ${fingerprint}\n`;

async function linesOf(
  stream: ReadableStream<Uint8Array>,
  take: (line: string) => void,
): Promise<void> {
  let rest = "";
  const decoder = new TextDecoder();
  for await (const chunk of stream) {
    const lines = (rest + decoder.decode(chunk, { stream: true })).split("\n");
    rest = lines.pop() ?? "";
    for (const line of lines) take(line);
  }
}

/** Pairs two homes: one shows the code, at the other it comes on stdin. */
export async function pairTwo(shows: Place, types: Place, to?: string): Promise<void> {
  const window = await opening(shows);
  const words = ["pair", "-", "--to", to ?? window.address];
  const { code, err } = await types.run(words, { stdin: `${window.code}\n` });
  if (code !== 0) throw new Error(`pairing failed: ${err}`);
  const shown = await window.ended;
  if (shown !== 0) throw new Error(`pair --open ended with ${shown}`);
}

/** A process to activate with: a session that does nothing. */
export interface Session extends Disposable {
  readonly pid: string;
  /** Ends it, as a terminal that is closed. */
  end(): void;
}

/** Starts a session. */
export function session(): Session {
  const child = Bun.spawn(["sleep", "3000"], { stdio: ["ignore", "ignore", "ignore"] });
  const end = (): void => child.kill("SIGKILL");
  return { pid: String(child.pid), end, [Symbol.dispose]: end };
}

/** The root of this repository: a real one to activate in. */
export const root = join(import.meta.dir, "../..");

/** A session with one live handle, whose summary says its name. */
export async function activate(place: Place, name: string): Promise<Session> {
  const own = session();
  const words = ["activate", name, "--pid", own.pid, "--summary", `at work on ${name}`];
  const { code, err } = await place.run(words);
  if (code !== 0) throw new Error(`${name} was not activated: ${err}`);
  return own;
}
