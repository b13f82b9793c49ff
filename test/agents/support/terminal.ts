/** A client on a terminal: a person's view and input. */

import { patiently } from "../../scenario/patience.ts";
import type { Model } from "./model.ts";

/** A program that runs on a terminal. */
export interface Terminal extends AsyncDisposable {
  readonly pid: number;
  /** All text shown so far, without cursor moves and colours. */
  text(): string;
  /**
   * Resolves once a text was shown, after everything that was awaited before. Ignores space: a
   * client moves the cursor as often as it sends a space.
   */
  sees(text: string): Promise<void>;
  /** True when a text was shown, after everything that was awaited before. */
  shows(text: string): boolean;
  /** Types a text, as it is. */
  type(text: string): void;
  /**
   * Presses a key until it worked: a dialog that has just come up takes none, so that nobody
   * answers by accident.
   */
  press(key: string, worked: () => Promise<boolean>): Promise<void>;
  /**
   * Types a prompt and, once it is shown, Enter, until a model receives it: input right behind a
   * text counts as part of a paste.
   */
  prompt(text: string, model: Pick<Model, "turns">): Promise<void>;
  /** True when the program has ended. */
  ended(): boolean;
  /** Ends it without asking. */
  kill(): Promise<void>;
}

/** The program to start, with its folder and environment. */
export interface Start {
  readonly command: readonly string[];
  readonly cwd: string;
  readonly environment: Readonly<Record<string, string>>;
}

/** Keys that are no text. */
export const keys = { enter: "\r", escape: "\x1b", interrupt: "\x03", down: "\x1b[B" } as const;

/**
 * Programs' questions to a terminal at their start, with a terminal's answers; without these they
 * wait.
 */
const questions: readonly (readonly [string, string])[] = [
  ["\x1b[6n", "\x1b[1;1R"],
  ["\x1b[c", "\x1b[?62;22c"],
  ["\x1b[?u", "\x1b[?0u"],
  ["\x1b]10;?", "\x1b]10;rgb:ffff/ffff/ffff\x1b\\"],
  ["\x1b]11;?", "\x1b]11;rgb:0000/0000/0000\x1b\\"],
];

/** Time limit for a text to appear: a client starts in a second, but this machine may be busy. */
const seenMsMax = 60_000;

/** The time for a key to take effect: less than it takes to press it twice by mistake. */
const pressedEveryMs = 500;

/** Starts a program on a terminal that is wide enough for a line of ours. */
export function terminal(start: Start): Terminal {
  const { child, text } = started(start);
  const { sees, shows } = reading(text, () => child.exitCode !== null);
  const type = (typed: string): void => void child.terminal?.write(typed);
  const press: Terminal["press"] = async (key, worked) => {
    let pressedMs = Number.NEGATIVE_INFINITY;
    await patiently(seenMsMax, "a key worked", async () => {
      if (await worked()) return true;
      if (performance.now() - pressedMs < pressedEveryMs) return false;
      pressedMs = performance.now();
      type(key);
      return false;
    });
  };
  const kill = async (): Promise<void> => {
    child.kill("SIGKILL");
    await child.exited;
  };
  return {
    pid: child.pid,
    text,
    sees,
    shows,
    type,
    press,
    prompt: async (typed, { turns }) => {
      const before = turns.length;
      type(typed);
      // Only its beginning: the terminal need not send unchanged text again.
      await sees(typed.slice(0, 8));
      await press(keys.enter, async () => turns.length > before);
    },
    ended: () => child.exitCode !== null,
    kill,
    [Symbol.asyncDispose]: kill,
  };
}

/** The program, and all that it showed so far. */
function started({ command, cwd, environment }: Start) {
  let raw = "";
  const decoder = new TextDecoder();
  const child = Bun.spawn([...command], {
    cwd,
    env: { ...environment, TERM: "xterm-256color" },
    terminal: {
      cols: 160,
      rows: 50,
      data: (own, bytes) => {
        const more = decoder.decode(bytes, { stream: true });
        raw += more;
        for (const [question, answer] of questions) if (more.includes(question)) own.write(answer);
      },
    },
  });
  return { child, text: (): string => plain(raw) };
}

/** Reads on from what was seen last, past all space. */
function reading(text: () => string, ended: () => boolean): Pick<Terminal, "sees" | "shows"> {
  let seenTo = 0;
  const endOf = (wanted: string): number => {
    const dense = wanted.replace(/\s+/g, "");
    const at = text().replace(/\s+/g, "").indexOf(dense, seenTo);
    return at < 0 ? -1 : at + dense.length;
  };
  const shows = (wanted: string): boolean => endOf(wanted) >= 0;
  const sees = async (wanted: string): Promise<void> => {
    try {
      await patiently(seenMsMax, `${wanted} is shown`, async () => shows(wanted) || ended());
      if (!shows(wanted)) throw new Error(`the program ended, and never showed ${wanted}`);
    } catch (error) {
      throw new Error(`${error}\n${legible(text())}`);
    }
    seenTo = endOf(wanted);
  };
  return { sees, shows };
}

/** The last non-empty lines, for the reader of a failure. */
const legible = (text: string): string =>
  text
    .split("\n")
    .filter((line) => /[a-z]{2}/i.test(line))
    .slice(-40)
    .join("\n");

/** A terminal's bytes as text: a move along the line is a space, one elsewhere a new line. */
function plain(raw: string): string {
  return raw
    .replace(/\x1b[\]P_^X].*?(\x07|\x1b\\)/gs, "")
    .replace(/\x1b\[\d*[CG]/g, " ")
    .replace(/\x1b\[[\d;]*[HfEFABd]/g, "\n")
    .replace(/\x1b\[[ -?]*[@-~]/g, "")
    .replace(/\x1b[ -/]*[0-~]/g, "")
    .replace(/\r\n?|\n/g, "\n");
}
