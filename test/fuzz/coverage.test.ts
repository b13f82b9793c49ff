/** The share of the framing that its fuzzing reaches, line by line. */

import { expect, test } from "bun:test";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ranOf } from "../support/ran.ts";

/** All that reads or writes a byte between machines. */
const framing = [
  "src/peer/framing.ts",
  "src/peer/call-over.ts",
  "src/daemon/network/framing.ts",
  "src/daemon/network/request.ts",
  "src/daemon/network/serve-socket.ts",
];

/** The share of each file's lines that ran, from a report of lcov. */
function sharesIn(report: string): ReadonlyMap<string, number> {
  const sections = report.split("end_of_record").map((section): readonly [string, number] => {
    const [, file = ""] = /^SF:(.*)$/m.exec(section) ?? [];
    const counts = [...section.matchAll(/^DA:\d+,(\d+)/gm)].map(([, count]) => Number(count));
    return [file, counts.filter((count) => count > 0).length / counts.length];
  });
  return new Map(sections);
}

test("fuzzing reaches 95 % of the lines of each part of the framing", async () => {
  const folder = mkdtempSync(join(tmpdir(), "peernet-coverage-"));
  try {
    const command = [
      ...[process.execPath, "test", "--timeout=60000", "--coverage", "--coverage-reporter=lcov"],
      ...[`--coverage-dir=${folder}`, "./test/fuzz/framing.test.ts"],
    ];
    const { code, err } = await ranOf(Bun.spawn(command, { stdout: "pipe", stderr: "pipe" }));
    expect({ code, err: code === 0 ? "" : err }).toEqual({ code: 0, err: "" });
    const shares = sharesIn(readFileSync(join(folder, "lcov.info"), "utf8"));
    for (const file of framing) {
      expect([file, (shares.get(file) ?? 0) >= 0.95]).toEqual([file, true]);
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}, 120_000);
