import { describe, expect, test } from "bun:test";
import { endsWith, shortId } from "../../../src/contract/text/ids.ts";

const id = "0190a0a0-0001-7000-8000-0000aabb7f3a";

describe("shortId()", () => {
  test("shortId() is the last four characters, and longer for each id that ends alike", () => {
    expect(shortId(id, [])).toBe("7f3a");
    expect(shortId(id, [id, "0190a0a0-0001-7000-8000-0000aabb7f3b"])).toBe("7f3a");
    expect(shortId(id, ["0190a0a0-0001-7000-8000-0000aacb7f3a"])).toBe("bb7f3a");
    const others = ["0190a0a0-0001-7000-8000-000000007f3a", "0190a0a0-0001-7001-8000-0000aabb7f3a"];
    expect(shortId(id, others)).toBe("080000000aabb7f3a");
  });
});

describe("endsWith()", () => {
  test("endsWith() passes over dashes and case", () => {
    for (const typed of ["7f3a", "7F3A", "8000-0000aabb7f3a", "80000000AABB7f3a", id]) {
      expect(endsWith(id, typed)).toBe(true);
    }
    for (const typed of ["7f3b", "8001-0000aabb7f3a", `0${id}`]) {
      expect(endsWith(id, typed)).toBe(false);
    }
  });
});
