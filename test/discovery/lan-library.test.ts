/** Checks that the library that announces is the patched one, and that a patch fits or fails. */

import { describe, expect, test } from "bun:test";
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { patched } from "../../scripts/patch.ts";

const root = join(import.meta.dir, "../..");
const diff = readFileSync(join(root, "patches/dnssd-advertise+1.1.6.patch"), "utf8");
const rows = [...diff.matchAll(/^sha256 (\w{64}) (\w{64}) (\S+)$/gm)];

const before = "one\ntwo\nthree\nfour\nfive\n";
const small = `Why.

--- a/file
+++ b/file
@@ -1,3 +1,4 @@
 one
-two
+2
+2.5
 three
@@ -5 +6 @@
-five
+5
`;

describe("patched()", () => {
  test("patched() changes what the patch says and leaves the rest", () => {
    expect(patched(before, "file", small)).toBe("one\n2\n2.5\nthree\nfour\n5\n");
  });

  test("patched() refuses a file that is another, by the line", () => {
    expect(() => patched(before.replace("three", "3"), "file", small)).toThrow(
      "file:3 is not what the patch expects",
    );
    expect(() => patched(`zero\n${before}`, "file", small)).toThrow(
      "file:1 is not what the patch expects",
    );
    expect(() => patched(before, "other", small)).toThrow("the patch has nothing for other");
  });
});

describe("dnssd-advertise", () => {
  test("is what its patch makes of it", () => {
    expect(rows.map(([, , , path]) => path)).toEqual([
      "dist/dnssd-advertise.d.ts",
      "dist/dnssd-advertise.mjs",
    ]);
    for (const [, , after, path = ""] of rows) {
      const installed = readFileSync(join(root, "node_modules/dnssd-advertise", path));
      expect(createHash("sha256").update(installed).digest("hex")).toBe(after ?? "");
    }
  });

  test("has advertiseOn by the patch only: without it nothing links or announces", () => {
    // The build for require() is not patched.
    const published = readFileSync(
      join(root, "node_modules/dnssd-advertise/dist/dnssd-advertise.js"),
      "utf8",
    );
    expect(published).toContain("exports.advertise = ");
    expect(published).not.toContain("advertiseOn");
  });
});
