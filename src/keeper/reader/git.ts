/**
 * Objects of one repository, by two processes of `git cat-file` that start before the last doors
 * shut. Asks for an object's size before its content. Knows nothing of paths.
 */

import { readerGitBytesMax } from "../../contract/reads/limits.ts";
import { limitChild } from "../../platform/sandbox/limits.ts";

/** The head of an object. */
export interface ObjectHead {
  readonly type: string;
  readonly bytes: number;
}

/** An object of bounded size. */
export interface GitObject extends ObjectHead {
  readonly body: Buffer;
}

/** Answers come in the order of the questions; several may be asked before the first is read. */
export interface Objects {
  /** Types and sizes of objects; null for one that is not there. */
  heads(names: readonly string[]): Promise<readonly (ObjectHead | null)[]>;
  /** Contents of objects, each of which the caller knows to be small enough. */
  contents(names: readonly string[]): AsyncGenerator<GitObject | null>;
}

/** Places of the objects. */
export interface ObjectPlaces {
  readonly git: string;
  readonly shell: string;
  readonly objects: readonly string[];
}

/** Starts git. @throws when it cannot start, or cannot be limited */
export function openObjects({ git, shell, objects }: ObjectPlaces): Objects {
  const [own = "", ...others] = objects;
  const environment = {
    ...{ PATH: "/usr/bin:/bin", HOME: "/nonexistent", LC_ALL: "C" },
    ...{ GIT_DIR: shell, GIT_OBJECT_DIRECTORY: own },
    ...(others.length === 0 ? {} : { GIT_ALTERNATE_OBJECT_DIRECTORIES: others.join(":") }),
    ...{ GIT_CONFIG_NOSYSTEM: "1", GIT_CONFIG_GLOBAL: "/dev/null", GIT_CONFIG_SYSTEM: "/dev/null" },
    ...{ GIT_NO_LAZY_FETCH: "1", GIT_ALLOW_PROTOCOL: "none", GIT_NO_REPLACE_OBJECTS: "1" },
    ...{ GIT_OPTIONAL_LOCKS: "0", GIT_TERMINAL_PROMPT: "0", GIT_ATTR_NOSYSTEM: "1" },
    ...{ GIT_CEILING_DIRECTORIES: "/" },
  };
  const start = (mode: string) => {
    const child = Bun.spawn([git, "cat-file", mode], {
      ...{ cwd: "/", env: environment, stdin: "pipe", stdout: "pipe", stderr: "ignore" },
    });
    limitChild(child.pid, "data", readerGitBytesMax);
    return {
      ask: (names: readonly string[]): void => {
        child.stdin.write(names.map((name) => `${name}\n`).join(""));
        child.stdin.flush();
      },
      answers: bytesOf(child.stdout),
    };
  };
  const [checking, reading] = [start("--batch-check"), start("--batch")];
  return {
    heads: async (names) => {
      const heads: (ObjectHead | null)[] = [];
      for (const some of portions(names, 4_096)) {
        checking.ask(some);
        for (const _ of some) heads.push(headOf(await checking.answers.line()));
      }
      return heads;
    },
    contents: async function* (names) {
      // Few at a time: git must not fill the pipe while nobody reads.
      for (const some of portions(names, 64)) {
        reading.ask(some);
        for (const _ of some) {
          const head = headOf(await reading.answers.line());
          if (head === null) yield null;
          else {
            const body = (await reading.answers.take(head.bytes + 1)).subarray(0, -1);
            yield { ...head, body };
          }
        }
      }
    },
  };
}

/** Reads `NAME TYPE SIZE`; null for `NAME missing`. */
function headOf(line: string): ObjectHead | null {
  const [, type, bytes] = /^[0-9a-f]+ (\w+) (\d+)$/.exec(line) ?? [];
  return type === undefined ? null : { type, bytes: Number(bytes) };
}

function* portions<T>(all: readonly T[], size: number): Generator<readonly T[]> {
  for (let at = 0; at < all.length; at += size) yield all.slice(at, at + size);
}

const lineFeed = 10;

/** The bytes of a stream, by lines and by lengths. */
function bytesOf(stream: ReadableStream<Uint8Array<ArrayBuffer>>) {
  const reader = stream.getReader();
  let held: Buffer = Buffer.alloc(0);
  const more = async (): Promise<Buffer> => {
    const { value, done } = await reader.read();
    if (done) throw new Error("git has ended");
    return Buffer.from(value.buffer, value.byteOffset, value.length);
  };
  const take = async (length: number): Promise<Buffer> => {
    const parts = [held];
    let size = held.length;
    while (size < length) {
      const part = await more();
      parts.push(part);
      size += part.length;
    }
    const all = parts.length === 1 ? held : Buffer.concat(parts);
    held = all.subarray(length);
    return all.subarray(0, length);
  };
  const line = async (): Promise<string> => {
    let end = held.indexOf(lineFeed);
    while (end < 0) {
      held = Buffer.concat([held, await more()]);
      end = held.indexOf(lineFeed);
    }
    const text = held.toString("latin1", 0, end);
    held = held.subarray(end + 1);
    return text;
  };
  return { take, line };
}
