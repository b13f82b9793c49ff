/** The written documents: each block marked `sh` is run, each command they name is one. */

import { test as always, describe, expect } from "bun:test";
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { commands } from "../src/cli/commands.ts";
import { commonFlags } from "../src/cli/frame/command.ts";
import { executable, isBuilt, notBuilt } from "./support/executable.ts";
import { skipUnless } from "./support/skip.ts";

const root = join(import.meta.dir, "..");
const documents = [
  "README.md",
  "SECURITY.md",
  ...readdirSync(join(root, "docs"))
    .filter((name) => name.endsWith(".md"))
    .map((name) => `docs/${name}`),
];

/** The fenced blocks of a document that are marked so. */
function blocks(text: string, mark: string): string[] {
  return [...text.matchAll(/^```(\w*)\n([\s\S]*?)^```$/gm)].flatMap(([, marked, body = ""]) =>
    marked === mark ? [body] : [],
  );
}

/** Every command line that a document shows: in its text, and in blocks that are not output. */
function commandLines(text: string): string[] {
  const inText = text.replace(/^```[\s\S]*?^```$/gm, "").matchAll(/`(peernet [^`]+)`/g);
  const shown = [...blocks(text, "sh"), ...blocks(text, "")].flatMap((block) =>
    [...block.matchAll(/^(?:\S+ \S+ % )?(peernet .*)$/gm)].map(([, line = ""]) => line),
  );
  return [...[...inText].map(([, line = ""]) => line), ...shown];
}

describe("the documents", () => {
  for (const name of documents) {
    const text = readFileSync(join(root, name), "utf8");

    always(`${name} names only commands and flags that there are`, async () => {
      const wrong: string[] = [];
      for (const line of commandLines(text)) {
        const [, first = "", second = ""] = line.split(/\s+/);
        const entry =
          commands.find((each) => each.name === `${first} ${second}`) ??
          commands.find((each) => each.name === first);
        if (entry === undefined) {
          if (!/^(COMMAND|--version|--help)/.test(first)) wrong.push(line);
          continue;
        }
        const command = entry.load === null ? null : await entry.load();
        if (command === null) continue;
        const known = Object.keys({ ...command.flags, ...commonFlags });
        const written = line.split("  ")[0] ?? "";
        for (const [, flag = ""] of written.matchAll(/ --([a-z-]+)/g)) {
          if (!known.includes(flag)) wrong.push(line);
        }
      }
      expect(wrong).toEqual([]);
    });

    always(`${name} links to files that there are`, () => {
      const links = [...text.matchAll(/\]\((?!https?:|#)([^)#]+)/g)].map(([, path = ""]) => path);
      const lost = links.filter((path) => !existsSync(join(root, dirname(name), path)));
      expect(lost).toEqual([]);
      const scripts = [...text.matchAll(/^\.\/(scripts\/[\w.]+)/gm)].map(([, path = ""]) => path);
      expect(scripts.filter((path) => !existsSync(join(root, path)))).toEqual([]);
    });

    const runs = blocks(text, "sh");
    if (runs.length === 0) continue;
    skipUnless(isBuilt, notBuilt)(`${name}: what is marked sh runs, in order, in one home`, () => {
      const home = mkdtempSync(join(tmpdir(), "peernet-documents-"));
      try {
        const before = `PATH="${dirname(executable)}:$PATH"\ntrap 'peernet stop 2>&1' EXIT\n`;
        for (const block of runs) {
          const { exitCode, stdout, stderr } = Bun.spawnSync(["sh", "-e", "-c", before + block], {
            cwd: home,
            env: { PATH: process.env.PATH, HOME: home, PEERNET_LISTEN_PORT: "0" },
          });
          expect([exitCode, stderr.toString(), stdout.toString(), block]).toEqual([
            0,
            expect.any(String),
            expect.any(String),
            block,
          ]);
        }
      } finally {
        rmSync(home, { recursive: true, force: true });
      }
    });
  }
});
