/** Effects that a rule must report, and that it must let pass. */

import type { Plant } from "./rules.ts";

const clock = "use Effects.clock, read once per request";

/** Effects that a rule must report, and that it must let pass. */
export const effectPlants: readonly Plant[] = [
  ["effects", "src/daemon/a.ts", "f(Date.now());", `Date.now is banned here: ${clock}`],
  [
    "effects",
    "src/daemon/a.ts",
    "f(new Date());",
    `Date without an argument is banned here: ${clock}`,
  ],
  ["effects", "src/cli/a.ts", "f(new Date(5).getHours());", null],
  [
    "effects",
    "src/daemon/a.ts",
    "const D = Date;",
    `Date without an argument is banned here: ${clock}`,
  ],
  [
    "effects",
    "src/daemon/a.ts",
    "f(performance.now());",
    `performance.now is banned here: ${clock}`,
  ],
  ["effects", "src/core/a.ts", "Math.random();", "Math.random is banned here: use Effects.random"],
  [
    "effects",
    "src/peer/a.ts",
    "crypto.randomUUID();",
    "crypto.randomUUID is banned here: use Effects.random",
  ],
  [
    "effects",
    "src/peer/a.ts",
    "globalThis.crypto.getRandomValues(b);",
    "crypto.getRandomValues is banned here: use Effects.random",
  ],
  ...[`process.env.HOME`, `process["env"]`, `globalThis.process.env`].map(
    (text): Plant => [
      "effects",
      "src/cli/a.ts",
      `f(${text});`,
      "process.env is banned here: take it as a parameter, main.ts reads the environment",
    ],
  ),
  [
    "effects",
    "src/session/a.ts",
    "f(Bun.env);",
    "Bun.env is banned here: take it as a parameter, main.ts reads the environment",
  ],
  [
    "effects",
    "src/session/a.ts",
    "f(import.meta.env);",
    "import.meta.env is banned here: take it as a parameter, main.ts reads the environment",
  ],
  [
    "effects",
    "src/session/a.ts",
    "const { env } = process;",
    "process as a whole is banned here: name the member you use",
  ],
  ...["setTimeout", "setInterval", "setImmediate"].map(
    (name): Plant => [
      "effects",
      "src/daemon/a.ts",
      `${name}(() => {}, 5);`,
      `${name} is banned here: use Effects.timers`,
    ],
  ),
  ["effects", "src/daemon/a.ts", "socket.setTimeout(5);", null],
  [
    "effects",
    "src/daemon/a.ts",
    "f(AbortSignal.timeout(5));",
    "AbortSignal.timeout is banned here: use Effects.timers and an AbortController",
  ],
  [
    "effects",
    "src/daemon/a.ts",
    "console.log(1);",
    "console is banned here: use Effects.log, or the Io of a command",
  ],
  ["effects", "src/daemon/a.ts", `// console.log\nconst a = "console.log(Date.now())";`, null],
  ["effects", "src/platform/a.ts", "console.log(Date.now());", null],
  ["effects", "src/main.ts", "f(process.env);", null],
  [
    "exit",
    "src/platform/a.ts",
    "process.exit(1);",
    "process.exit is banned here: return an exit code to main.ts",
  ],
  [
    "exit",
    "src/cli/a.ts",
    "process.exitCode = 1;",
    "process.exitCode is banned here: return an exit code to main.ts",
  ],
  ["exit", "src/main.ts", "process.exit(1);", null],
  ...["daemon", "core", "store", "peer"].flatMap((layer): Plant[] => [
    [
      "paths",
      `src/${layer}/a.ts`,
      `Bun.file("/etc/passwd");`,
      "Bun.file is banned here: use Effects.files, rooted at the state folder",
    ],
    [
      "paths",
      `src/${layer}/a.ts`,
      `await Bun.write("/a", "b");`,
      "Bun.write is banned here: use Effects.files, rooted at the state folder",
    ],
    [
      "paths",
      `src/${layer}/a.ts`,
      `Bun.spawn(["git"]);`,
      "Bun.spawn is banned here: the daemon starts nothing: facts are pushed to it",
    ],
  ]),
  ["paths", "src/session/a.ts", `Bun.spawn(["git"]);`, null],
  [
    "purity",
    "src/core/a.ts",
    "Bun.stringWidth(a);",
    "Bun is banned here: pass plain values in, answer with plain values",
  ],
  [
    "purity",
    "src/contract/a.ts",
    "await fetch(a);",
    "fetch is banned here: pass plain values in, answer with plain values",
  ],
  ["purity", "src/core/a.ts", "const f = (process: Process) => process.pid;", null],
  [
    "databases",
    "src/daemon/a.ts",
    "new Database(a);",
    "new Database is banned here: read and write through src/store",
  ],
  ["databases", "src/store/a.ts", "new Database(a);", null],
];
