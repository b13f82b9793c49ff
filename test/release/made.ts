/** A release of this machine's executable, made once for all tests of this folder. */

import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { run } from "../../scripts/release/run.ts";

const root = join(import.meta.dir, "../..");

/** The target this machine builds for itself. */
export const target = `${process.platform}-${process.arch}`;

/** A release and the server that gives it out. */
export interface Made {
  /** The folder of release/, npm/ and man/. */
  readonly folder: string;
  /** The file of the key that signed it. */
  readonly key: string;
  /** The URL of the releases. */
  readonly url: string;
}

let made: Made | null = null;

/** Makes a release, or gives the one that was made. */
export function release(): Made {
  made ??= make();
  return made;
}

function make(): Made {
  const folder = mkdtempSync(join(tmpdir(), "peernet-release-"));
  process.on("exit", () => rmSync(folder, { recursive: true, force: true }));
  const key = join(folder, "key");
  run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", key]);
  const server = Bun.serve({
    hostname: "127.0.0.1",
    port: 0,
    fetch: async (request) => {
      const name = new URL(request.url).pathname.split("/").at(-1) ?? "";
      const file = Bun.file(join(folder, "release", name));
      return (await file.exists()) ? new Response(file) : new Response("", { status: 404 });
    },
  });
  server.unref();
  const url = `http://127.0.0.1:${server.port}`;
  build(folder, target);
  sign(join(folder, "release"), { key, url });
  return { folder, key, url };
}

/** Builds the release artifacts: for these systems, or for all of them. */
export function build(folder: string, ...systems: readonly string[]): void {
  const words = systems.flatMap((name) => ["--target", name]);
  run([join(root, "scripts/release.sh"), "--out", folder, ...words]);
}

/** Makes a release of a folder of files. */
export function sign(folder: string, { key, url }: Pick<Made, "key" | "url">): void {
  run([join(root, "scripts/sign.sh"), key, url, folder]);
}
