/** Reads the command lines that README and docs show. */

import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

const root = join(import.meta.dir, "../..");

/** The lines, each once: of blocks and of sentences, without the lines that say a usage. */
export function shownCommands(): string[] {
  const names = readdirSync(join(root, "docs")).filter((name) => name.endsWith(".md"));
  const texts = ["README.md", ...names.map((name) => `docs/${name}`)].map((name) =>
    readFileSync(join(root, name), "utf8"),
  );
  const lines = texts.flatMap((text) => {
    const blocks = [...text.matchAll(/^```\n([\s\S]*?)^```$/gm)].map(([, body = ""]) => body);
    const shown = blocks.flatMap((body) =>
      [...body.matchAll(/^(?:\S+ \S+ % )?(peernet\b.*)$/gm)].map(([, line = ""]) => line),
    );
    const told = text.replace(/^```[\s\S]*?^```$/gm, "").matchAll(/`(peernet [^`]+)`/g);
    return [...shown, ...[...told].map(([, line = ""]) => line)];
  });
  const commands = lines.map((line) => (line.split("   ")[0] ?? "").trim());
  return [...new Set(commands)].filter((line) => !/[A-Z]{4}|\[/.test(line.replace(/".*"/, "")));
}
