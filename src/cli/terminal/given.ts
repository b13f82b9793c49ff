/**
 * Finds the text of a message or a prompt: words, standard input, a file, or lines that a
 * person types. Only the first are readable by other users of the machine.
 */

import { PeernetError } from "../../contract/errors.ts";
import type { Io } from "./io.ts";
import { note } from "./output.ts";

/** The places of a text. */
export interface TextGiven {
  readonly words: readonly string[];
  readonly file: string | null;
  /** The command line to hint at, such as `peernet send mini/hydrate`. */
  readonly line: string;
  /** Its noun, as `a message`, and its bound. */
  readonly noun: string;
  readonly bytesMax: number;
}

/** Reads the text. @throws {bad_request} when there is none, or too much, or two places have one */
export async function textOf(io: Io, given: TextGiven): Promise<string> {
  const { words, file, line, bytesMax } = given;
  const isStdin = words.length === 1 && words[0] === "-";
  // A text that is refused was readable all the same.
  if (!isStdin && words.some((word) => word.trim() !== "")) await noteTyped(io, line);
  if (file !== null && words.length > 0) {
    throw new PeernetError("bad_request", {
      message: "the text is given twice: as words, and in a file",
      hint: `${line} --file FILE`,
    });
  }
  const text =
    file !== null ? await fromFile(file, bytesMax) : isStdin ? await fromStdin(io, bytesMax) : null;
  const found = text ?? (words.length > 0 ? words.join(" ") : await typedText(io, given));
  return fitting(found, given);
}

/** Tells a person, once a day, who can read a text that is typed as an argument. */
async function noteTyped(io: Io, line: string): Promise<void> {
  if (!(await io.isTypedDue(io.clock.wallMs()))) return;
  note(io, `other users here can read a command's words while it runs; to keep them out: ${line}`);
}

async function fromFile(path: string, bytesMax: number): Promise<string> {
  try {
    // One byte over the limit shows that there is more.
    const bytes = await Bun.file(path)
      .slice(0, bytesMax + 1)
      .bytes();
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    throw new PeernetError("bad_request", {
      message: "the file cannot be read as text",
      hint: `give a readable file of UTF-8 text of at most ${bytesMax / 1_024} KiB`,
    });
  }
}

async function fromStdin(io: Io, bytesMax: number): Promise<string> {
  const lines: string[] = [];
  let bytes = 0;
  for (let line = await io.readLine(); line !== null; line = await io.readLine()) {
    lines.push(line);
    bytes += line.length + 1;
    // Text of any length may come: more than the limit is not read.
    if (bytes > bytesMax + 1) break;
  }
  return lines.join("\n");
}

function typedText(io: Io, { line, bytesMax }: TextGiven): Promise<string> {
  if (!io.terminal().stdin) {
    throw new PeernetError("bad_request", {
      message: "there is no text",
      hint: `${line} - reads it from standard input`,
    });
  }
  note(io, "the text, then Ctrl-D on a line of its own:");
  return fromStdin(io, bytesMax);
}

function fitting(text: string, { line, noun, bytesMax }: TextGiven): string {
  if (text.trim() === "") {
    throw new PeernetError("bad_request", { message: "the text is empty", hint: line });
  }
  if (text.includes("\0")) {
    throw new PeernetError("bad_request", {
      message: `${noun} is text, and this has a NUL character`,
      hint: "put it into a file of the repository, and name the file",
    });
  }
  const bytes = new TextEncoder().encode(text).length;
  if (bytes <= bytesMax) return text;
  throw new PeernetError("bad_request", {
    message: `${noun} is at most ${bytesMax / 1_024} KiB`,
    hint: "put the text into a file of the repository, and name the file",
  });
}
