/** A stale executable is refused by every test that runs it. */

import { expect, test } from "bun:test";
import { mkdirSync, readFileSync, utimesSync } from "node:fs";
import { join } from "node:path";
import { newerSource, requireFresh } from "./built.ts";
import { temporaryFolder } from "./repository.ts";

const builtS = 1_700_000_000;

/** An executable that was built at a moment, and two source files that were saved at another. */
function tree(savedS: number) {
  const folder = temporaryFolder();
  const build = { executable: folder.write("dist/peernet", ""), source: join(folder.path, "src") };
  utimesSync(build.executable, builtS, builtS);
  for (const [name, atS] of [["main.ts", 1_600_000_000] as const, ["core/a.ts", savedS] as const]) {
    const path = folder.write(`src/${name}`, "");
    utimesSync(path, atS, atS);
  }
  return { folder, build };
}

test("requireFresh() passes when the newest source file was saved as the build began", () => {
  const { folder, build } = tree(builtS);
  using _folder = folder;
  expect(newerSource(build)).toBeNull();
  expect(() => requireFresh(build)).not.toThrow();
});

test("requireFresh() names the file that was saved a millisecond after the build began", () => {
  const { folder, build } = tree(builtS + 0.001);
  using _folder = folder;
  expect(() => requireFresh(build)).toThrow(
    "dist/peernet is older than src/core/a.ts: run scripts/build.sh",
  );
});

test("newerSource() looks at files, not at the folders that an editor writes into", () => {
  const { folder, build } = tree(builtS);
  using _folder = folder;
  mkdirSync(join(build.source, "core/made-now"));
  expect(newerSource(build)).toBeNull();
});

for (const [state, savedS, code] of [
  ["fails when it is stale", builtS + 1, 1],
  ["passes when it is fresh", builtS, 0],
] as const) {
  test(`a test file that imports the executable ${state}`, () => {
    const { folder } = tree(savedS);
    using _folder = folder;
    for (const name of ["built.ts", "executable.ts", "ran.ts"]) {
      folder.write(`test/support/${name}`, readFileSync(join(import.meta.dir, name), "utf8"));
    }
    const planted = `import { test } from "bun:test"; import "./support/executable.ts";
      test("anything", () => {});`;
    folder.write("test/planted.test.ts", planted);
    const { exitCode, stderr } = Bun.spawnSync([process.execPath, "test"], {
      cwd: folder.path,
      stdout: "ignore",
      stderr: "pipe",
    });
    const message = "dist/peernet is older than src/core/a.ts: run scripts/build.sh";
    expect([exitCode, stderr.toString().includes(message)]).toEqual([code, code === 1]);
  });
}
