/** The parts of a release, each as its reader checks it. */

import { describe, expect } from "bun:test";
import { createHash } from "node:crypto";
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";
import manifest from "../../package.json";
import lockfile from "../../package-lock.json";
import { run } from "../../scripts/release/run.ts";
import { targets } from "../../scripts/release/targets.ts";
import { hasProgram, longWanted, skipUnless } from "../support/skip.ts";
import { build, release, sign, target } from "./made.ts";

const root = join(import.meta.dir, "../..");
const { version } = manifest;
const isLinux = process.platform === "linux";
const test = skipUnless(isLinux, "a release is made and checked on Linux");

const digest = (bytes: Uint8Array): string => createHash("sha256").update(bytes).digest("hex");
const read = (name: string): Buffer => readFileSync(join(release().folder, name));

/** Every file below a folder and its hash. */
function digests(folder: string): Record<string, string> {
  const files = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) =>
    entry.isFile(),
  );
  const names = files.map(({ parentPath, name }) => join(parentPath, name)).sort();
  return Object.fromEntries(
    names.map((name) => [name.slice(folder.length + 1), digest(readFileSync(name))]),
  );
}

describe("a release", () => {
  test("holds what its list of checksums names, and nothing else", () => {
    const folder = join(release().folder, "release");
    const listed = read("release/SHA256SUMS").toString().trimEnd().split("\n");
    expect(listed.map((line) => line.slice(66))).toEqual([
      "install.sh",
      `peernet-${version}-${target}.gz`,
      `peernet-${version}.cdx.json`,
      "peernet.1",
    ]);
    for (const line of listed)
      expect(digest(read(`release/${line.slice(66)}`))).toBe(line.slice(0, 64));
    expect(readdirSync(folder).length).toBe(listed.length + 2);
  });

  test("is signed by its maker for a release, and for nothing else", () => {
    const { folder, key } = release();
    const [type, text] = readFileSync(`${key}.pub`, "utf8").split(" ");
    const signers = join(folder, "signers");
    const verify = (line: string, namespace: string): boolean => {
      run(["sh", "-c", `printf '%s\\n' '${line}' >'${signers}'`]);
      const { success } = Bun.spawnSync(
        [
          "ssh-keygen",
          "-Y",
          "verify",
          "-f",
          signers,
          "-I",
          "peernet-release",
          "-n",
          namespace,
        ].concat("-s", join(folder, "release/SHA256SUMS.sig")),
        { stdin: read("release/SHA256SUMS") },
      );
      return success;
    };
    const line = `peernet-release namespaces="peernet-release" ${type} ${text}`;
    expect(read("release/install.sh").toString()).toContain(`\nsigner='${line}'\n`);
    expect(verify(line, "peernet-release")).toBe(true);
    expect(verify(line, "file")).toBe(false);
    run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", join(folder, "other")]);
    const other = readFileSync(join(folder, "other.pub"), "utf8").split(" ")[1] ?? "";
    expect(verify(line.replace(text ?? "", other), "peernet-release")).toBe(false);
  });

  test("is checked as the document says, line by line, and not when a byte of it differs", () => {
    const recipe = /^```\n(ssh-keygen -Y verify [\s\S]*?)^```$/m.exec(
      readFileSync(join(root, "docs/releasing.md"), "utf8"),
    )?.[1];
    expect(recipe).toContain("sha256sum --check --ignore-missing SHA256SUMS");
    const fetched = mkdtempSync(join(tmpdir(), "peernet-fetched-"));
    try {
      cpSync(join(release().folder, "release"), fetched, { recursive: true });
      const signer = /^signer='(.*)'$/m.exec(read("release/install.sh").toString())?.[1];
      writeFileSync(join(fetched, "signers"), `${signer}\n`);
      const check = () => Bun.spawnSync(["sh", "-e", "-c", recipe ?? ""], { cwd: fetched });
      const { exitCode, stdout } = check();
      expect([exitCode, stdout.toString()]).toEqual([
        0,
        expect.stringMatching(/^Good "peernet-release" signature[\s\S]*\npeernet\.1: OK\n$/),
      ]);
      writeFileSync(join(fetched, "peernet.1"), "another\n");
      expect(check().stdout.toString()).toContain("\npeernet.1: FAILED\n");
      cpSync(join(fetched, "install.sh"), join(fetched, "SHA256SUMS"));
      expect(check().exitCode).toBe(255);
    } finally {
      rmSync(fetched, { recursive: true });
    }
  });

  test("has an executable that knows what it is, the same in the npm package", () => {
    const executable = read(`npm/${target}/bin/peernet`);
    expect(gunzipSync(read(`release/peernet-${version}-${target}.gz`)).equals(executable)).toBe(
      true,
    );
    const told = run([join(release().folder, `npm/${target}/bin/peernet`), "version", "--json"]);
    expect(JSON.parse(told)).toEqual({
      version,
      commit: expect.stringMatching(/^([0-9a-f]{40}(-dirty)?|unknown)$/),
      bun: manifest.devDependencies.bun,
      target,
    });
  });

  test("is the same bytes when it is made again, somewhere else", () => {
    const { folder, key, url } = release();
    const again = mkdtempSync(join(tmpdir(), "peernet-again-elsewhere-"));
    try {
      build(again, target);
      sign(join(again, "release"), { key, url });
      for (const part of ["release", "npm", "man"]) {
        expect(digests(join(again, part))).toEqual(digests(join(folder, part)));
      }
    } finally {
      rmSync(again, { recursive: true });
    }
  });
});

