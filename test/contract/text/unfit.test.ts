import { describe, expect, test } from "bun:test";
import { z } from "zod";
import { control } from "../../../src/contract/control.ts";
import { tools } from "../../../src/contract/mcp.ts";
import { Question } from "../../../src/contract/terms.ts";
import { unfit, worded } from "../../../src/contract/text/unfit.ts";
import { wire } from "../../../src/contract/wire.ts";

/** The message about a value that a schema refuses. */
function said(schema: z.ZodType, value: unknown): string {
  const parsed = schema.safeParse(value, worded);
  return parsed.success ? "taken" : unfit(parsed.error.issues).message;
}

test("unfit() says the field, what it takes and how much was given", () => {
  const schema = z.object({
    question: Question,
    wait: z.int().max(60_000),
    of: z.enum(["a", "b"]),
  });
  const fitting = { question: "why", wait: 1, of: "a" };
  const cases: readonly (readonly [object, string])[] = [
    [{ question: "x".repeat(3_000) }, "question: at most 1,024 characters; 3,000 were given"],
    [{ question: "é".repeat(600) }, "question: at most 1,024 bytes; 1,200 were given"],
    [{ question: 5 }, "question: a text is taken; a number was given"],
    [{ question: null }, "question: a text is taken; nothing was given"],
    [{ question: undefined }, "question: a text is missing"],
    [{ wait: 60_001 }, "wait: at most 60,000; 60,001 was given"],
    [{ wait: "027674" }, "wait: a number is taken; a text of 6 characters was given"],
    [{ of: "c" }, "of: a or b is taken; something else was given"],
  ];
  for (const [change, message] of cases) {
    expect(said(schema, { ...fitting, ...change })).toBe(message);
  }
});

/** Values of every kind, each text among them one that must not be repeated. */
const secret = "027-674";
const junk: readonly unknown[] = [
  ...[undefined, null, true, -1, 1.5, Number.MAX_SAFE_INTEGER, 27_674, secret, "", "\0"],
  ...[secret.repeat(500), secret.repeat(20_000), [], [secret], Array(2_000).fill(secret), {}],
  ...[{ [secret]: secret }, { open: secret, event: secret }],
];
const words = /Invalid|expected|received|Too (big|small)|Unrecognized|must match|undefined|NaN/;

const rows = Object.entries({ ...control, ...wire, ...tools });

describe("unfit() words every fault of every row, and repeats nothing that was given", () => {
  test.each(rows)("%s", (_, { input }) => {
    const fields: readonly string[] = "shape" in input ? Object.keys(Object(input.shape)) : [];
    const given = [
      ...junk,
      ...fields.flatMap((field) => junk.map((value) => ({ [field]: value }))),
    ];
    const heard = given.map((value) => said(input, value));
    expect(heard.filter((message) => words.test(message) || message.includes(secret))).toEqual([]);
    expect(heard.filter((message) => message.includes("27674"))).toEqual([]);
    const parsed = given.map((value) => input.safeParse(value, worded));
    const deeper = fields.flatMap((field) =>
      junk.flatMap((value) => {
        const { error } = input.safeParse({ [field]: value }, worded);
        return (error?.issues ?? []).map(({ message }) => message);
      }),
    );
    expect(deeper.filter((message) => words.test(message))).toEqual([]);
    expect(parsed.some(({ success }) => !success)).toBe(true);
  });
});
