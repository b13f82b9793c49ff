import { describe, expect, test } from "bun:test";
import { z } from "zod";
import { fieldTable } from "../../scripts/fields.ts";
import { Base64url, text } from "../../src/contract/terms.ts";

describe("fieldTable()", () => {
  test("fieldTable() tells type, bounds, null and absence of each field", () => {
    const schema = z.object({
      port: z.int().min(1).max(65_535).nullable().default(null),
      list: z.array(z.object({ text: text(1_024) })).max(3),
      document: Base64url.length(43).optional(),
    });
    expect(fieldTable(schema).split("\n").slice(2)).toEqual([
      "| `port` | integer, 1 to 65,535 | left out: `null`; null |",
      "| `list` | list of at most 3: object |  |",
      "| `list[].text` | text, at most 1,024 bytes |  |",
      "| `document` | base64url of 32 bytes | may be left out |",
    ]);
  });

  test("fieldTable() refuses a schema when a check has no words", () => {
    const odd = z.string().refine((value) => value.length % 2 === 1);
    expect(() => fieldTable(z.object({ odd }))).toThrow("a check has no words: custom");
    expect(() => fieldTable(z.object({ any: z.unknown() }))).toThrow("a schema has no words");
    expect(() => fieldTable(z.object({ when: z.date() }))).toThrow("has no words");
  });
});
