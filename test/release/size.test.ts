/** A person's download: Bun, and at most 8 MiB more, each part named. */

import { expect, test } from "bun:test";
import { join } from "node:path";

test("the executable adds no more to Bun than it may, and size.sh names each part", () => {
  const script = join(import.meta.dir, "../../scripts/size.sh");
  const { exitCode, stdout, stderr } = Bun.spawnSync([script]);
  const out = stdout.toString();
  expect([exitCode, stderr.toString()]).toEqual([0, ""]);
  for (const part of ["an executable that says hello: Bun", "source of peernet", "bytecode of"]) {
    expect(out).toContain(`MiB  ${part}`);
  }
  const [, added = ""] = /^ *([\d.]+) MiB {2}in all, of at most 8\.000 MiB/m.exec(out) ?? [];
  expect(Number(added)).toBeGreaterThan(1);
  expect(Number(added)).toBeLessThanOrEqual(8);
});
