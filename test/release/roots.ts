/**
 * Roots of file systems with next to nothing in them, in which an executable runs: by chroot, in
 * namespaces of its own, so that its mounts vanish with the process.
 */

import { cpSync, existsSync, mkdirSync, mkdtempSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { run } from "../../scripts/release/run.ts";

/** A root, removed after the block. */
export interface Root extends Disposable {
  readonly path: string;
  /** Copies a program of this machine there, with the libraries it loads. */
  add(program: string): void;
  /** Copies only the files that an executable loads. */
  addLibraries(file: string): void;
}

/** Makes a root with a shell and the small programs of busybox. */
export function emptyRoot(busybox: string): Root {
  const path = mkdtempSync(join(tmpdir(), "peernet-root-"));
  for (const folder of ["bin", "dev", "etc", "home", "lib", "proc", "tmp", "usr/lib"]) {
    mkdirSync(join(path, folder), { recursive: true });
  }
  const copy = (file: string, to = file): void => {
    mkdirSync(dirname(join(path, to)), { recursive: true });
    if (!existsSync(join(path, to))) cpSync(file, join(path, to), { dereference: true });
  };
  const addLibraries = (file: string): void => {
    // It fails for a file that loads no library.
    const { stdout } = Bun.spawnSync(["ldd", file]);
    for (const [, library = ""] of stdout.toString().matchAll(/(\/\S+) \(0x/g)) copy(library);
  };
  const add = (program: string): void => {
    const file = Bun.which(program);
    if (file === null) throw new Error(`${program} is not installed`);
    copy(file, `bin/${file.split("/").at(-1)}`);
    addLibraries(file);
  };
  add(busybox);
  for (const name of run([busybox, "--list"]).trim().split("\n")) {
    if (name !== "busybox") symlinkSync("busybox", join(path, "bin", name));
  }
  return {
    path,
    add,
    addLibraries,
    [Symbol.dispose]: () => rmSync(path, { recursive: true, force: true }),
  };
}

/** True when a process may have such a root. */
export const canChroot =
  process.platform === "linux" &&
  Bun.which("unshare") !== null &&
  Bun.spawnSync(["unshare", "-Urmpf", "true"]).success;

/** The reason of a test that is skipped otherwise. */
export const noChroot = "no root of its own can be given here: that takes Linux and root";

/** The end of a script, and its output. */
export interface Ended {
  readonly code: number;
  readonly out: string;
}

/**
 * Runs a script by a root's shell; everything it started ends with it. `before` is run first,
 * outside of the root but in its name spaces.
 */
export async function inRoot(root: Root, script: string, before = ":"): Promise<Ended> {
  const mounts = 'mount -t proc proc "$1/proc" && mount --rbind /dev "$1/dev"';
  const outer = `${mounts} && ${before} && exec chroot "$1" /bin/sh -c "$2"`;
  const child = Bun.spawn(["unshare", "-Urmpf", "sh", "-c", outer, "sh", root.path, script], {
    env: { PATH: "/usr/bin:/bin:/usr/sbin:/sbin", HOME: "/home" },
    stdin: "ignore",
    stdout: "pipe",
    stderr: "pipe",
  });
  const [out, err, code] = await Promise.all([
    new Response(child.stdout).text(),
    new Response(child.stderr).text(),
    child.exited,
  ]);
  return { code, out: out + err };
}
