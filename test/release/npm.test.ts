/** The npm packages, installed by npm from a registry on loopback. */

import { describe, expect } from "bun:test";
import { createHash } from "node:crypto";
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import manifest from "../../package.json";
import { writeSystemPackage } from "../../scripts/release/packages.ts";
import { run } from "../../scripts/release/run.ts";
import { targets } from "../../scripts/release/targets.ts";
import { skipUnless } from "../support/skip.ts";
import { release, target } from "./made.ts";

const { version } = manifest;

interface Registry extends Disposable {
  readonly url: string;
  /** The archives that were fetched. */
  readonly fetched: string[];
}

/** Packs the built packages, and a script in place of each other system's executable. */
function registry(): Registry {
  const folder = mkdtempSync(join(tmpdir(), "peernet-registry-"));
  for (const other of targets) {
    writeSystemPackage(folder, other);
    writeFileSync(join(folder, other.name, "bin/peernet"), "#!/bin/sh\necho WRONG\n");
  }
  for (const name of [target, "peernet"]) {
    cpSync(join(release().folder, "npm", name), join(folder, name), { recursive: true });
  }
  const archives = new Map<string, Buffer>();
  for (const name of readdirSync(folder)) {
    archives.set(name, readFileSync(name === "peernet" ? packed(folder) : archived(folder, name)));
  }
  const fetched: string[] = [];
  const server = Bun.serve({
    hostname: "127.0.0.1",
    port: 0,
    fetch: (request): Response => {
      const path = decodeURIComponent(new URL(request.url).pathname).slice(1);
      if (path.startsWith("archive/")) {
        const name = path.slice("archive/".length);
        fetched.push(name);
        return new Response(new Uint8Array(archives.get(name) ?? []));
      }
      const name = path.replace("@peernet/", "");
      const archive = archives.get(name);
      if (archive === undefined) return new Response("{}", { status: 404 });
      const content = JSON.parse(readFileSync(join(folder, name, "package.json"), "utf8"));
      const integrity = `sha512-${createHash("sha512").update(archive).digest("base64")}`;
      const dist = { tarball: new URL(`/archive/${name}`, request.url).href, integrity };
      return Response.json({
        name: path,
        "dist-tags": { latest: version },
        versions: { [version]: { ...content, dist } },
      });
    },
  });
  return {
    url: String(server.url),
    fetched,
    [Symbol.dispose]: () => {
      void server.stop(true);
      rmSync(folder, { recursive: true });
    },
  };
}

/** The archive of the launcher, as it is published. */
function packed(folder: string): string {
  const pack = ["npm", "pack", "--silent", "--pack-destination", folder];
  return join(folder, run(pack, join(folder, "peernet")).trim());
}

/** The archive of a system's package: npm's own takes long over a large executable. */
function archived(folder: string, name: string): string {
  const archive = join(folder, `${name}.tgz`);
  const rename = ["--transform", "s,^[.],package,"];
  run(["tar", "-I", "gzip -1", ...rename, "-C", join(folder, name), "-cf", archive, "."]);
  return archive;
}

describe("npm install peernet", () => {
  const test = skipUnless(process.platform === "linux", "packages are made on Linux");

  test("installs this system's executable alone, runs no script, and is it", async () => {
    using served = registry();
    const home = mkdtempSync(join(tmpdir(), "peernet-npm-"));
    try {
      mkdirSync(join(home, "prefix"));
      const environment = {
        PATH: process.env.PATH,
        HOME: home,
        PEERNET_HOME: join(home, "state"),
        npm_config_registry: served.url,
        npm_config_prefix: join(home, "prefix"),
        npm_config_cache: join(home, "cache"),
        npm_config_update_notifier: "false",
      };
      const npm = Bun.spawn(["npm", "install", "--global", "--foreground-scripts", "peernet"], {
        env: environment,
        cwd: home,
        stdout: "pipe",
        stderr: "pipe",
      });
      const said = await new Response(npm.stderr).text();
      expect([await npm.exited, said]).toEqual([0, ""]);
      expect(served.fetched.sort()).toEqual([target, "peernet"]);
      const launcher = join(home, "prefix/bin/peernet");
      const ran = (...words: readonly string[]) =>
        Bun.spawnSync([launcher, ...words], { env: environment, cwd: home });
      expect(JSON.parse(ran("version", "--json").stdout.toString())).toMatchObject({
        version,
        target,
      });
      const failed = ran("status");
      expect([failed.exitCode, failed.stderr.toString()]).toEqual([
        3,
        "peernet: error: the daemon is not running\npeernet: hint: peernet setup\n",
      ]);
      expect(existsSync(join(home, "prefix/share/man/man1/peernet.1"))).toBe(true);
      rmSync(join(home, "prefix/lib/node_modules/peernet/node_modules"), { recursive: true });
      const lost = ran("version");
      expect([lost.exitCode, lost.stderr.toString()]).toEqual([
        70,
        `peernet: error: the package @peernet/${target} is not installed\n` +
          "peernet: hint: npm install --include=optional peernet\n",
      ]);
    } finally {
      rmSync(home, { recursive: true });
    }
  });
});
