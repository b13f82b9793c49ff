/** The terms: only the grammar passes, on both sides of every bound. */

import { describe, expect, test } from "bun:test";
import type { z } from "zod";
import * as limits from "../../src/contract/limits.ts";
import * as terms from "../../src/contract/terms.ts";

const passes = (schema: z.ZodType, value: unknown): boolean => schema.safeParse(value).success;

/** Strings that look like names and are none. */
const corpus: Readonly<Record<string, string>> = {
  nothing: "",
  "an upper-case letter": "Hydrate",
  "a Cyrillic а": "hydr\u0430te",
  "a full-width h": "\uff48ydrate",
  "a dotless ı": "m\u0131ni",
  "a combining accent": "hydrate\u0301",
  "a zero-width joiner": "hyd\u200drate",
  "a zero-width space": "hydrate\u200b",
  "a soft hyphen": "hyd\u00adrate",
  "a right-to-left override": "\u202ehydrate",
  "a tag character": "hydrate\u{e0061}",
  "a non-breaking hyphen": "hyd\u2011rate",
  "a lone surrogate": "hydrate\ud800",
  "two dots": "..",
  "one dot": ".",
  "a dotted name": "a.b",
  "a flag": "-rf",
  "a long flag": "--help",
  "a NUL": "hydrate\0",
  "a space": "hy drate",
  "a space at the end": "hydrate ",
  "a line break at the end": "hydrate\n",
  "a carriage return": "\rhydrate",
  "an escape": "\u001b[31mhydrate",
  "an underscore": "hy_drate",
  "a backslash": "a\\b",
  "a percent": "hydrate%2f",
  "a glob": "*",
  "a shell's dollar": "$(id)",
  "a superscript digit": "a\u00b2",
  "32 characters": "a".repeat(32),
};

describe("Name", () => {
  for (const [what, text] of Object.entries(corpus)) {
    test(`refuses ${what}`, () => {
      expect(passes(terms.Name, text)).toBe(false);
      expect(passes(terms.Handle, text)).toBe(false);
      expect(passes(terms.Handle, `mini/${text}`)).toBe(false);
      expect(passes(terms.Handle, `${text}/hydrate`)).toBe(false);
      if (text !== "") expect(passes(terms.HandleOrMachine, `${text}/`)).toBe(false);
    });
  }

  test("takes 1 to 31 characters, never changed", () => {
    for (const name of ["a", "0", "a-", "a--b", "7z", "hydrate-2", "a".repeat(31)]) {
      expect(terms.Name.parse(name)).toBe(name);
    }
  });

  test("refuses what is no string", () => {
    for (const value of [null, undefined, 5, ["a"], { toString: () => "a" }]) {
      expect(passes(terms.Name, value)).toBe(false);
    }
  });

  test("says the grammar, not the value", () => {
    const result = terms.Name.safeParse("SECRET");
    expect(result.error?.issues[0]?.message).toBe(
      "a name is 1 to 31 of a-z, 0-9 and -, and starts with a letter or digit",
    );
    expect(JSON.stringify(result.error?.issues)).not.toContain("SECRET");
  });
});

describe("Handle", () => {
  test("takes a name, or a machine and a name", () => {
    const longest = `${"m".repeat(31)}/${"a".repeat(31)}`;
    for (const handle of ["hydrate", "mini/hydrate", longest]) {
      expect(terms.Handle.parse(handle)).toBe(handle);
    }
  });

  test("refuses a missing half and a third one", () => {
    for (const handle of ["mini/", "/hydrate", "/", "a/b/c", "mini//hydrate", "mini/../x"]) {
      expect(passes(terms.Handle, handle)).toBe(false);
    }
  });

  test("as HandleOrMachine takes every handle of a machine, and no machine without a name", () => {
    expect(passes(terms.HandleOrMachine, "mini/")).toBe(true);
    expect(passes(terms.HandleOrMachine, "mini/hydrate")).toBe(true);
    for (const text of ["", "/", "mini/*", "a/b/"]) {
      expect(passes(terms.HandleOrMachine, text)).toBe(false);
    }
  });
});

