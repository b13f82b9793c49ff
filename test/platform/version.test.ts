import { expect, test } from "bun:test";
import manifest from "../../package.json";
import { build } from "../../src/platform/version.ts";

test("build tells the version of package.json, and that source is run as it is", () => {
  expect(build).toEqual({
    version: manifest.version,
    commit: "source",
    bun: manifest.devDependencies.bun,
    target: `${process.platform}-${process.arch}`,
  });
});
