#!/usr/bin/env node
/** Finds the executable of this system among the packages installed with this one, and is it. */

import { spawn } from "node:child_process";
import { createRequire } from "node:module";
import { constants } from "node:os";

const resolve = createRequire(import.meta.url).resolve;
const system = `${process.platform}-${process.arch}`;

function find(name) {
  try {
    return resolve(`@peernet/${name}/bin/peernet`);
  } catch {
    return null;
  }
}

/** With both there, one of them was installed by an npm that does not look at the C library. */
function executable() {
  const [plain, musl] = [find(system), find(`${system}-musl`)];
  if (plain === null || musl === null) return plain ?? musl;
  return process.report.getReport().header.glibcVersionRuntime === undefined ? musl : plain;
}

const path = executable();
if (path === null) {
  process.stderr.write(`peernet: error: the package @peernet/${system} is not installed\n`);
  process.stderr.write("peernet: hint: npm install --include=optional peernet\n");
  process.exit(70);
}
const child = spawn(path, process.argv.slice(2), { stdio: "inherit" });
// A terminal interrupts both; the executable's reaction decides how both end.
process.on("SIGINT", () => {});
for (const signal of ["SIGTERM", "SIGHUP"]) process.on(signal, () => child.kill(signal));
child.on("error", (error) => {
  process.stderr.write(`peernet: error: ${path} does not start: ${error.code}\n`);
  process.stderr.write("peernet: hint: npm install peernet\n");
  process.exit(70);
});
child.on("exit", (code, signal) => {
  process.exit(code ?? 128 + constants.signals[signal]);
});
