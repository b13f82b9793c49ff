/** The search in a client's record: right results, and an honest end for anything that is none. */

import { describe, expect, test } from "bun:test";
import {
  appendFileSync,
  chownSync,
  ftruncateSync,
  mkdtempSync,
  openSync,
  rmSync,
  symlinkSync,
  writeFileSync,
  writeSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { recordBytesMax } from "../../src/contract/delivery/limits.ts";
import { searchRecord } from "../../src/keeper/record-search.ts";
import { skipUnless } from "../support/skip.ts";

const asRoot = skipUnless(process.geteuid?.() === 0, "another user's file needs root");
const nonce = "pnr-0123456789abcdef";

const folder = (): { readonly path: string } & Disposable => {
  const path = mkdtempSync(join(tmpdir(), "peernet-record-"));
  return { path, [Symbol.dispose]: () => rmSync(path, { recursive: true, force: true }) };
};

test("searchRecord() finds a nonce from a byte on, and none before it", () => {
  using at = folder();
  const path = join(at.path, "record.jsonl");
  writeFileSync(path, `{"result":"${nonce}"}\n`);
  const mark = Bun.file(path).size;
  expect(searchRecord({ path, from: 0, nonce })).toBe("there");
  expect(searchRecord({ path, from: mark, nonce })).toBe("not_there");
  appendFileSync(path, "more\n");
  expect(searchRecord({ path, from: mark, nonce })).toBe("not_there");
  appendFileSync(path, `{"result":"${nonce}"}\n`);
  expect(searchRecord({ path, from: mark, nonce })).toBe("there");
});

test("searchRecord() searches a record that was written again from its beginning", () => {
  using at = folder();
  const path = join(at.path, "record.jsonl");
  writeFileSync(path, `{"result":"${nonce}"}\n`);
  expect(searchRecord({ path, from: 1_000, nonce })).toBe("there");
});

test("searchRecord() finds a nonce wherever it lies across the parts that are read", () => {
  using at = folder();
  const path = join(at.path, "record.jsonl");
  for (const before of [0, 1, 19, 20, 21]) {
    writeFileSync(path, `${"x".repeat(1_048_576 - before)}${nonce}`);
    expect([before, searchRecord({ path, from: 0, nonce })]).toEqual([before, "there"]);
  }
});

describe("searchRecord(), in a record of Codex,", () => {
  const at = '{"timestamp":"2026-11-30T20:32:54.330Z","ordinal":282,"type":';
  const note = `{"type":"item_completed","text":"${nonce} ${nonce}"}`;
  const event = `${at}"event_msg","payload":${note}}\n`;
  const item = `${at}"response_item","payload":{"type":"function_call_output","o":"${nonce}"}}\n`;
  const other = `${at}"event_msg","payload":{"type":"token_count"}}\n`;

  for (const [what, text, result] of [
    ["the conversation alone", item, "there"],
    ["the note that the tool has ended alone", event, "not_there"],
    ["that note, an earlier version's", event.replace('"ordinal":282,', ""), "not_there"],
    ["that note at the end, cut", event.slice(0, -4), "not_there"],
    ["both", `${event}${item}`, "there"],
    ["many notes", event.repeat(50), "not_there"],
    ["both, far apart", `${event}${other.repeat(40_000)}${item}`, "there"],
    ["a long note", event.replace(nonce, `${"x".repeat(2_500_000)}${nonce}`), "not_there"],
  ] as const) {
    test(`finds the nonce in ${what}: ${result}`, () => {
      using folded = folder();
      const path = join(folded.path, "record.jsonl");
      writeFileSync(path, `${other}${text}`);
      expect(searchRecord({ path, from: other.length, nonce })).toBe(result);
    });
  }
});

test("searchRecord() proves nothing by a record that is missing, or no file", () => {
  using at = folder();
  const record = join(at.path, "record.jsonl");
  writeFileSync(record, nonce);
  const link = join(at.path, "link");
  symlinkSync(record, link);
  const pipe = join(at.path, "pipe");
  Bun.spawnSync(["mkfifo", pipe]);
  for (const path of [join(at.path, "none"), link, pipe, at.path, "/dev/zero"]) {
    expect([path, searchRecord({ path, from: 0, nonce })]).toEqual([path, "unreadable"]);
  }
});

test("searchRecord() reads 8 MiB of a record of 1 GB, and proves nothing by more", () => {
  using at = folder();
  const path = join(at.path, "record.jsonl");
  const descriptor = openSync(path, "w");
  ftruncateSync(descriptor, 1_073_741_824);
  const end = 1_073_741_824;
  writeSync(descriptor, nonce, end - nonce.length);
  const startedMs = performance.now();
  expect(searchRecord({ path, from: 0, nonce })).toBe("unreadable");
  expect(searchRecord({ path, from: end - recordBytesMax - 1, nonce })).toBe("unreadable");
  expect(searchRecord({ path, from: end - recordBytesMax, nonce })).toBe("there");
  expect(performance.now() - startedMs).toBeLessThan(2_000);
});

asRoot("searchRecord() opens no other user's record", () => {
  using at = folder();
  const path = join(at.path, "record.jsonl");
  writeFileSync(path, nonce);
  chownSync(path, 65_534, 65_534);
  expect(searchRecord({ path, from: 0, nonce })).toBe("unreadable");
});