/** The bundle of an executable with its white space, in which each file has its path above it. */
function bundledText(): string {
  const folder = mkdtempSync(join(tmpdir(), "peernet-bundle-"));
  try {
    const main = join(import.meta.dir, "../../src/main.ts");
    const flags = ["--target=bun", "--format=esm", "--splitting", "--external", "file-type"];
    run([process.execPath, "build", main, ...flags, "--outdir", folder]);
    const files = readdirSync(folder).filter((name) => /\.m?js$/.test(name));
    return files.map((name) => readFileSync(join(folder, name), "utf8")).join("\n");
  } finally {
    rmSync(folder, { recursive: true });
  }
}

describe("the bill of materials", () => {
  interface Component {
    readonly name: string;
    readonly version: string;
    readonly purl: string;
    readonly hashes: readonly { readonly alg: string; readonly content: string }[];
  }
  const bill = () => JSON.parse(read(`release/peernet-${version}.cdx.json`).toString());

  test("names the packages that are bundled, and no other, each hash as it was locked", () => {
    const { components } = bill() as { readonly components: readonly Component[] };
    const named = components.map(({ name }) => name).filter((name) => !name.startsWith("@oven/"));
    expect(named).toContain("elysia");
    const bundled = bundledText().matchAll(
      /^\/\/ node_modules\/(?:.*node_modules\/)?((?:@[^/\n]+\/)?[^/\n]+)\//gm,
    );
    expect([...new Set([...bundled].map(([, name = ""]) => name))].sort()).toEqual(
      [...new Set(named)].sort(),
    );
    const jose = components.find(({ name }) => name === "jose");
    const integrity = lockfile.packages["node_modules/jose"].integrity.replace("sha512-", "");
    expect(jose).toMatchObject({
      purl: `pkg:npm/jose@${jose?.version}`,
      hashes: [{ alg: "SHA-512", content: Buffer.from(integrity, "base64").toString("hex") }],
    });
  });

  test("is of this release, with the Bun of each system, and without a time", () => {
    const { metadata, components, bomFormat, specVersion } = bill();
    expect([bomFormat, specVersion, metadata.component.name]).toEqual([
      "CycloneDX",
      "1.5",
      "peernet",
    ]);
    const names = components.map(({ name }: Component) => name);
    expect(names).toContain(targets.find(({ name }) => name === target)?.runtime);
    expect(names).not.toContain("typescript");
    expect(metadata.timestamp).toBeUndefined();
    const told = run([join(release().folder, `npm/${target}/bin/peernet`), "version", "--json"]);
    const { commit } = JSON.parse(told);
    expect(metadata.component.properties).toEqual([{ name: "peernet:commit", value: commit }]);
  });
});

describe("the manual page", () => {
  const withMan = (name: string) => skipUnless(hasProgram(name), `${name} is not installed`);

  withMan("mandoc")("has nothing that mandoc warns of", () => {
    const page = join(release().folder, "man/peernet.1");
    const { exitCode, stdout } = Bun.spawnSync(["mandoc", "-T", "lint", "-W", "warning", page]);
    expect([exitCode, stdout.toString()]).toEqual([0, ""]);
  });

  withMan("man")("is shown by man, every command and flag of it", async () => {
    const page = join(release().folder, "man/peernet.1");
    const { stdout, stderr } = Bun.spawnSync(["man", "--warnings=w", "-l", page], {
      env: { PATH: process.env.PATH, MANWIDTH: "200", LC_ALL: "C.UTF-8" },
    });
    expect(stderr.toString()).toBe("");
    const text = stdout.toString().replace(/.\x08/g, "");
    for (const part of ["PEERNET(1)", "peernet ask [HANDLE] [QUESTION", "--timeout DURATION"]) {
      expect(text).toContain(part);
    }
    expect(text).toContain("peernet ask mini/hydrate 'may I rebase main?'");
  });
});

skipUnless(longWanted, "every system's executable is built twice with --long")(
  "the executables of every system are the same bytes twice, and say which they are",
  () => {
    const { key } = release();
    const folders = ["one", "other"].map((name) => mkdtempSync(join(tmpdir(), `peernet-${name}-`)));
    const [one = "", other = ""] = folders;
    try {
      for (const folder of folders) {
        build(folder);
        sign(join(folder, "release"), { key, url: "https://example.invalid/releases" });
      }
      expect(digests(join(one, "release"))).toEqual(digests(join(other, "release")));
      for (const { name } of targets) {
        const text = readFileSync(join(one, `npm/${name}/bin/peernet`), "latin1");
        expect([name, text.includes(`target: "${name}"`)]).toEqual([name, true]);
      }
    } finally {
      for (const folder of folders) rmSync(folder, { recursive: true });
    }
  },
  600_000,
);
