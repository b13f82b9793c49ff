/**
 * A release on a loopback server, made by the same code as a real one, but with a small script
 * instead of the executable. It serves the tests of fetching, checking and installing.
 */

import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { run } from "../../scripts/release/run.ts";
import { sign } from "../release/made.ts";

/** The name of this machine's executable in a release. */
export const target = `${process.platform}-${process.arch}`;

/** A server of releases, and its releases. */
export interface Releases extends Disposable {
  readonly url: string;
  /** Every path that was asked for, in order. */
  readonly asked: string[];
  /** Replaces the content at a path such as `/latest/download/SHA256SUMS`; null is a 404. */
  replace(path: string, content: Uint8Array | string | null): void;
  /** The content served at a path. */
  content(path: string): Buffer;
  /** Adds a release; it is the latest from then on. */
  add(version: string, options?: Added): void;
  /** A path to the installer as a person would have it in a file. */
  installer(): string;
}

interface Added {
  /** Another key than the one that the installer knows signs it. */
  readonly forged?: boolean;
  /** The replacement of the executable; a working script unless given. */
  readonly executable?: Uint8Array;
  /** Has a manual page beside the executable, as a real release has. */
  readonly manual?: string;
  /** For which system it is. */
  readonly target?: string;
}

/**
 * Replaces the executable: prints its version, and reports a running daemon while the file
 * `NAME.running` lies beside it. Notes its arguments in `NAME.calls`.
 */
export const standIn = (version: string, target: string): string => `#!/bin/sh
case "$1 \${2:-}" in
"version --json") printf '{"version":"${version}","commit":"x","target":"${target}"}\\n' ;;
"version ") echo 'peernet ${version} (commit x)' ;;
"status ") [ -e "$0.running" ] ;;
"stop ") echo "${version} stop" >>"$0.calls"; rm "$0.running" ;;
"start ")
  echo "${version} start" >>"$0.calls"
  if [ -e "$0.broken" ]; then echo 'peernet: error: it is broken' >&2; exit 3; fi
  : >"$0.running"
  ;;
esac
`;

/** Serves releases until the block ends. */
export function releases(): Releases {
  const folder = mkdtempSync(join(tmpdir(), "peernet-releases-"));
  const served = new Map<string, Buffer>();
  const asked: string[] = [];
  const server = Bun.serve({
    hostname: "127.0.0.1",
    port: 0,
    fetch: (request) => {
      const { pathname } = new URL(request.url);
      asked.push(pathname);
      const content = served.get(pathname);
      return content === undefined
        ? new Response("not here", { status: 404 })
        : new Response(new Uint8Array(content));
    },
  });
  const url = `http://127.0.0.1:${server.port}`;
  for (const name of ["key", "other"]) {
    run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", join(folder, name)]);
  }
  const at = (path: string): Buffer => {
    const content = served.get(path);
    if (content === undefined) throw new Error(`nothing is served at ${path}`);
    return content;
  };
  return {
    url,
    asked,
    replace: (path, content) => {
      if (content === null) served.delete(path);
      else served.set(path, Buffer.from(content));
    },
    content: at,
    add: (version, options = {}) => {
      for (const [name, content] of made(folder, url, { version, ...options })) {
        served.set(`/latest/download/${name}`, content);
        served.set(`/download/v${version}/${name}`, content);
      }
    },
    installer: () => {
      const file = join(folder, "install.sh");
      writeFileSync(file, at("/latest/download/install.sh"));
      return file;
    },
    [Symbol.dispose]: () => {
      void server.stop(true);
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

type Asked = Added & { readonly version: string };

/** The files of one release. */
function made(folder: string, url: string, asked: Asked): (readonly [string, Buffer])[] {
  const { version, forged = false } = asked;
  const of = asked.target ?? target;
  const release = join(folder, "made");
  rmSync(release, { recursive: true, force: true });
  mkdirSync(release);
  const name = `peernet-${version}-${of}.gz`;
  const executable = asked.executable ?? Buffer.from(standIn(version, of));
  writeFileSync(join(release, name), gzipSync(executable));
  const page = asked.manual === undefined ? [] : ["peernet.1"];
  for (const file of page) writeFileSync(join(release, file), asked.manual ?? "");
  sign(release, { key: join(folder, forged ? "other" : "key"), url });
  return [name, ...page, "SHA256SUMS", "SHA256SUMS.sig", "install.sh"].map((file) => [
    file,
    readFileSync(join(release, file)),
  ]);
}
