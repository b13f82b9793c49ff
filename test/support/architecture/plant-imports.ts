/** Imports that a rule must report, and that it must let pass. */

import type { Plant } from "./rules.ts";

/** Imports that a rule must report, and that it must let pass. */
export const importPlants: readonly Plant[] = [
  [
    "layers",
    "src/core/a.ts",
    `import { s } from "../store/b.ts";`,
    "core may not import store: load in daemon/, decide from plain values",
  ],
  [
    "layers",
    "src/cli/commands/a.ts",
    `import type { S } from "../../core/b.ts";`,
    "cli may not import core: ask the daemon through src/client.ts",
  ],
  [
    "layers",
    "src/cli/a.ts",
    `const s = await import("../daemon/b.ts");`,
    "cli may not import daemon: ask the daemon through src/client.ts",
  ],
  [
    "layers",
    "src/peer/a.ts",
    `import { instantOf } from "../platform/effects.ts";`,
    "peer may import types of platform only: take the value as a parameter",
  ],
  ["layers", "src/peer/a.ts", `import type { Clock } from "../platform/effects.ts";`, null],
  [
    "layers",
    "src/client.ts",
    `import { x } from "./daemon/mount.ts";`,
    "client may not import daemon: the client knows the contract only",
  ],
  [
    "layers",
    "src/main.ts",
    `import { x } from "./daemon/daemon.ts";`,
    "main may not import src/daemon/daemon.ts eagerly: await import() it in its mode",
  ],
  ["layers", "src/main.ts", `const x = await import("./daemon/daemon.ts");`, null],
  [
    "layers",
    "src/utils/a.ts",
    `import { x } from "../contract/errors.ts";`,
    "utils is no layer: add it to the table of layers, or move it",
  ],
  [
    "layers",
    "src/daemon/a.ts",
    `import { x } from "../../test/support/a.ts";`,
    "daemon may not import test/support/a.ts: src stands alone",
  ],
  ["layers", "src/daemon/a.ts", `import { s } from "../store/b.ts";`, null],
  [
    "capabilities",
    "src/daemon/ask/a.ts",
    `import type { Held } from "../messages/b.ts";`,
    "daemon/ask may not import messages: assemble.ts hands verbs down, typed in context/ports.ts",
  ],
  [
    "capabilities",
    "src/daemon/sessions/a.ts",
    `import { x } from "../peer-handlers.ts";`,
    "daemon/sessions may not import src/daemon/peer-handlers.ts: " +
      "assemble.ts hands verbs down, typed in context/ports.ts",
  ],
  [
    "capabilities",
    "src/daemon/runs/a.ts",
    "f();",
    "daemon/runs is no capability: add it to the table, or move it",
  ],
  [
    "capabilities",
    "src/cli/ask/a.ts",
    `const { b } = await import("../audit/b.ts");`,
    "cli/ask may not import audit: move what both need to frame/ or terminal/",
  ],
  ["capabilities", "src/daemon/links/a.ts", `import { x } from "../peers/b.ts";`, null],
  ["capabilities", "src/daemon/assemble.ts", `import { x } from "./ask/b.ts";`, null],
  [
    "libraries",
    "src/daemon/a.ts",
    `import { z } from "zod";`,
    "zod belongs in src/contract/, src/platform/config.ts: validate by a schema of src/contract",
  ],
  ["libraries", "src/contract/a.ts", `import { z } from "zod";`, null],
  [
    "libraries",
    "src/daemon/a.ts",
    `import { Elysia } from "elysia";`,
    "elysia belongs in src/daemon/api/: mount a table",
  ],
  [
    "libraries",
    "src/daemon/a.ts",
    `import { swagger } from "@elysiajs/swagger";`,
    "@elysiajs/swagger belongs in src/daemon/api/: mount a table",
  ],
  [
    "libraries",
    "src/daemon/a.ts",
    `import { jwtVerify } from "jose/jwt/verify";`,
    "jose belongs in src/peer/token.ts: mint and verify through src/peer/token.ts",
  ],
  [
    "libraries",
    "src/core/a.ts",
    `import { p } from "@noble/curves/ed25519.js";`,
    "@noble/curves belongs in src/peer/cpace.ts: pair through src/peer/cpace.ts",
  ],
  [
    "libraries",
    "src/daemon/a.ts",
    `import { Database } from "bun:sqlite";`,
    "bun:sqlite belongs in src/store/: read and write through src/store",
  ],
  [
    "libraries",
    "src/daemon/a.ts",
    `import left from "left-pad";`,
    "left-pad has no place yet: name one file or folder for it",
  ],
  [
    "libraries",
    "src/daemon/a.ts",
    `import { env } from "node:process";`,
    "node:process has no place yet: name one file or folder for it",
  ],
  [
    "libraries",
    "src/peer/a.ts",
    `import { createHmac, randomBytes } from "node:crypto";`,
    "randomBytes of node:crypto is banned here: take random from Effects",
  ],
  ["libraries", "src/peer/a.ts", `import { createHmac } from "node:crypto";`, null],
  ...["daemon", "core", "store", "peer", "contract", "cli"].map(
    (layer): Plant => [
      "libraries",
      `src/${layer}/a.ts`,
      `const { open } = await import("node:fs/promises");`,
      "node:fs/promises belongs in src/main.ts, src/main/, src/platform/, src/session/, " +
        "src/keeper/, src/harness/, src/setup/: use Effects.files",
    ],
  ),
  ["libraries", "src/session/a.ts", `import { readFile } from "node:fs/promises";`, null],
  ["endings", "src/core/a.ts", `import { x } from "./b";`, `import "./b" has no ending: write .ts`],
  ["endings", "src/core/a.ts", `import { x } from "./b.ts";`, null],
];
