/**
 * The identity of this build. Knows nothing of protocol versions, and reads no file at run time.
 */

import { version } from "../../package.json";

/** Set by the build; absent when the source runs unbuilt. */
declare const PEERNET_COMMIT: string | undefined;

/** Set by a build for a named system; absent in a build for the building system. */
declare const PEERNET_TARGET: string | undefined;

/** An executable's description in `peernet version`. */
export interface Build {
  readonly version: string;
  /** 40 hex digits, then `-dirty` if the source differed; `unknown`; `source` if not built. */
  readonly commit: string;
  /** The version of Bun inside. */
  readonly bun: string;
  /** Operating system, processor and, for musl, the C library: `linux-x64-musl`. */
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

/** The name of a build: two executables of one name have the same source and target. */
export const nameOfBuild = ({ version: number, commit, target }: Build): string =>
  `${number} ${commit} ${target}`;
