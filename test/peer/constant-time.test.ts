import { expect, test } from "bun:test";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { equalInConstantTime } from "../../src/peer/cpace.ts";

const source = (path: string): string =>
  readFileSync(join(import.meta.dir, "../../src", path), "utf8");

test("secrets are compared by timingSafeEqual alone", () => {
  const [, body = ""] =
    /equalInConstantTime = [^>]*=>\s*([^;]*);/.exec(source("peer/cpace.ts")) ?? [];
  expect(body.trim()).toBe("one.length === other.length && timingSafeEqual(one, other)");
  for (const path of ["daemon/pairing/shown.ts", "daemon/pairing/typed.ts"]) {
    expect(source(path)).toMatch(/equalInConstantTime\([^)]*[tT]ag\)/);
    expect(source(path)).not.toMatch(/[tT]ag(\.\w+\(\))? [!=]==? (?!null)/);
  }
  expect(equalInConstantTime(Uint8Array.of(1), Uint8Array.of(1))).toBe(true);
  expect(equalInConstantTime(Uint8Array.of(1), Uint8Array.of(2))).toBe(false);
});
