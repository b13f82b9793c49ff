/** A disk that is soon full: a small file system in memory, where root may mount one. */

import { closeSync, mkdtempSync, openSync, rmSync, writeSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** A disk of its own, unmounted after the block. */
export interface SmallDisk extends Disposable {
  readonly path: string;
  /** Fills it to the last byte, but for so many pages of 4 KiB. */
  fill(pagesLeft?: number): void;
  /** Gives back what was filled. */
  free(): void;
}

/** The reason of a test that is skipped because no disk can be made. */
export const noDisk = "no small disk can be mounted here: that takes Linux and root";

/** True when a disk can be made. */
export const canMount: boolean = ((): boolean => {
  if (process.platform !== "linux" || process.geteuid?.() !== 0) return false;
  try {
    smallDisk()[Symbol.dispose]();
    return true;
  } catch {
    return false;
  }
})();

const pageBytes = 4_096;

/** Mounts a disk of two mebibytes and so many files. @throws when that is not possible here */
export function smallDisk(filesMax = 1_000): SmallDisk {
  const path = mkdtempSync(join(tmpdir(), "peernet-disk-"));
  const run = (...command: readonly string[]): boolean => Bun.spawnSync([...command]).success;
  // One more is the folder itself.
  const size = `size=2m,nr_inodes=${filesMax + 1},mode=700`;
  if (!run("mount", "-t", "tmpfs", "-o", size, "tmpfs", path)) {
    rmSync(path, { recursive: true });
    throw new Error(noDisk);
  }
  const ballast = join(path, "ballast");
  const free = (): void => rmSync(ballast, { force: true });
  return {
    path,
    fill: (pagesLeft = 0) => {
      const spare = join(path, "spare");
      takeAll(spare, pagesLeft);
      takeAll(ballast, Number.POSITIVE_INFINITY);
      rmSync(spare);
    },
    free,
    [Symbol.dispose]: () => {
      run("umount", "--lazy", path);
      rmSync(path, { recursive: true, force: true });
    },
  };
}

/** Writes pages into a new file, at most so many, until there is no space left. */
function takeAll(path: string, pagesMax: number): void {
  const descriptor = openSync(path, "w", 0o600);
  const page = new Uint8Array(pageBytes);
  try {
    for (let pages = 0; pages < pagesMax; pages += 1) writeSync(descriptor, page);
  } catch (error) {
    if (!(error instanceof Error && "code" in error && error.code === "ENOSPC")) throw error;
  } finally {
    closeSync(descriptor);
  }
}
