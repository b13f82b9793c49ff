/**
 * The npm packages: `peernet`, which only finds and starts the executable, and one for each system
 * with the executable in it. npm chooses by operating system, processor and C library; no script
 * is run when they are installed.
 */

import { chmodSync, cpSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import manifest from "../../package.json";
import type { Target } from "./targets.ts";

const root = join(import.meta.dir, "../..");
const { version, license, description } = manifest;

/** The path of a system's executable below the folder of all packages. */
export const executableIn = (folder: string, { name }: Target): string =>
  join(folder, name, "bin/peernet");

/** Writes the package of one system around the executable, which is put there by the caller. */
export function writeSystemPackage(folder: string, target: Target): void {
  const { name, os, cpu, libc } = target;
  write(join(folder, name), {
    name: `@peernet/${name}`,
    version,
    description: `The executable of peernet for ${name}.`,
    license,
    os: [os],
    cpu: [cpu],
    ...(libc === null ? {} : { libc: [libc] }),
    files: ["bin"],
    preferUnplugged: true,
  });
}

/** Writes the package that a person installs. */
export function writeLauncher(folder: string, targets: readonly Target[], manual: string): void {
  const own = join(folder, "peernet");
  write(own, {
    name: "peernet",
    version,
    description,
    license,
    type: "module",
    bin: { peernet: "bin/peernet.js" },
    man: ["peernet.1"],
    files: ["bin", "peernet.1"],
    engines: manifest.engines,
    optionalDependencies: Object.fromEntries(
      targets.map(({ name }) => [`@peernet/${name}`, version]),
    ),
  });
  cpSync(join(root, "README.md"), join(own, "README.md"));
  writeFileSync(join(own, "peernet.1"), manual);
  const launcher = join(own, "bin/peernet.js");
  cpSync(join(import.meta.dir, "launcher.js"), launcher);
  chmodSync(launcher, 0o755);
}

function write(folder: string, content: object): void {
  mkdirSync(join(folder, "bin"), { recursive: true });
  writeFileSync(join(folder, "package.json"), `${JSON.stringify(content, null, 2)}\n`);
  cpSync(join(root, "LICENSE"), join(folder, "LICENSE"));
}
