/**
 * The executables for other systems, each in a root of its own kind: glibc and musl, this processor
 * and the other one, which an emulator runs. Packages bring the other files of the roots.
 */

import { describe, expect } from "bun:test";
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  symlinkSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { executableIn } from "../../scripts/release/packages.ts";
import { run } from "../../scripts/release/run.ts";
import { type Target, targets } from "../../scripts/release/targets.ts";
import { hasProgram, longWanted, skipUnless } from "../support/skip.ts";
import { build } from "./made.ts";
import { canChroot, emptyRoot, inRoot, noChroot, type Root } from "./roots.ts";

const repository = join(import.meta.dir, "../..");
const programs = ["apt-get", "dpkg-deb", "pip", "unzip", "qemu-aarch64-static", "busybox"];
/** Whom a Debian's packages are signed by. */
const keyring = "/usr/share/keyrings/debian-archive-keyring.gpg";
const missing = [
  ...programs.filter((name) => !hasProgram(name)),
  ...[keyring].filter((path) => !existsSync(path)),
];
const why = missing.length > 0 ? `${missing.join(", ")} not installed` : noChroot;
const ready = longWanted && missing.length === 0 && canChroot && process.arch === "x64";
const test = skipUnless(ready, longWanted ? why : "other systems' executables run with --long");

const machines = { x64: "x86_64", arm64: "aarch64" } as const;
const debian = { x64: "amd64", arm64: "arm64" } as const;

interface Packages {
  readonly suite: string;
  readonly names: readonly string[];
}

/** Unpacks packages of a Debian into a root; they may be of another processor. */
function unpack(root: string, { cpu }: Target, { suite, names }: Packages): void {
  const work = mkdtempSync(join(tmpdir(), "peernet-packages-"));
  try {
    for (const folder of ["lists/partial", "cache/archives/partial", "debs"]) {
      mkdirSync(join(work, folder), { recursive: true });
    }
    const source = `deb [signed-by=${keyring}] http://deb.debian.org/debian ${suite} main\n`;
    run(["sh", "-c", `printf '%s' '${source}' >'${join(work, "sources")}'`]);
    const options = [
      `APT::Architecture=${debian[cpu]}`,
      `APT::Architectures=${debian[cpu]}`,
      "APT::Sandbox::User=root",
      `Dir::State::lists=${work}/lists`,
      "Dir::State::status=/dev/null",
      `Dir::Cache=${work}/cache`,
      `Dir::Etc::sourcelist=${work}/sources`,
      "Dir::Etc::sourceparts=/dev/null",
    ].flatMap((option) => ["-o", option]);
    run(["apt-get", "-qq", ...options, "update"]);
    run(["apt-get", "-qq", ...options, "download", ...names], join(work, "debs"));
    for (const name of readdirSync(join(work, "debs"))) {
      run(["dpkg-deb", "-x", join(work, "debs", name), root]);
    }
  } finally {
    rmSync(work, { recursive: true });
  }
}

/** Bun for musl loads libstdc++, which Debian has for glibc alone; a Python wheel brings one. */
function addMusl(root: string, target: Target): void {
  const machine = machines[target.cpu];
  const unpacked = join(root, "unpacked");
  unpack(unpacked, target, { suite: "trixie", names: ["musl"] });
  const loader = `ld-musl-${machine}.so.1`;
  const found = run(["find", unpacked, "-name", "libc.so", "-type", "f"]).trim();
  cpSync(found, join(root, "lib", loader));
  symlinkSync(loader, join(root, "lib", `libc.musl-${machine}.so.1`));
  const platform = `musllinux_1_2_${machine}`;
  const download = ["pip", "download", "--quiet", "--no-deps", "--only-binary=:all:"];
  const python = ["--platform", platform, "--python-version", "3.12", "--implementation", "cp"];
  run([...download, ...python, "-d", unpacked, "numpy"]);
  const wheel = readdirSync(unpacked).find((name) => name.endsWith(".whl")) ?? "";
  const libraries = join(root, "usr/lib");
  run(["unzip", "-qoj", join(unpacked, wheel), "numpy.libs/lib[gs]*", "-d", libraries]);
  const standard = readdirSync(libraries).find((name) => name.startsWith("libstdc++")) ?? "";
  symlinkSync(standard, join(libraries, "libstdc++.so.6"));
}

const bytes = (...values: readonly number[]): string =>
  values.map((value) => `\\x${value.toString(16).padStart(2, "0")}`).join("");
const any = [0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff] as const;
/** The head of a program for 64-bit Arm, and which bits of it count. */
const magic = bytes(0x7f, 0x45, 0x4c, 0x46, 2, 1, 1, ...Array(9).fill(0), 2, 0, 0xb7, 0);
const mask = bytes(...any, 0, ...any, 0xff, 0xfe, 0xff, 0xff, 0xff);
const rule = `:peernet:M::${magic}:${mask}:$(command -v qemu-aarch64-static):F`;
/** In a user name space of its own the rule is seen by nobody else. */
const emulated =
  "mount -t binfmt_misc binfmt_misc /proc/sys/fs/binfmt_misc && " +
  `printf '%s' "${rule}" >/proc/sys/fs/binfmt_misc/register`;

function rootOf(target: Target, executable: string): Root {
  const root = emptyRoot("busybox");
  if (target.libc === "musl") addMusl(root.path, target);
  else unpack(root.path, target, { suite: "bookworm", names: ["libc6"] });
  cpSync(executable, join(root.path, "bin/peernet"));
  mkdirSync(join(root.path, "scripts"));
  cpSync(join(repository, "scripts/demo.sh"), join(root.path, "scripts/demo.sh"));
  return root;
}

describe("the demo runs", () => {
  for (const target of targets.filter(({ os }) => os === "linux")) {
    if (target.name === "linux-x64") continue;
    test(`on ${target.name}`, async () => {
      const folder = mkdtempSync(join(tmpdir(), "peernet-foreign-"));
      try {
        build(folder, target.name);
        using root = rootOf(target, executableIn(join(folder, "npm"), target));
        const script = "export PATH=/bin; peernet version --json; sh /scripts/demo.sh /bin/peernet";
        const before = target.cpu === process.arch ? ":" : emulated;
        const { code, out } = await inRoot(root, script, before);
        expect([code, out]).toEqual([0, out]);
        expect(out).toContain(`"target":"${target.name}"`);
        expect(out).toContain("Facts held by mini's daemon");
        expect(out.match(/chain verified: /g)?.length).toBe(2);
      } finally {
        rmSync(folder, { recursive: true });
      }
    }, 300_000);
  }
});
