/** The lines of a search are those of grep itself. */

import { expect, test } from "bun:test";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { matchLines } from "../../../src/contract/reads/matches.ts";
import type { Match } from "../../../src/contract/reads/reads.ts";
import { histories } from "../../support/histories.ts";

/** The matches of `x` in some files, as a reader tells them. */
function matchesIn(files: readonly (readonly string[])[], context: number): Match[] {
  return files.flatMap((lines, file) =>
    lines.flatMap((text, at) =>
      text !== "x"
        ? []
        : [
            {
              ...{ path: `f${file}`, line: at + 1, text },
              before: lines.slice(Math.max(0, at - context), at),
              after: lines.slice(at + 1, at + 1 + context),
            },
          ],
    ),
  );
}

const around = (context: number): string[] => (context === 0 ? [] : ["-C", String(context)]);

test("matchLines() prints what grep -C prints, in pages of any size", async () => {
  const folder = mkdtempSync(join(tmpdir(), "peernet-grep-"));
  try {
    await histories(60, (draw) => {
      const files = Array.from({ length: 2 }, () =>
        Array.from({ length: draw.between(1, 14) }, () => draw.pick(["x", "a", ""])),
      );
      for (const [at, lines] of files.entries()) {
        writeFileSync(join(folder, `f${at}`), `${lines.join("\n")}\n`);
      }
      const context = draw.between(0, 3);
      const ran = Bun.spawnSync(["grep", "-n", "-H", ...around(context), "x", "f0", "f1"], {
        cwd: folder,
      });
      const lines = matchLines({ hasContext: context > 0 });
      const shown: string[] = [];
      let left = matchesIn(files, context);
      while (left.length > 0) {
        const size = draw.between(1, 3);
        shown.push(...lines.of(left.slice(0, size)));
        left = left.slice(size);
      }
      shown.push(...lines.end());
      expect(shown).toEqual(ran.stdout.toString().split("\n").slice(0, -1));
    });
  } finally {
    rmSync(folder, { recursive: true });
  }
});
