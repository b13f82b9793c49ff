import { expect, test } from "bun:test";
import { isHandle, isName, parsePairingCode, scopesOf } from "../../src/cli/frame/grammar.ts";
import { nearest } from "../../src/cli/frame/suggest.ts";
import { counted, cut, widthOf, wrap } from "../../src/cli/terminal/text.ts";
import { HandleOrMachine, Name, PairingCode, Scope } from "../../src/contract/terms.ts";
import { grouped } from "../../src/contract/text/numeral.ts";
import { ageText, ago, left, listed, took } from "../../src/contract/text/words.ts";

const second = 1_000;
const minute = 60 * second;
const hour = 60 * minute;
const day = 24 * hour;

test("ageText() is one unit, rounded down, on both sides of every boundary", () => {
  const ages: readonly (readonly [number, string])[] = [
    [0, "now"],
    [5 * second - 1, "now"],
    [5 * second, "5 s"],
    [12_999, "12 s"],
    [minute - 1, "59 s"],
    [minute, "1 min"],
    [2 * minute - 1, "1 min"],
    [hour - 1, "59 min"],
    [hour, "1 h"],
    [day - 1, "23 h"],
    [day, "1 d"],
    [3 * day + 23 * hour, "3 d"],
    [400 * day, "400 d"],
  ];
  for (const [ms, words] of ages) expect([ms, ageText(ms)]).toEqual([ms, words]);
});

test("ago() says now for what is now", () => {
  expect([ago(4_999), ago(5_000)]).toEqual(["now", "5 s ago"]);
});

test("left() is minutes and seconds, and never less than nothing", () => {
  expect([120_000, 119_999, 112_000, 60_000, 59_999, 999, 0, -5_000].map(left)).toEqual([
    "2:00",
    "1:59",
    "1:52",
    "1:00",
    "0:59",
    "0:00",
    "0:00",
    "0:00",
  ]);
});

test("took() has the precision that matters", () => {
  expect([0, 0.6, 1, 12.4, 999, 1_000, 1_249].map(took)).toEqual([
    "under 1 ms",
    "under 1 ms",
    "1 ms",
    "12 ms",
    "999 ms",
    "1.0 s",
    "1.2 s",
  ]);
});

test("widthOf() counts wide characters twice and combining marks not at all", () => {
  expect(["abc", "日本", "e\u0301", "…", "\ufffd"].map(widthOf)).toEqual([3, 4, 1, 1, 1]);
});

test("cut() keeps what fits and ends the rest in an ellipsis", () => {
  expect(cut("hydrate", 7)).toBe("hydrate");
  expect(cut("hydrate", 6)).toBe("hydra…");
  expect(cut("hydrate", 1)).toBe("…");
  expect(cut("hydrate", 0)).toBe("");
  expect(cut("日本語", 6)).toBe("日本語");
  expect(cut("日本語", 5)).toBe("日本…");
  expect(cut("日本語", 4)).toBe("日…");
});

test("wrap() breaks between words, and inside one that alone is too long", () => {
  expect(wrap("port the sync client", 8)).toEqual(["port the", "sync", "client"]);
  expect(wrap("abcdefgh ij", 3)).toEqual(["abc", "def", "gh", "ij"]);
  expect(wrap("日本語", 1)).toEqual(["日", "本", "語", ""]);
  expect(wrap("", 8)).toEqual([""]);
});

test("counted(), grouped() and listed() read as a person would write", () => {
  expect([counted(0, "record"), counted(1, "record"), counted(1_204, "record")]).toEqual([
    "0 records",
    "1 record",
    "1,204 records",
  ]);
  expect([999, 1_000, 1_234_567].map(grouped)).toEqual(["999", "1,000", "1,234,567"]);
  expect([[], ["a"], ["a", "b"], ["a", "b", "c"]].map(listed)).toEqual([
    "",
    "a",
    "a and b",
    "a, b and c",
  ]);
});

test("nearest() forgives two slips, but less than half of the word", () => {
  const known = ["status", "start", "stop", "ask", "audit", "peers"];
  const meant: readonly (readonly [string, string | null])[] = [
    ["statsu", "status"],
    ["sttaus", "status"],
    ["statuses", "status"],
    ["ststu", "status"],
    ["aks", "ask"],
    ["asks", "ask"],
    ["peer", "peers"],
    ["audti", "audit"],
    ["", null],
    ["x", null],
    ["discover", null],
    ["zzzzzz", null],
  ];
  for (const [word, found] of meant) expect([word, nearest(word, known)]).toEqual([word, found]);
});

test("isHandle() tells what the schema of an ask tells", () => {
  const half = "a".repeat(31);
  const corpus = [
    ...["hydrate", "mini/hydrate", "mini/", "0", "a-b/c-d", `${half}/${half}`, half, "a--", "2/2"],
    ...["/", "/hydrate", "mini//", "mini/a/b", "Mini/hydrate", "-a", "mini/-a", "..", "a.b"],
    ...[`${half}a`, `${half}a/b`, "mini/\u0441", "mini/a\u200d", "mini/a\n", "a b", "-rf", "a\0"],
  ];
  for (const word of corpus) {
    expect([word, isHandle(word)]).toEqual([word, HandleOrMachine.safeParse(word).success]);
  }
  // The schema takes it; as a word it is none: no word at all asks everyone.
  expect(isHandle("")).toBe(false);
});

test("isName() tells what the schema of a name tells, and no address with a dot or a colon", () => {
  const longest = "a".repeat(31);
  const names = ["mini", "0", "a-b", "a--", longest];
  const others = [`${longest}a`, "Mini", "-a", "", "a/b", "a b", "mini\n", "m\u0456ni"];
  const addresses = ["192.0.2.7", "mini.local", "mini:7337", "fd7a::1", "[fd7a::1]:7337"];
  for (const word of [...names, ...others, ...addresses]) {
    expect([word, isName(word)]).toEqual([word, names.includes(word)]);
    expect([word, Name.safeParse(word).success]).toEqual([word, isName(word)]);
  }
});

test("parsePairingCode() reads what the schema of a code reads", () => {
  const corpus = ["027674", "027-674", " 0 2 7-6 7 4 ", "02767", "0276741", "02767a", "", "٠٢٧٦٧٤"];
  for (const text of corpus) {
    const parsed = PairingCode.safeParse(text);
    expect([text, parsePairingCode(text)]).toEqual([text, parsed.success ? parsed.data : null]);
  }
});

test("scopesOf() takes every scope that is built, none, and no other", () => {
  expect(scopesOf(Scope.options.join(","))).toEqual([...Scope.options]);
  expect(scopesOf("ask,ask")).toEqual(["ask"]);
  expect(scopesOf("none")).toEqual([]);
  for (const word of ["run", "ask,run", "", "none,ask", "ASK"]) {
    expect(() => scopesOf(word)).toThrow(/^this version has no scope/);
  }
});
