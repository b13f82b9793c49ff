/** Writing to the standard streams: whole, in order, for slow readers and for those that leave. */

import { afterAll, expect, test } from "bun:test";
import {
  closeSync,
  constants,
  mkdtempSync,
  openSync,
  readFileSync,
  readSync,
  rmSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { seededRandom } from "../../support/effects.ts";
import { until } from "../../support/until.ts";

type Written = readonly [descriptor: 1 | 2, character: string, length: number];

const folder = mkdtempSync(join(tmpdir(), "peernet-outputs-"));
afterAll(() => rmSync(folder, { recursive: true }));

const command = (texts: readonly Written[], pauses = ""): string[] => [
  process.execPath,
  join(import.meta.dir, "writer.ts"),
  JSON.stringify(texts),
  pauses,
];

const joined = (texts: readonly Written[]): string =>
  texts.map(([, character, length]) => `${character.repeat(length)}\n`).join("");

/** Texts of every length around the bound of a whole write, to one or both streams. */
function drawn(seed: number, descriptors: readonly (1 | 2)[]): readonly Written[] {
  const random = seededRandom(seed);
  const lengths = [0, 1, 511, 512, 4_094, 4_095, 4_096, 4_097, 70_000];
  return Array.from({ length: 24 }, (_, at) => [
    descriptors[random.integer(descriptors.length)] ?? 1,
    String.fromCharCode(97 + at),
    lengths[random.integer(lengths.length)] ?? 0,
  ]);
}

test("outputs() keeps the order of all texts, across both streams", () => {
  for (const [seed, pauses] of [
    [1, ""],
    [2, "pauses"],
    [3, ""],
  ] as const) {
    const texts = drawn(seed, [1, 2]);
    const path = join(folder, `order-${seed}`);
    const file = openSync(path, "a");
    const { exitCode } = Bun.spawnSync(command(texts, pauses), { stdout: file, stderr: file });
    closeSync(file);
    expect([exitCode, readFileSync(path, "utf8")]).toEqual([0, joined(texts)]);
  }
});

test("outputs() adds to a file that is there, and to what others write to it meanwhile", () => {
  const texts: readonly (readonly Written[])[] = [
    [],
    [[1, "a", 0]],
    [[1, "a", 2_000]],
    [[2, "a", 2_000]],
    [[1, "a", 70_000]],
  ];
  for (const [index, each] of texts.entries()) {
    for (const [at, redirect] of [">>", ">"].entries()) {
      const path = join(folder, `file-${index}-${at}`);
      const script = `{ echo first; "$@"; echo last; } ${redirect} "${path}" 2>&1`;
      Bun.spawnSync(["sh", "-c", `echo kept > "${path}"`]);
      Bun.spawnSync(["sh", "-c", script, "sh", ...command(each)]);
      const kept = redirect === ">>" ? "kept\n" : "";
      expect(readFileSync(path, "utf8") === `${kept}first\n${joined(each)}last\n`).toBe(true);
    }
  }
});

test("outputs() writes nothing for an empty text, and leaves the file as it is", () => {
  const path = join(folder, "empty");
  const script = `echo kept > "${path}"; "$@" >> "${path}" 2>> "${path}"`;
  const empty = [process.execPath, join(import.meta.dir, "writer.ts"), "[]", "empty"];
  Bun.spawnSync(["sh", "-c", script, "sh", ...empty]);
  expect(readFileSync(path, "utf8")).toBe("kept\n");
});

/** A FIFO whose writing end never blocks, and what a slow reader gets of it. */
async function throughFifo(texts: readonly Written[]) {
  const path = join(folder, `fifo-${texts.length}-${texts[0]?.[2]}`);
  Bun.spawnSync(["mkfifo", path]);
  const reader = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
  const writer = openSync(path, constants.O_WRONLY | constants.O_NONBLOCK);
  const child = Bun.spawn(command(texts), { stdout: writer, stderr: "pipe" });
  closeSync(writer);
  const chunk = Buffer.alloc(16_384);
  let text = "";
  await until("the end of the pipe", () => {
    try {
      const size = readSync(reader, chunk);
      text += chunk.toString("utf8", 0, size);
      return size === 0 && child.exitCode !== null;
    } catch {
      // Empty for the moment.
      return false;
    }
  });
  closeSync(reader);
  return { exit: await child.exited, text };
}

test("outputs() writes all of it, once, into a full pipe that never blocks", async () => {
  const short: readonly Written[] = Array.from({ length: 60 }, (_, at) => [
    1,
    String.fromCharCode(97 + (at % 26)),
    4_000,
  ]);
  for (const texts of [short, drawn(4, [1]), drawn(5, [1])]) {
    const { exit, text } = await throughFifo(texts);
    expect(exit).toBe(0);
    expect(text === joined(texts)).toBe(true);
  }
});

test("outputs() leaves a pipe as it was: it blocks for its next writer", () => {
  const path = join(folder, "flags");
  Bun.spawnSync(["mkfifo", path]);
  const both = openSync(path, constants.O_RDWR);
  Bun.spawnSync(command([[1, "a", 10]]), { stdout: both, stderr: both });
  const flags = /flags:\s*0?([0-7]+)/.exec(readFileSync(`/proc/self/fdinfo/${both}`, "utf8"))?.[1];
  closeSync(both);
  expect(Number.parseInt(flags ?? "", 8) & constants.O_NONBLOCK).toBe(0);
});

test("outputs() calls onGone when the reader of a stream has gone", () => {
  for (const length of [10, 500_000]) {
    const path = join(folder, `gone-${length}`);
    Bun.spawnSync(["mkfifo", path]);
    const reader = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
    const writer = openSync(path, constants.O_WRONLY);
    closeSync(reader);
    const { exitCode } = Bun.spawnSync(command([[1, "a", length]]), { stdout: writer });
    closeSync(writer);
    expect(exitCode).toBe(7);
  }
});

test("flushed() throws the system's reason when a stream takes no more", () => {
  for (const length of [10, 500_000]) {
    const full = openSync("/dev/full", "w");
    const { exitCode, stderr } = Bun.spawnSync(command([[1, "a", length]]), { stdout: full });
    closeSync(full);
    expect([exitCode, stderr.toString()]).toEqual([9, "failed: ENOSPC\n"]);
  }
});
