import { describe, expect, test } from "bun:test";
import { PeernetError } from "../../src/contract/errors.ts";
import { isObject, readJson, valueAt, withAppended, withValue } from "../../src/harness/jsonc.ts";
import { histories, historiesMs } from "../support/histories.ts";

const refusal = (message: string): PeernetError => new PeernetError("bad_request", { message });

/** A file as a person keeps it: comments, odd spaces, its own order, a comma behind the last. */
const kept = `// mine
{
  "z": 1, /* one */
  "servers": {
    "a": { "command": "x" }, // the first
  },
  "list": [1,  2],
}
`;

describe("readJson()", () => {
  test("readJson() is an empty object when there is no text", () => {
    for (const text of [null, "", " \n\t"]) expect(readJson(text)).toEqual({});
  });

  test("readJson() reads comments and trailing commas", () => {
    expect(readJson(kept)).toEqual({ z: 1, servers: { a: { command: "x" } }, list: [1, 2] });
  });

  test("readJson() names the line of the first fault", () => {
    expect(() => readJson('{\n  "a": 1,\n  "b": ?\n}')).toThrow(
      refusal("not valid JSON in line 3"),
    );
    expect(() => readJson('{"a": 1')).toThrow(refusal("not valid JSON in line 1"));
  });

  test("readJson() refuses a text that holds no object", () => {
    for (const text of ["[]", "1", '"a"', "null", "true"]) {
      expect(() => readJson(text)).toThrow(refusal("holds no JSON object"));
    }
  });
});

test("isObject() is true for objects alone", () => {
  expect([{}, { a: 1 }].map(isObject)).toEqual([true, true]);
  expect([[], null, undefined, 1, "a", true].some(isObject)).toBe(false);
});

test("valueAt() is undefined when anything on the way is not there", () => {
  const root = readJson(kept);
  expect(valueAt(root, ["servers", "a", "command"])).toBe("x");
  expect(valueAt(root, ["list", 1])).toBe(2);
  expect(valueAt(root, [])).toBe(root);
  for (const path of [["none"], ["z", "a"], ["servers", "a", "command", "x"], ["list", 2]]) {
    expect(valueAt(root, path)).toBeUndefined();
  }
});

describe("withValue()", () => {
  test("withValue() changes one value and no other byte", () => {
    expect(withValue(kept, ["servers", "a", "command"], "y")).toBe(
      kept.replace('"command": "x"', '"command": "y"'),
    );
    expect(withValue(kept, ["z"], [1])).toBe(kept.replace('"z": 1', '"z": [\n    1\n  ]'));
  });

  test("withValue() puts a new key last, as deep and as indented as its neighbours", () => {
    expect(withValue(kept, ["servers", "b"], { command: "y" })).toBe(
      kept.replace("// the first\n", '// the first\n    "b": {\n      "command": "y"\n    },\n'),
    );
    expect(withValue('{\n\t"a": 1\n}\n', ["b"], 2)).toBe('{\n\t"a": 1,\n\t"b": 2\n}\n');
    expect(withValue('{\r\n  "a": 1\r\n}\r\n', ["b"], 2)).toBe(
      '{\r\n  "a": 1,\r\n  "b": 2\r\n}\r\n',
    );
    expect(withValue('{ "a": 1 }', ["b"], 2)).toBe('{ "a": 1, "b": 2 }');
  });

  test("withValue() makes the objects on the way to a new key", () => {
    expect(withValue(null, ["a", "b"], 1)).toBe('{\n  "a": {\n    "b": 1\n  }\n}\n');
    expect(withValue("{}", ["a", "b"], 1)).toBe('{"a": {"b":1}}');
  });

  test("withValue() takes a key out with its comma and no comment", () => {
    const taken = withValue(kept, ["z"], undefined);
    expect(taken).toContain("// mine");
    expect(taken).toContain("/* one */");
    expect(readJson(taken)).toEqual({ servers: { a: { command: "x" } }, list: [1, 2] });
    expect(withValue('{ "a": 1, "b": 2 }', ["b"], undefined)).toBe('{ "a": 1 }');
    expect(withValue('{ "a": 1 }', ["a"], undefined)).toBe("{}");
  });

  test("withValue() leaves the text alone when there is nothing to take out", () => {
    for (const path of [["none"], ["servers", "b"], ["z", "a", "b"]]) {
      expect(withValue(kept, path, undefined)).toBe(kept);
    }
  });

  test("withValue() refuses a path through a value that holds none, and names it", () => {
    expect(() => withValue(kept, ["z", "b"], 1)).toThrow(refusal("z is not what it should be"));
    expect(() => withValue(kept, ["list", "b"], 1)).toThrow(
      refusal("list is not what it should be"),
    );
    expect(() => withValue("//", ["a"], 1)).toThrow(refusal("not valid JSON"));
  });

  test(
    "withValue() put and taken out again gives the same bytes, wherever the key was",
    async () => {
      await histories(500, (draw) => {
        const names = Array.from({ length: draw.between(1, 4) }, (_, at) => `k${at}`);
        const indent = draw.pick(["", "  ", "\t"]);
        const object = Object.fromEntries(names.map((name) => [name, {}]));
        const before = `${JSON.stringify(object, null, indent)}\n`;
        const path = [draw.pick(names), "new"];
        const after = withValue(before, path, { a: [draw.below(9)] });
        expect(readJson(after)).not.toEqual(readJson(before));
        expect(readJson(withValue(after, path, undefined))).toEqual(readJson(before));
        const top = withValue(before, ["other"], 1);
        expect(withValue(top, ["other"], undefined)).toBe(before);
      });
    },
    historiesMs,
  );
});

describe("withAppended()", () => {
  test("withAppended() puts a value at the end of a list, on its line or on its own", () => {
    expect(withAppended(kept, ["list"], 3)).toBe(kept.replace("[1,  2]", "[1,  2, 3]"));
    expect(withAppended('{\n  "l": [\n    1\n  ]\n}\n', ["l"], 2)).toBe(
      '{\n  "l": [\n    1,\n    2\n  ]\n}\n',
    );
  });

  test("withAppended() makes the list when it is not there", () => {
    expect(readJson(withAppended(kept, ["servers", "more"], 1))).toMatchObject({
      servers: { a: { command: "x" }, more: [1] },
    });
  });

  test("withAppended() refuses a value that is no list, and names it", () => {
    expect(() => withAppended(kept, ["servers"], 1)).toThrow(
      refusal("servers is not what it should be"),
    );
  });
});