describe("Fingerprint", () => {
  const digest = "A_-z".repeat(10);
  test("takes sha256: and 43 characters of base64url", () => {
    expect(passes(terms.Fingerprint, `sha256:${digest}abc`)).toBe(true);
  });

  test("refuses another length, alphabet, case or hash", () => {
    for (const text of [
      `sha256:${digest}ab`,
      `sha256:${digest}abcd`,
      `sha256:${digest}ab=`,
      `sha256:${digest}ab+`,
      `SHA256:${digest}abc`,
      `sha1:${digest}abc`,
      `${digest}abc`,
      `sha256:${digest}abc\n`,
    ]) {
      expect(passes(terms.Fingerprint, text)).toBe(false);
    }
  });
});

describe("PairingCode", () => {
  test("takes six digits with or without separators", () => {
    for (const text of ["027674", "027-674", "027 674", " 027-674\n", "0 2 7 6 7 4"]) {
      expect(terms.PairingCode.parse(text)).toBe("027674");
    }
  });

  test("refuses everything else, and never says it again", () => {
    const refused = [
      "",
      "02767",
      "0276744",
      "02767a",
      "٠٢٧٦٧٤",
      "０２７６７４",
      "027_674",
      "-".repeat(25),
    ];
    for (const text of refused) {
      const result = terms.PairingCode.safeParse(text);
      expect([text, result.success]).toEqual([text, false]);
      if (text !== "") expect(JSON.stringify(result.error?.issues)).not.toContain(text);
    }
  });
});

describe("Scopes", () => {
  test("takes what is built and nothing else", () => {
    expect(terms.Scopes.parse([])).toEqual([]);
    expect(terms.Scopes.parse(["ask"])).toEqual(["ask"]);
    expect(terms.Scopes.parse(["wake", "message"])).toEqual(["wake", "message"]);
    expect(terms.Scopes.parse(["overlap"])).toEqual(["overlap"]);
    for (const scopes of [["read"], ["run"], ["ask", "ask"], ["*"], "ask", null]) {
      expect(passes(terms.Scopes, scopes)).toBe(false);
    }
  });
});

describe("text", () => {
  const bounded = {
    Question: [terms.Question, limits.questionBytesMax],
    Summary: [terms.Summary, limits.summaryBytesMax],
    Project: [terms.Project, limits.projectBytesMax],
    Branch: [terms.Branch, limits.branchBytesMax],
    SessionId: [terms.SessionId, limits.sessionIdBytesMax],
    Path: [terms.Path, limits.pathBytesMax],
  } as const;
  for (const [name, [schema, bytesMax]] of Object.entries(bounded)) {
    test(`${name} counts bytes: ${bytesMax} pass, one more does not`, () => {
      expect(passes(schema, "a".repeat(bytesMax))).toBe(true);
      expect(passes(schema, "a".repeat(bytesMax + 1))).toBe(false);
      expect(passes(schema, "é".repeat(bytesMax / 2))).toBe(true);
      expect(passes(schema, `${"é".repeat(bytesMax / 2)}a`)).toBe(false);
      expect(passes(schema, "🦀".repeat(bytesMax / 4))).toBe(true);
      expect(passes(schema, `${"🦀".repeat(bytesMax / 4)}a`)).toBe(false);
    });

    test(`${name} refuses NUL and ill-formed Unicode`, () => {
      for (const text of ["a\0b", "\0", "\ud800", "a\udc00", "\udc00\ud800"]) {
        expect(passes(schema, text)).toBe(false);
      }
    });
  }

  test("is refused when empty where something is named by it", () => {
    for (const schema of [terms.Project, terms.SessionId, terms.Path]) {
      expect(passes(schema, "")).toBe(false);
    }
    for (const schema of [terms.Question, terms.Summary, terms.Branch, terms.Subject]) {
      expect(passes(schema, "")).toBe(true);
    }
  });

  test("Subject counts characters: 120 pass, one more does not", () => {
    const most = limits.subjectCharactersMax;
    for (const character of ["a", "é", "字", "🦀"]) {
      expect(passes(terms.Subject, character.repeat(most))).toBe(true);
      expect(passes(terms.Subject, character.repeat(most + 1))).toBe(false);
    }
  });

  test("keeps what it takes: it is data", () => {
    for (const text of ["../../etc/passwd", "$(id)", "<script>", "\u202eabc", "а"]) {
      expect(terms.Summary.parse(text)).toBe(text);
    }
  });
});

