/** Doctor's line about the sandbox, by what was found and by whether anybody needs it. */

import { afterAll, describe, expect, test } from "bun:test";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { sandboxCheck } from "../../../src/cli/doctor/sandbox.ts";
import { stage } from "../support.ts";

const home = mkdtempSync(join(tmpdir(), "peernet-policy-"));
afterAll(() => rmSync(home, { recursive: true, force: true }));
writeFileSync(join(home, "policy.toml"), "version = 1\n");

const none = { wall: null, detail: "this kernel has no Landlock", fix: "boot another" };
const half = { wall: "landlock", detail: "Landlock holds", fix: "install bubblewrap" } as const;

describe("sandboxCheck()", () => {
  test("tells nothing, and builds nothing, while no policy asks for it", async () => {
    const { io } = stage({ sandbox: none });
    expect(await sandboxCheck(io)).toEqual([]);
  });

  test("fails when a policy asks for it and there is no wall", async () => {
    const { io } = stage({ home, sandbox: none });
    expect(await sandboxCheck(io)).toMatchObject([{ state: "failed", fix: "boot another" }]);
  });

  test("warns when a policy asks for it and one wall is missing", async () => {
    const { io } = stage({ home, sandbox: half });
    expect(await sandboxCheck(io)).toMatchObject([{ state: "warning", fix: "install bubblewrap" }]);
  });

  test("is ok where both walls stand", async () => {
    const { io } = stage({ home });
    expect(await sandboxCheck(io)).toMatchObject([{ state: "ok", detail: "holds", fix: null }]);
  });
});
