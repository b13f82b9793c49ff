/** The framing of values before they are hashed, against the draft's own vectors. */

import { describe, expect, test } from "bun:test";
import {
  base64url,
  concatenate,
  framer,
  fromBase64url,
  hex,
  lv,
} from "../../../src/contract/text/encoding.ts";

const counting = (length: number): Uint8Array => Uint8Array.from({ length }, (_, at) => at % 256);
const prefixOf = (length: number): string => {
  const framed = lv(new Uint8Array(length));
  return hex(framed.subarray(0, framed.length - length));
};

describe("lv()", () => {
  // draft-irtf-cfrg-cpace, "Definition of prepend_len(octet_string)" and "lv_cat": test vectors.
  test("prepends lengths as the draft does", () => {
    expect(hex(lv(""))).toBe("00");
    expect(hex(lv("1234"))).toBe("0431323334");
    expect(hex(lv(counting(127)))).toBe(`7f${hex(counting(127))}`);
    expect(hex(lv(counting(128)))).toBe(`8001${hex(counting(128))}`);
    expect(hex(lv("1234", "5", "", "678"))).toBe("04313233340135000336" + "3738");
  });

  test("writes lengths as unsigned LEB128 on both sides of each byte", () => {
    expect(prefixOf(0)).toBe("00");
    expect(prefixOf(127)).toBe("7f");
    expect(prefixOf(128)).toBe("8001");
    expect(prefixOf(16_383)).toBe("ff7f");
    expect(prefixOf(16_384)).toBe("808001");
    expect(prefixOf(2_097_151)).toBe("ffff7f");
    expect(prefixOf(2_097_152)).toBe("80808001");
  });

  test("counts bytes of UTF-8, not characters", () => {
    expect(hex(lv("é"))).toBe("02c3a9");
    expect(hex(lv("🦀"))).toBe("04f09fa680");
  });

  test("tells apart what joining would not", () => {
    expect(hex(lv("ab", "c"))).not.toBe(hex(lv("a", "bc")));
    expect(hex(lv("a", ""))).not.toBe(hex(lv("a")));
    expect(hex(lv("", "a"))).not.toBe(hex(lv("a", "")));
    expect(lv()).toEqual(new Uint8Array(0));
  });
});

describe("framer()", () => {
  test("frames as lv() does, one message after another", () => {
    const gathered = framer();
    const messages = [["a", "bc"], ["é".repeat(300)], [], ["x".repeat(128), counting(5), "é"]];
    for (const message of [...messages, ...messages]) {
      gathered.begin();
      for (const part of message) gathered.add(part);
      expect(hex(gathered.bytes())).toBe(hex(lv(...message)));
    }
  });

  test("counts a mark as the first byte of its part", () => {
    const gathered = framer();
    for (const text of ["", "a", "é", "x".repeat(127), "é".repeat(64), "x".repeat(40_000)]) {
      gathered.begin();
      gathered.add("before");
      gathered.add(text, 7);
      expect(hex(gathered.bytes())).toBe(hex(lv("before", `\u0007${text}`)));
    }
  });
});

test("concatenate() joins in order", () => {
  expect(hex(concatenate([counting(2), new Uint8Array(0), counting(3)]))).toBe("0001000102");
  expect(concatenate([])).toEqual(new Uint8Array(0));
});

describe("base64url", () => {
  test("base64url() writes RFC 4648 without padding", () => {
    // RFC 4648, section 10.
    const vectors = { "": "", f: "Zg", fo: "Zm8", foo: "Zm9v", foob: "Zm9vYg", foobar: "Zm9vYmFy" };
    for (const [text, encoded] of Object.entries(vectors)) {
      expect(base64url(new TextEncoder().encode(text))).toBe(encoded);
    }
    expect(base64url(Uint8Array.of(0xfb, 0xff, 0xbf))).toBe("-_-_");
  });

  test("fromBase64url() reads back what base64url() wrote, for every length", () => {
    for (let length = 0; length < 70; length++) {
      const bytes = counting(length).map((byte) => 255 - 3 * byte);
      expect(fromBase64url(base64url(bytes))).toEqual(Uint8Array.from(bytes));
    }
  });

  const refused = {
    "the other alphabet": "+/+/",
    padding: "Zg==",
    "trailing bits that are not zero": "Zh",
    "trailing bits that are not zero, of two": "Zm9",
    "one character too many": "Zm9vY",
    "white space": "Zm 9v",
    "a line break at the end": "Zm9v\n",
    "a letter that only looks like one": "Zm9\u0432",
    NUL: "Zm9\0",
  };
  for (const [what, text] of Object.entries(refused)) {
    test(`fromBase64url() refuses ${what}`, () => expect(fromBase64url(text)).toBeNull());
  }
});
