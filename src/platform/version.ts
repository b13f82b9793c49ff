/** Which build this is. Knows nothing of protocol versions, and reads no file when it runs. */

import { version } from "../../package.json";

/** Set by the build; absent when the source is run as it is. */
declare const PEERNET_COMMIT: string | undefined;

/** Set by a build for a named system; absent when built for the one it is built on. */
declare const PEERNET_TARGET: string | undefined;

/** What `peernet version` tells of an executable. */
export interface Build {
  readonly version: string;
  /** 40 hex digits, then `-dirty` where the source differed; `unknown`; `source` if not built. */
  readonly commit: string;
  /** The version of Bun inside. */
  readonly bun: string;
  /** Operating system, processor and, where it is musl, the C library: `linux-x64-musl`. */
  readonly target: string;
}

/** This build. */
export const build: Build = {
  version,
  commit: typeof PEERNET_COMMIT === "string" ? PEERNET_COMMIT : "source",
  bun: Bun.version,
  target:
    typeof PEERNET_TARGET === "string" ? PEERNET_TARGET : `${process.platform}-${process.arch}`,
};
