import { describe, expect, test } from "bun:test";
import { Name } from "../../../src/contract/terms.ts";
import {
  freeName,
  isPlaceholder,
  placeholderName,
  shownName,
  slug,
} from "../../../src/core/peers/naming.ts";
import { type Draw, histories, historiesMs } from "../../support/histories.ts";

/** Any text: plain letters, letters of the world, marks, controls, halves of pairs. */
function anyText(draw: Draw): string {
  const kinds = [
    () => draw.pick([..."aZ09-_. /é水ß"]),
    () => String.fromCodePoint(draw.below(0x300)),
    () => String.fromCharCode(draw.below(0x1_0000)),
    () => String.fromCodePoint(draw.below(0x11_0000)),
    () => draw.pick(["\u202e", "\u200d", "\u0301", "\0", "..", "-rf", "℡", "ﬁ", "Ⅷ"]),
  ];
  return Array.from({ length: draw.below(60) }, () => draw.pick(kinds)()).join("");
}

describe("slug()", () => {
  const slugs: readonly (readonly [folder: string, expected: string])[] = [
    ["hydrate", "hydrate"],
    ["My App", "my-app"],
    ["Straße_42.web", "stra-e-42-web"],
    ["Crème Brûlée", "creme-brulee"],
    ["--x--", "x"],
    ["a  b__c", "a-b-c"],
    ["ＷＩＤＥ", "wide"],
    ["-rf", "rf"],
    ["..", "session"],
    ["", "session"],
    ["水", "session"],
    ["\u202e\u200d\0", "session"],
    ["а", "session"],
    ["x".repeat(31), "x".repeat(31)],
    ["x".repeat(32), "x".repeat(31)],
    [`${"x".repeat(30)}-y`, "x".repeat(30)],
    [`${"x".repeat(29)}-y`, `${"x".repeat(29)}-y`],
  ];
  for (const [folder, expected] of slugs) {
    test(`slug() makes ${expected} of ${JSON.stringify(folder)}`, () => {
      expect(slug(folder)).toBe(expected);
    });
  }

  test(
    "slug() makes a name of any text, and of a name without end hyphens itself",
    async () => {
      await histories(20_000, (draw) => {
        const made = slug(anyText(draw));
        if (!Name.safeParse(made).success) throw new Error(`not a name: ${made}`);
        if (slug(made) !== made) throw new Error(`${made} is made ${slug(made)}`);
      });
    },
    historiesMs,
  );
});

describe("freeName()", () => {
  test("freeName() is the name itself when nobody has it", () => {
    expect(freeName("mini", new Set())).toBe("mini");
    expect(freeName("mini", new Set(["mini-2"]))).toBe("mini");
  });

  test("freeName() counts from 2 to the first that is free", () => {
    expect(freeName("mini", new Set(["mini"]))).toBe("mini-2");
    expect(freeName("mini", new Set(["mini", "mini-2"]))).toBe("mini-3");
    expect(freeName("mini", new Set(["mini", "mini-3"]))).toBe("mini-2");
    expect(freeName("mini-2", new Set(["mini-2"]))).toBe("mini-2-2");
  });

  test("freeName() cuts a long name so that its number fits", () => {
    const long = "x".repeat(31);
    expect(freeName(long, new Set([long]))).toBe(`${"x".repeat(29)}-2`);
    const many = new Set([
      long,
      ...Array.from({ length: 8 }, (_, at) => `${"x".repeat(29)}-${at + 2}`),
    ]);
    expect(freeName(long, many)).toBe(`${"x".repeat(28)}-10`);
    const hyphened = `${"x".repeat(28)}-yz`;
    expect(freeName(hyphened, new Set([hyphened]))).toBe(`${"x".repeat(28)}-2`);
  });

  test(
    "freeName() gives a free name, whichever names are held",
    async () => {
      await histories(2_000, (draw) => {
        const held = new Set<string>();
        const start = draw.pick(["a", "a-2", "x".repeat(31), `${"x".repeat(28)}-yz`, "0-"]);
        for (let count = draw.below(40); count > 0; count -= 1) held.add(freeName(start, held));
        for (const name of [...held]) if (draw.oneIn(4)) held.delete(name);
        const free = freeName(draw.pick([start, ...held]), held);
        expect([held.has(free), Name.safeParse(free).success]).toEqual([false, true]);
      });
    },
    historiesMs,
  );
});

describe("placeholderName()", () => {
  test("placeholderName() is a name of eight hexadecimal digits, and known as one", () => {
    const name = placeholderName(Uint8Array.of(0x00, 0xab, 0xcd, 0xef, 0x99));
    expect(name).toBe("unnamed-00abcdef");
    expect([isPlaceholder(name), Name.safeParse(name).success]).toEqual([true, true]);
  });

  test("shownName() is the name, or without one the beginning of the fingerprint", () => {
    const fingerprint = `sha256:AbCdEfGhIj${"A".repeat(33)}`;
    expect(shownName({ name: "unnamed-00abcdef", fingerprint })).toBe("sha256:AbCdEfGh");
    expect(shownName({ name: "mini", fingerprint })).toBe("mini");
  });

  test("isPlaceholder() is false for names that only look like one", () => {
    const names = ["unnamed", "unnamed-00abcde", "unnamed-00abcdef0", "unnamed-00abcdeg", "x"];
    expect(names.filter(isPlaceholder)).toEqual([]);
  });
});
