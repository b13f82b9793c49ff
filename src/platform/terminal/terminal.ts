/** The standard streams of this process. Expensive properties are read only on demand. */

// The runtime's own view of terminals, on which node:tty stands: that module takes longer to load
// than a complete ask takes. The types do not list it; a test holds that the pinned runtime has it.
const { isTTY, TTY } = (process as unknown as { binding(name: string): TerminalBinding }).binding(
  "tty_wrap",
);

interface TerminalBinding {
  isTTY(descriptor: number): boolean;
  readonly TTY: new (
    descriptor: number,
  ) => {
    /** Fills in the columns and the lines; false when that failed. */
    getWindowSize(size: number[]): boolean;
  };
}

/** True when a stream is a terminal. */
export const isTerminal = (descriptor: number): boolean => isTTY(descriptor);

/** The columns and lines that a terminal reports; none for another stream. */
function windowOf(descriptor: number): {
  readonly columns?: number | undefined;
  readonly rows?: number | undefined;
} {
  const size = [0, 0];
  if (!isTTY(descriptor) || !new TTY(descriptor).getWindowSize(size)) return {};
  const [columns, rows] = size;
  return { columns, rows };
}

/** The streams that are terminals, and their widths; each is read on demand. */
export const terminalNow = () => ({
  get stdin() {
    return isTerminal(0);
  },
  get stdout() {
    return isTerminal(1);
  },
  get stderr() {
    return isTerminal(2);
  },
  get columns() {
    return sizeIn(windowOf(1).columns) ?? sizeIn(windowOf(2).columns) ?? usual.columns;
  },
  get rows() {
    return sizeIn(windowOf(1).rows) ?? usual.rows;
  },
});

/** The size assumed for a terminal that reports none: a VT100's. */
const usual = { columns: 80, rows: 24 } as const;

/** The size that a terminal reports; null when it reports none, as a new terminal does with 0. */
export const sizeIn = (told: number | undefined): number | null =>
  told !== undefined && Number.isInteger(told) && told > 0 ? told : null;

/**
 * Makes a stream report the default size whenever its terminal reports none, also after a resize.
 */
export function assumeSize(stream: { columns?: number; rows?: number }): void {
  for (const name of ["columns", "rows"] as const) {
    let told = stream[name];
    Object.defineProperty(stream, name, {
      configurable: true,
      enumerable: true,
      get: () => sizeIn(told) ?? usual[name],
      set: (next: number | undefined) => {
        told = next;
      },
    });
  }
}

/** Makes stdout report the default size while its terminal reports none. */
export const assumeOutputSize = (): void => assumeSize(process.stdout);

/**
 * True when a terminal can only print lines (terminfo's `dumb`): no colours, no drawn questions.
 */
export const isDumb = ({ TERM }: Readonly<Record<string, string | undefined>>): boolean =>
  TERM === "dumb";

/** Reads stdin line by line; null at its end. */
export function lineReader(): () => Promise<string | null> {
  let lines: AsyncIterator<string> | null = null;
  return async () => {
    lines ??= console[Symbol.asyncIterator]();
    const line = await lines.next();
    return line.done === true ? null : line.value;
  };
}

/**
 * Reads a line of stdin after single keys were read from it: `lineReader` gets no lines from then
 * on.
 */
export function lineAfterKeys(): Promise<string | null> {
  const { stdin } = process;
  const line = Promise.withResolvers<string | null>();
  const take = (chunk: Uint8Array): void => line.resolve(new TextDecoder().decode(chunk).trimEnd());
  const end = (): void => line.resolve(null);
  stdin.once("data", take).once("end", end).resume();
  return line.promise.finally(() => stdin.off("data", take).off("end", end).pause());
}

/** Calls a handler on Ctrl-C until it is cancelled. */
export function onInterrupt(handler: () => void): () => void {
  process.on("SIGINT", handler);
  return () => process.off("SIGINT", handler);
}

/** Passes on typed keys, one by one and without an echo, until it is cancelled. */
export function onKeys(handler: (text: string) => void): () => void {
  const { stdin } = process;
  const take = (chunk: Uint8Array): void => handler(new TextDecoder().decode(chunk));
  stdin.setRawMode(true);
  stdin.on("data", take).resume();
  return () => {
    stdin.off("data", take).pause();
    stdin.setRawMode(false);
  };
}

/** Calls a handler whenever the terminal's size changes, until it is cancelled. */
export function onResize(handler: () => void): () => void {
  process.stdout.on("resize", handler);
  return () => process.stdout.off("resize", handler);
}
