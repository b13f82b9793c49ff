/** Holds the source to its architecture, and each rule to the violation it must report. */

import { beforeAll, describe, expect, test } from "bun:test";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { personNames } from "../src/contract/acts.ts";
import { control } from "../src/contract/control.ts";
import type { Operation } from "../src/contract/operation/operation.ts";
import { streamNames } from "../src/contract/operation/streams.ts";
import { wire } from "../src/contract/wire.ts";
import { guards } from "./guards/guards.ts";
import { byPath, cycleRule, folderRule, loadRule } from "./support/architecture/graph.ts";
import { effectPlants } from "./support/architecture/plant-effects.ts";
import { importPlants } from "./support/architecture/plant-imports.ts";
import { shapePlants } from "./support/architecture/plant-shapes.ts";
import { rules } from "./support/architecture/rules.ts";
import { parseAll, type Source, shown } from "./support/architecture/source.ts";

const root = join(import.meta.dir, "..");
const plants = [...importPlants, ...effectPlants, ...shapePlants];

/** Imported by the command line before it knows its task, or by everything: no zod. */
const light = [
  "src/client.ts",
  "src/contract/errors.ts",
  "src/contract/limits.ts",
  "src/contract/operation/streams.ts",
  "src/contract/acts.ts",
  "src/contract/text/printable.ts",
  "src/contract/text/encoding.ts",
];

/** The files that `ask`, `status`, `version` and hooks load: none takes milliseconds to load. */
const fast = [
  "src/main.ts",
  "src/cli/cli.ts",
  "src/cli/ask/ask.ts",
  "src/cli/daemon/status.ts",
  "src/cli/help/version.ts",
  "src/hook/hook.ts",
];

let sources: readonly Source[] = [];
beforeAll(async () => {
  const paths = [...new Bun.Glob("{src,test,scripts}/**/*.{ts,tsx}").scanSync(root)].sort();
  const files = paths.map((path) => [path, readFileSync(join(root, path), "utf8")]);
  sources = await parseAll(Object.fromEntries(files));
});

describe("the source", () => {
  test("is all read, and parsed as what it is", () => {
    const paths = sources.map(({ path }) => path);
    expect(paths).toContain("src/client.ts");
    expect(paths).toContain("test/architecture.test.ts");
    expect(sources.every(({ tree, text }) => tree.text === text)).toBe(true);
  });

  test("holds each guard once, where scripts/guards.sh takes it out", () => {
    const textOf = (path: string): string => sources.find((file) => file.path === path)?.text ?? "";
    const lost = guards.filter(({ source, find }) => textOf(source).split(find).length !== 2);
    expect(lost.map(({ name, source }) => `${name}: ${source}`)).toEqual([]);
    expect(guards.filter(({ file }) => textOf(file) === "").map(({ name }) => name)).toEqual([]);
  });

  for (const [name, rule] of Object.entries(rules)) {
    test(`keeps the rule of ${name}`, () => {
      expect(sources.flatMap(rule).map(shown)).toEqual([]);
    });
  }

  test("imports nothing in a circle", () => {
    expect(cycleRule(byPath(sources)).map(shown)).toEqual([]);
  });

  test("has no folder of more files than fit a glance", () => {
    expect(folderRule(sources.map(({ path }) => path)).map(shown)).toEqual([]);
  });

  test("loads no zod where a client loads it", () => {
    expect(loadRule(byPath(sources), light, /^zod/).map(shown)).toEqual([]);
  });

  test("loads nothing heavy on the fast paths", () => {
    const heavy = /^(zod|elysia|jose|@.*|bun:.*|node:(net|tls|tty|http|https|crypto|readline))/;
    expect(loadRule(byPath(sources), fast, heavy).map(shown)).toEqual([]);
  });

  test("loads what draws questions only where a person is asked", () => {
    const others = sources
      .map(({ path }) => path)
      .filter((path) => path.startsWith("src/") && !path.startsWith("src/cli/wizard/"));
    expect(loadRule(byPath(sources), others, /^@clack/).map(shown)).toEqual([]);
  });
});

