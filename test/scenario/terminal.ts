/** Commands on a terminal of their own: a person's view and input. */

import { executable } from "../support/executable.ts";
import { until } from "../support/until.ts";
import type { Place } from "./pairing.ts";

/** A command that runs on a terminal. */
export interface OnTerminal {
  /** All bytes the terminal was sent so far. */
  shown(): string;
  /** Resolves once a text was shown, after everything that was awaited before. */
  sees(text: string): Promise<void>;
  /** Types a text, as it is. */
  type(text: string): void;
  /** Ends the command without a word. */
  kill(): void;
  /** Gives the terminal another size. */
  resize(columns: number, rows: number): void;
  /** Its exit code, once it ended and all it wrote was read. */
  readonly ended: Promise<number>;
}

/** Runs peernet on a terminal of 100 columns, unless it is given another width. */
export const onTerminal = (place: Place, words: readonly string[], columns = 100): OnTerminal =>
  commandOnTerminal(place, [executable, ...words], columns);

/** Runs any command so. */
export function commandOnTerminal(
  place: Pick<Place, "before" | "folder" | "environment">,
  command: readonly string[],
  columns = 100,
): OnTerminal {
  const chunks: Uint8Array[] = [];
  const closed = Promise.withResolvers<void>();
  const child = Bun.spawn([...(place.before ?? []), ...command], {
    cwd: place.folder,
    env: { ...place.environment, TERM: "xterm-256color" },
    terminal: {
      cols: columns,
      rows: 40,
      data: (_terminal, bytes) => void chunks.push(bytes.slice()),
      exit: () => closed.resolve(),
    },
  });
  let seenTo = 0;
  const shown = (): string => Buffer.concat(chunks).toString("utf8");
  return {
    shown,
    sees: async (text) => {
      await until(`${JSON.stringify(text)} is shown`, () => shown().indexOf(text, seenTo) >= 0);
      seenTo = shown().indexOf(text, seenTo) + text.length;
    },
    type: (text) => void child.terminal?.write(text),
    kill: () => child.kill("SIGKILL"),
    resize: (wide, high) => void child.terminal?.resize(wide, high),
    ended: Promise.all([child.exited, closed.promise]).then(([code]) => code),
  };
}

/** A terminal's bytes as lines of text, without the styles that peernet itself sets. */
export const plainText = (shown: string): string =>
  shown.replace(/\x1b\[(?:0|1|2|31|32|33)m/g, "").replaceAll("\r\n", "\n");
