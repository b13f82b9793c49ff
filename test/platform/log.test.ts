import { describe, expect, test } from "bun:test";
import {
  closeSync,
  existsSync,
  readFileSync,
  statSync,
  symlinkSync,
  writeFileSync,
  writeSync,
} from "node:fs";
import { join } from "node:path";
import { logBytesMax } from "../../src/contract/limits.ts";
import { stateFiles } from "../../src/platform/files.ts";
import { fileLog, logName, openLog } from "../../src/platform/log.ts";
import { fakeClock } from "../support/effects.ts";
import { skipUnless } from "../support/skip.ts";
import { canMount, noDisk, smallDisk } from "../support/small-disk.ts";
import { type Folder, folder, modeOf, notPrivate, refusal, under } from "./folders.ts";

/** A log in a folder of its own. */
function logged(): Folder & { readonly log: ReturnType<typeof fileLog>; readonly file: string } {
  const home = folder();
  const clock = fakeClock();
  clock.setWall(1_800_000_000_123);
  const log = fileLog(stateFiles(home.path), clock);
  return { ...home, log, file: join(home.path, logName) };
}

/** The entries of a log, one value for each line. */
const entries = (file: string): unknown[] => {
  const text = readFileSync(file, "utf8");
  expect(text).toEndWith("\n");
  return text
    .split("\n")
    .slice(0, -1)
    .map((line) => JSON.parse(line));
};

const at = "2027-01-15T08:00:00.123Z";

describe("fileLog()", () => {
  test("fileLog() writes one object a line: the instant, the level, the event, its fields", () => {
    using home = logged();
    home.log.info("started", { listen: ["127.0.0.1:7337"], count: 1 });
    home.log.warn("odd");
    home.log.error("failed", { code: "internal" });
    expect(entries(home.file)).toEqual([
      { at, level: "info", event: "started", listen: ["127.0.0.1:7337"], count: 1 },
      { at, level: "warn", event: "odd" },
      { at, level: "error", event: "failed", code: "internal" },
    ]);
  });

  const hostile = [
    "two\nlines",
    'forged\n{"at":"x","level":"info","event":"forged"}',
    "\r\u0085\u2028\u2029\v\f",
    "\u001b[2J\u001b]0;title\u0007\u009b31m",
    "\u202e\u2066\u200b\u200d\ufeff\u{e0041}",
    "\0\u007f\ud800 alone",
    "水 🚰 é",
  ];
  for (const text of hostile) {
    test(`fileLog() keeps ${JSON.stringify(text).slice(0, 40)} on one line, and all of it`, () => {
      using home = logged();
      home.log.info(text, { [text]: text, stack: [text] });
      const written = readFileSync(home.file, "utf8");
      expect(written.match(/\n/g)?.length).toBe(1);
      expect(written.trimEnd()).toMatch(/^[\p{L}\p{M}\p{N}\p{P}\p{S} ]+$/u);
      expect(written).not.toMatch(/\p{Default_Ignorable_Code_Point}|\p{Bidi_Control}/u);
      const [entry] = entries(home.file);
      expect(entry).toEqual({ at, level: "info", event: text, [text]: text, stack: [text] });
    });
  }

  test("fileLog() leaves out what looks like a token or a private key", () => {
    using home = logged();
    const token = `eyJ${"a".repeat(20)}.eyJ${"b".repeat(20)}.${"c".repeat(40)}`;
    const pem = "-----BEGIN PRIVATE KEY-----\nMC4CAQAwBQYD\n-----END PRIVATE KEY-----";
    home.log.error("crashed", { stack: `at ${token}, ${pem}, after`, cut: `${pem.slice(0, 40)}` });
    expect(readFileSync(home.file, "utf8")).not.toMatch(/eyJ|MC4C/);
    expect(entries(home.file)).toEqual([
      { at, level: "error", event: "crashed", stack: "at [token], [key], after", cut: "[key]" },
    ]);
  });

  test("fileLog() leaves out a key that is cut short inside JSON, and its line stays whole", () => {
    using home = logged();
    const begin = "-----BEGIN PRIVATE KEY-----";
    home.log.error("crashed", { stack: JSON.stringify({ key: `${begin}\nMC4C` }) });
    home.log.error("crashed", { stack: `${begin}"MC4C` });
    expect(readFileSync(home.file, "utf8")).not.toContain("MC4C");
    expect(entries(home.file)).toEqual([
      { at, level: "error", event: "crashed", stack: '{"key":"[key]' },
      { at, level: "error", event: "crashed", stack: "[key]" },
    ]);
  });

  test("fileLog() rotates past its bound, and keeps one older file", () => {
    using home = logged();
    const old = `${home.file}.old`;
    writeFileSync(home.file, `${"x".repeat(logBytesMax - 1)}\n`, { mode: 0o600 });
    home.log.info("at the bound");
    expect([existsSync(old), statSync(home.file).size > logBytesMax]).toEqual([false, true]);
    home.log.info("past it");
    expect(entries(home.file)).toEqual([{ at, level: "info", event: "past it" }]);
    expect(readFileSync(old, "utf8")).toEndWith('"event":"at the bound"}\n');
    writeFileSync(home.file, "y".repeat(logBytesMax + 1), { mode: 0o600 });
    home.log.info("once more");
    expect(readFileSync(old, "utf8")).toBe("y".repeat(logBytesMax + 1));
    expect(entries(home.file).length).toBe(1);
  });

  test("fileLog() makes its files 0600 under any umask, also after a rotation", () => {
    using home = logged();
    under(0o000, () => {
      home.log.info("first");
      writeFileSync(home.file, "x".repeat(logBytesMax + 1));
      home.log.info("second");
    });
    expect(notPrivate(home.path)).toEqual([]);
  });

  test("fileLog() refuses a log that is a symbolic link, and writes nothing behind it", () => {
    using home = folder();
    const target = join(home.path, "target");
    writeFileSync(target, "kept", { mode: 0o600 });
    symlinkSync(target, join(home.path, logName));
    const { code, message } = refusal(() => fileLog(stateFiles(home.path), fakeClock()));
    expect([code, message]).toEqual([
      "state_unsafe",
      `${join(home.path, logName)} is a symbolic link`,
    ]);
    expect(readFileSync(target, "utf8")).toBe("kept");
  });

  skipUnless(canMount, noDisk)("fileLog() is silent on a full disk, and goes on after it", () => {
    using disk = smallDisk();
    const log = fileLog(stateFiles(disk.path), fakeClock());
    disk.fill();
    log.error("lost");
    disk.free();
    log.info("found");
    expect(entries(join(disk.path, logName))).toMatchObject([{ event: "found" }]);
  });
});

describe("openLog()", () => {
  test("openLog() opens the log to append, 0600 from its making", () => {
    using home = folder();
    const file = join(home.path, logName);
    under(0o000, () => {
      for (const text of ["one\n", "two\n"]) {
        const descriptor = openLog(stateFiles(home.path));
        writeSync(descriptor, text);
        closeSync(descriptor);
      }
    });
    expect([readFileSync(file, "utf8"), modeOf(file)]).toEqual(["one\ntwo\n", "0600"]);
  });

  test("openLog() refuses a log that is open to others", () => {
    using home = folder();
    writeFileSync(join(home.path, logName), "", { mode: 0o644 });
    expect(refusal(() => openLog(stateFiles(home.path))).code).toBe("state_unsafe");
  });
});