describe("the tables", () => {
  test("name a path by one or two words", () => {
    const odd = [...Object.keys(control), ...Object.keys(wire)].filter(
      (path) => !/^[a-z]+(\/[a-z]+)?$/.test(path),
    );
    expect(odd).toEqual([]);
  });

  test("streamNames are the rows whose kind is stream", () => {
    const streams = Object.entries(control).flatMap(([path, { kind }]) =>
      kind === "stream" ? [path] : [],
    );
    expect([...streamNames].map(String).sort()).toEqual(streams.sort());
  });

  test("personNames are the rows that are a person's act", () => {
    const acts = Object.entries<Operation>(control).flatMap(([path, { person = false }]) =>
      person ? [path] : [],
    );
    expect([...personNames].map(String).sort()).toEqual(acts.sort());
  });
});

describe("a rule", () => {
  let planted: readonly Source[] = [];
  beforeAll(async () => {
    // Each in a folder of its own: several plants are of one file.
    const files = plants.map(([, path, text], index) => [`${index}/${path}`, text]);
    planted = (await parseAll(Object.fromEntries(files))).map((source) => ({
      ...source,
      path: source.path.replace(/^\d+\//, ""),
    }));
  });

  for (const [index, [name, path, text, message]] of plants.entries()) {
    const line = JSON.stringify(text).slice(0, 70);
    test(`${name} ${message === null ? "lets pass" : "reports"} ${line} in ${path}`, () => {
      const source = planted[index];
      if (source === undefined) throw new Error("the plant was not parsed");
      const found = rules[name](source).map((violation) => violation.message);
      expect([...new Set(found)]).toEqual(message === null ? [] : [message]);
    });
  }

  test("each has a plant that it reports and one that it lets pass", () => {
    for (const name of Object.keys(rules)) {
      const messages = plants.filter(([rule]) => rule === name).map(([, , , message]) => message);
      expect([name, messages.includes(null), messages.some((each) => each !== null)]).toEqual([
        name,
        true,
        true,
      ]);
    }
  });
});

describe("the graph", () => {
  const at = async (files: Readonly<Record<string, string>>) => byPath(await parseAll(files));

  test("loadRule() reports the way by which a file loads zod", async () => {
    const graph = await at({
      "src/client.ts": `import { a } from "./contract/a.ts";`,
      "src/contract/a.ts": `import { type b } from "./b.ts";`,
      "src/contract/b.ts": `import { z } from "zod";`,
    });
    expect(loadRule(graph, ["src/client.ts"], /^zod/).map(shown)).toEqual([
      "src/client.ts:1: loads zod by src/client.ts → src/contract/a.ts → src/contract/b.ts: " +
        "import types only",
    ]);
  });

  test("loadRule() lets types and lazy imports pass", async () => {
    const graph = await at({
      "src/client.ts": `import type { a } from "./contract/b.ts"; import("./contract/b.ts");`,
      "src/contract/b.ts": `import { z } from "zod";`,
    });
    expect(loadRule(graph, ["src/client.ts"], /^zod/)).toEqual([]);
  });

  test("loadRule() reports a file that is gone", async () => {
    const graph = await at({ "src/a.ts": "f();" });
    expect(loadRule(graph, ["src/client.ts"], /^zod/).map(shown)).toEqual([
      "src/client.ts:1: is not there any more",
    ]);
  });

  test("folderRule() reports the 17th file of a folder of src, and no other folder", () => {
    const files = (folder: string, count: number) =>
      Array.from({ length: count }, (_, index) => `${folder}/${index}.ts`);
    const paths = [...files("src/a", 17), ...files("src/a/b", 16), ...files("test/a", 17)];
    expect(folderRule(paths).map(shown)).toEqual([
      "src/a:1: folder of 17 files: at most 16, group them",
    ]);
  });

  test("cycleRule() reports a circle of three, types too", async () => {
    const graph = await at({
      "src/core/a.ts": `import { b } from "./b.ts";`,
      "src/core/b.ts": `import type { c } from "./c.ts";`,
      "src/core/c.ts": `import { a } from "./a.ts";`,
    });
    expect(cycleRule(graph).map(shown)).toEqual([
      "src/core/a.ts:1: imports in a circle: src/core/a.ts → src/core/b.ts → src/core/c.ts → " +
        "src/core/a.ts; move what both need",
    ]);
  });

  test("cycleRule() lets two ways to one file pass", async () => {
    const graph = await at({
      "src/core/a.ts": `import { b } from "./b.ts"; import { c } from "./c.ts";`,
      "src/core/b.ts": `import { c } from "./c.ts";`,
      "src/core/c.ts": "f();",
    });
    expect(cycleRule(graph)).toEqual([]);
  });
});