describe("numbers", () => {
  test("Port takes 1 to 65535", () => {
    for (const port of [1, 7_337, 65_535]) expect(passes(terms.Port, port)).toBe(true);
    for (const port of [0, -1, 65_536, 1.5, "7337", Number.NaN]) {
      expect(passes(terms.Port, port)).toBe(false);
    }
  });

  test("Instant and Duration take whole milliseconds from 0 to 2⁵³ - 1", () => {
    for (const schema of [terms.Instant, terms.Duration]) {
      for (const ms of [0, 1, Number.MAX_SAFE_INTEGER]) expect(passes(schema, ms)).toBe(true);
      for (const ms of [-1, 0.5, 2 ** 53, Number.POSITIVE_INFINITY, Number.NaN, "0", null]) {
        expect(passes(schema, ms)).toBe(false);
      }
    }
  });
});

describe("addresses", () => {
  test("Address takes a host, a port with it, and IPv6 in brackets", () => {
    const taken = [
      "mini",
      "mini:7337",
      "mini.tail1234.ts.net",
      "100.88.4.20:7337",
      "[fd7a:115c::1]:7337",
      "[fe80::1%eth0]:7337",
      "fd7a:115c::1",
    ];
    for (const address of taken) {
      expect([address, passes(terms.Address, address)]).toEqual([address, true]);
    }
  });

  test("Address refuses what a command line or a URL would read otherwise", () => {
    const refused = ["", "-rf", "mini:", "a b", "http://mini", "mini/x", "u@mini", "mini:123456"];
    for (const address of [...refused, "mini\n", "mіni", `${"a".repeat(263)}`]) {
      expect([address, passes(terms.Address, address)]).toEqual([address, false]);
    }
  });

  test("IpAddress takes numbers only", () => {
    for (const address of ["127.0.0.1", "::1", "fe80::1%eth0"]) {
      expect(passes(terms.IpAddress, address)).toBe(true);
    }
    for (const address of ["localhost", "mini", "", "127.0.0.1\n", "1".repeat(65)]) {
      expect(passes(terms.IpAddress, address)).toBe(false);
    }
  });
});

describe("digests and tokens", () => {
  test("Commit takes 40 or 64 hexadecimal digits in lower case", () => {
    for (const length of [40, 64]) expect(passes(terms.Commit, "a".repeat(length))).toBe(true);
    for (const length of [39, 41, 63, 65])
      expect(passes(terms.Commit, "a".repeat(length))).toBe(false);
    expect(passes(terms.Commit, "A".repeat(40))).toBe(false);
  });

  test("Digest takes 64 hexadecimal digits in lower case", () => {
    expect(passes(terms.Digest, "0f".repeat(32))).toBe(true);
    for (const text of ["0f".repeat(31), "0F".repeat(32), "0g".repeat(32)]) {
      expect(passes(terms.Digest, text)).toBe(false);
    }
  });

  test("Token takes three parts of base64url within its bound", () => {
    const filled = (bytes: number): string => `a.b.${"c".repeat(bytes - 4)}`;
    expect(passes(terms.Token, filled(limits.tokenBytesMax))).toBe(true);
    expect(passes(terms.Token, filled(limits.tokenBytesMax + 1))).toBe(false);
    for (const text of ["a.b", "a.b.", "a.b.c.d", "a.b.c=", "a.b.c\n", " a.b.c"]) {
      expect(passes(terms.Token, text)).toBe(false);
    }
  });

  test("ThreadId takes a UUID", () => {
    expect(passes(terms.ThreadId, "01234567-89ab-7def-8123-456789abcdef")).toBe(true);
    for (const text of ["", "01234567", "01234567-89ab-7def-8123-456789abcdeg", "\0".repeat(36)]) {
      expect(passes(terms.ThreadId, text)).toBe(false);
    }
  });
});
