/** The allow-list printer: nothing from elsewhere moves a cursor, a direction or a model. */

import { describe, expect, test } from "bun:test";
import { printable, printableJson } from "../../../src/contract/text/printable.ts";
import { seededRandom } from "../../support/effects.ts";

const replaced = "\ufffd";

/** Text that a terminal or a model could obey, by its kind. */
const corpus: Readonly<Record<string, string>> = {
  "CSI colour": "\u001b[31m",
  "CSI clear screen": "\u001b[2J",
  "CSI cursor up": "\u001b[1A",
  "OSC title": "\u001b]0;owned\u0007",
  "OSC 8 link": "\u001b]8;;http://evil\u001b\\",
  "OSC 52 clipboard": "\u001b]52;c;ZXZpbA==\u0007",
  DCS: "\u001bP+q\u001b\\",
  APC: "\u001b_x\u001b\\",
  PM: "\u001b^x\u001b\\",
  "C1 CSI": "\u009b31m",
  "C1 OSC": "\u009d0;x\u009c",
  BS: "abc\b\b\bxyz",
  BEL: "\u0007",
  NUL: "\0",
  DEL: "\u007f",
  "shift out": "\u000e",
  "vertical tab": "\u000b",
  "form feed": "\u000c",
  "left-to-right mark": "\u200e",
  "right-to-left mark": "\u200f",
  "Arabic letter mark": "\u061c",
  embedding: "\u202a\u202b\u202c",
  override: "\u202d\u202e",
  isolate: "\u2066\u2067\u2068\u2069",
  "zero-width space": "\u200b",
  "zero-width non-joiner": "\u200c",
  "zero-width joiner": "\u200d",
  "word joiner": "\u2060",
  "invisible operators": "\u2061\u2062\u2063\u2064",
  "byte order mark": "\ufeff",
  "soft hyphen": "\u00ad",
  "combining grapheme joiner": "\u034f",
  "Mongolian vowel separator": "\u180e",
  "Hangul filler": "\u3164",
  "half-width Hangul filler": "\uffa0",
  "variation selector": "\ufe0f",
  "variation selector supplement": "\u{e0100}",
  tags: "\u{e0001}\u{e0041}\u{e007f}",
  "interlinear annotation": "\ufff9\ufffa\ufffb",
  "private use": "\ue000\u{f0000}\u{10fffd}",
  unassigned: "\u0378\u{10ffff}",
  "non-character": "\ufdd0\uffff",
  "lone surrogate": "\ud800",
};

const allowed = /^[\p{L}\p{M}\p{N}\p{P}\p{S} ]*$/u;
const obeyed = /[\p{Cc}\p{Cf}\p{Cs}\p{Co}\p{Cn}\p{Default_Ignorable_Code_Point}\p{Bidi_Control}]/u;

describe("printable()", () => {
  for (const [what, text] of Object.entries(corpus)) {
    test(`replaces what is obeyed in ${what}`, () => {
      const shown = printable(`a${text}b`);
      expect(shown).toMatch(allowed);
      expect(shown).not.toMatch(obeyed);
      expect(shown).toContain(replaced);
      expect(shown.startsWith("a")).toBe(true);
      expect(shown.endsWith("b")).toBe(true);
    });
  }

  test("makes one line of several, and one space of white ones", () => {
    expect(printable("a\nb\r\nc\td\u2028e\u2029f\u00a0g\u3000h")).toBe("a b c d e f g h");
    expect(printable("a\r   b")).toBe("a b");
    expect(printable("a\u0085b")).toBe(`a${replaced}b`);
  });

  test("keeps what people write", () => {
    for (const text of [
      "hydrate",
      "Grüße, 世界!",
      "שלום",
      "e\u0301",
      "fix(a): b → c ✓",
      "🦀 {}[]",
    ]) {
      expect(printable(text)).toBe(text);
    }
    expect(printable("")).toBe("");
  });

  test("cuts marks that pile up after the fourth", () => {
    const mark = "\u0301";
    expect(printable(`a${mark.repeat(4)}`)).toBe(`a${mark.repeat(4)}`);
    expect(printable(`a${mark.repeat(500)}b`)).toBe(`a${mark.repeat(4)}b`);
  });

  test("is stable: printing twice is printing once", () => {
    for (const text of Object.values(corpus)) {
      expect(printable(printable(text))).toBe(printable(text));
    }
  });

  test("lets no code point pass that is obeyed, of all there are", () => {
    for (let from = 0; from < 0x110000; from += 0x1000) {
      const points = Array.from({ length: 0x1000 }, (_, at) => String.fromCodePoint(from + at));
      expect(obeyed.test(printable(points.join("|")))).toBe(false);
    }
  });
});

describe("printableJson()", () => {
  for (const [what, text] of Object.entries(corpus)) {
    test(`escapes ${what} and loses nothing`, () => {
      const value = { [`key ${text}`]: [`a${text}b`, 1, null, true] };
      const json = printableJson(value);
      expect(json).toMatch(allowed);
      expect(json).not.toMatch(obeyed);
      expect(JSON.parse(json)).toEqual(value);
    });
  }

  test("writes plain JSON as JSON.stringify() does", () => {
    const value = { a: ["é", "🦀", '"\\/', 1.5, { b: null }], "": -0 };
    expect(printableJson(value)).toBe(JSON.stringify(value));
  });

  test("stays on one line whatever it holds", () => {
    const value = "a\nb\r\u2028\u2029\u0085c";
    expect(printableJson(value)).not.toMatch(/[\n\r\u2028\u2029\u0085]/);
    expect(JSON.parse(printableJson(value))).toBe(value);
  });
});

test("printable() prints plain text as it prints any other, with one space for several", () => {
  const characters = ' abz~!09\u00b7\u2013\u2026"\\';
  const random = seededRandom(11);
  for (let at = 0; at < 2_000; at += 1) {
    const length = random.integer(12);
    const plain = Array.from({ length }, () => characters[random.integer(characters.length)]);
    const text = plain.join("");
    // A letter of another script makes the same text take the other way.
    expect(`${printable(text)}\u00e9`).toBe(printable(`${text}\u00e9`));
    expect(`${printableJson(text).slice(0, -1)}\u00e9"`).toBe(printableJson(`${text}\u00e9`));
  }
});
