/** Shapes that a rule must report, and that it must let pass. */

import type { Plant } from "./rules.ts";

const lines = (count: number): string => "x;\n".repeat(count);
const body = (count: number): string => `function f() {\n${"  x();\n".repeat(count - 2)}}\n`;

/** Shapes that a rule must report, and that it must let pass. */
export const shapePlants: readonly Plant[] = [
  ["sizes", "src/core/a.ts", lines(301), "file of 301 lines: at most 300, split what it knows"],
  ["sizes", "src/core/a.ts", lines(300), null],
  [
    "sizes",
    "test/core/a.test.ts",
    `${"x".repeat(101)}\n`,
    "line of 101 characters: at most 100, break it",
  ],
  ["sizes", "src/core/a.ts", `${"é".repeat(100)}\n`, null],
  ["functions", "src/core/a.ts", body(51), "function f of 51 lines: at most 50, name its steps"],
  ["functions", "src/core/a.ts", body(50), null],
  [
    "functions",
    "src/core/a.ts",
    `const f = (a: A, b: B, c: C, d: D) => a;`,
    "function f takes 4 parameters: at most 3, take an object",
  ],
  ["functions", "src/core/a.ts", `const f = (a: A, b: B, c: C) => a;`, null],
  ["functions", "test/a.test.ts", `describe("a", () => {\n${lines(60)}});`, null],
  ["casts", "src/core/a.ts", "let a: any;", "any is banned: use unknown and check it"],
  [
    "casts",
    "src/core/a.ts",
    "\nconst a = b as C;",
    "cast without a reason: check the value, or say why it holds",
  ],
  [
    "casts",
    "scripts/a.ts",
    `const s = "// no reason"; f(b as C);`,
    "cast without a reason: check the value, or say why it holds",
  ],
  ["casts", "src/core/a.ts", "// The table has this shape.\nconst a = b as C;", null],
  ["casts", "src/core/a.ts", "const a = [1] as const;", null],
  [
    "files",
    "src/core/a.ts",
    "const a = 1;",
    "no header: begin with /** what it is responsible for and refuses to do */",
  ],
  ["files", "src/core/a.ts", "/** A. */\nexport default 1;", "default export: export a name"],
  [
    "files",
    "src/core/a.ts",
    "/** A. */\nexport default function f() {}",
    "default export: export a name",
  ],
  [
    "files",
    "src/core/a.ts",
    `/** A. */\nexport * from "./b.ts";`,
    "re-export: import the name from the file that has it",
  ],
  [
    "files",
    "src/core/a.ts",
    "/** A. */\nclass Manager {}",
    "class Manager: write functions, or name the resource it owns",
  ],
  ["files", "src/core/a.ts", "/** A. */\nexport const a = 1;", null],
  ["unfinished", "src/core/a.ts", "// TODO later", "TODO: do it, or file it"],
  ["unfinished", "src/core/a.ts", `const a = "TODO";`, null],
  [
    "unfinished",
    "test/a.test.ts",
    `test.only("a", () => {});`,
    "test.only is banned: run the file by its name",
  ],
  [
    "unfinished",
    "test/a.test.ts",
    `describe.skip("a", () => {});`,
    "describe.skip is banned: use skipUnless(condition, why)",
  ],
];
