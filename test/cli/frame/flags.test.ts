import { expect, test } from "bun:test";
import { durationMs, type Flags, parse } from "../../../src/cli/frame/flags.ts";
import { PeernetError } from "../../../src/contract/errors.ts";

const known = {
  open: { kind: "switch", summary: "" },
  to: { kind: "text", value: "HOST", summary: "" },
  timeout: { kind: "duration", value: "DURATION", summary: "" },
  limit: { kind: "count", value: "N", summary: "" },
} as const satisfies Flags;

const none = { open: false, to: null, timeout: null, limit: null };

test("parse() tells flags from words, in any order", () => {
  expect(parse("pair", known, [])).toEqual({ flags: none, words: [] });
  expect(parse("pair", known, ["a", "--open", "b", "--to", "mini", "c"])).toEqual({
    flags: { ...none, open: true, to: "mini" },
    words: ["a", "b", "c"],
  });
  expect(parse("pair", known, ["--timeout", "2m", "--limit=7"])).toEqual({
    flags: { ...none, timeout: 120_000, limit: 7 },
    words: [],
  });
});

test("parse() takes a value after = as it is, also one that looks like a flag", () => {
  expect(parse("pair", known, ["--to=--open=x"]).flags).toEqual({ ...none, to: "--open=x" });
});

test("parse() takes - for a word, and everything after -- for words", () => {
  expect(parse("pair", known, ["-", "--", "--open", "--"])).toEqual({
    flags: none,
    words: ["-", "--open", "--"],
  });
});

const refusals: readonly (readonly [readonly string[], string, string])[] = [
  [["--oepn"], "pair has no flag --oepn", "did you mean --open"],
  [["--tmeout=5s"], "pair has no flag --tmeout", "did you mean --timeout"],
  [["--zzz"], "pair has no flag --zzz", "peernet pair --help"],
  [["-x"], "pair has no flag -x", "peernet pair --help"],
  [["-open"], "pair has no flag -open", "did you mean --open"],
  [["--constructor"], "pair has no flag --constructor", "peernet pair --help"],
  [["--to"], "--to needs a value: --to HOST", "peernet pair --help"],
  [["--to="], "--to needs a value: --to HOST", "peernet pair --help"],
  [["--to", "--open"], "--to needs a value: --to HOST", "peernet pair --help"],
  [["--to", ""], "--to needs a value: --to HOST", "peernet pair --help"],
  [["--open=yes"], "--open takes no value", "peernet pair --help"],
  [["--open", "--open"], "--open is given twice", "peernet pair --help"],
  [["--to", "a", "--to=b"], "--to is given twice", "peernet pair --help"],
  [["--limit", "many"], "--limit takes a whole number", "peernet pair --help"],
  [["--limit=-1"], "--limit takes a whole number", "peernet pair --help"],
  [
    ["--timeout", "5"],
    "--timeout takes a duration such as 5s, 2m, 12h or 7d",
    "peernet pair --help",
  ],
];

for (const [argv, message, hint] of refusals) {
  test(`parse() refuses ${argv.join(" ")}`, () => {
    let caught: unknown;
    try {
      parse("pair", known, argv);
    } catch (cause) {
      caught = cause;
    }
    expect(caught).toBeInstanceOf(PeernetError);
    if (!(caught instanceof PeernetError)) return;
    expect(caught.body).toEqual({ code: "bad_request", message, hint });
  });
}

test("parse() takes a letter for its flag, and no letter for another", () => {
  const lettered = { context: { kind: "count", value: "N", short: "C", summary: "" } } as const;
  expect(parse("grep", lettered, ["a", "-C", "2"])).toEqual({
    flags: { context: 2 },
    words: ["a"],
  });
  for (const argv of [["-c", "2"], ["-C2"], ["-x"], ["-"]]) {
    const read = () => parse("grep", lettered, argv);
    if (argv[0] === "-") expect(read().words).toEqual(["-"]);
    else expect(read).toThrow("grep has no flag");
  }
});

test("durationMs() reads one whole number and one unit, and nothing else", () => {
  expect(["0s", "5s", "2m", "12h", "7d"].map(durationMs)).toEqual([
    0, 5_000, 120_000, 43_200_000, 604_800_000,
  ]);
  for (const text of [
    "",
    "5",
    "s",
    "5 s",
    "1.5h",
    "-5s",
    "5sec",
    "1h30m",
    "5S",
    "9999999s",
    "5s\n",
  ]) {
    expect([text, durationMs(text)]).toEqual([text, null]);
  }
});
