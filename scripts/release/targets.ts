/** The systems an executable is built for. */

/** One system: an operating system, a processor and, on Linux, a C library. */
export interface Target {
  /** Its name in peernet, as in `peernet version --json`. */
  readonly name: string;
  /** The package that holds the Bun of this system. */
  readonly runtime: string;
  readonly os: "linux" | "darwin";
  readonly cpu: "x64" | "arm64";
  readonly libc: "glibc" | "musl" | null;
}

/** Every system, in the order in which they are built. */
export const targets: readonly Target[] = [
  {
    name: "linux-x64",
    runtime: "@oven/bun-linux-x64",
    os: "linux",
    cpu: "x64",
    libc: "glibc",
  },
  {
    name: "linux-x64-musl",
    runtime: "@oven/bun-linux-x64-musl",
    os: "linux",
    cpu: "x64",
    libc: "musl",
  },
  {
    name: "linux-arm64",
    runtime: "@oven/bun-linux-aarch64",
    os: "linux",
    cpu: "arm64",
    libc: "glibc",
  },
  {
    name: "linux-arm64-musl",
    runtime: "@oven/bun-linux-aarch64-musl",
    os: "linux",
    cpu: "arm64",
    libc: "musl",
  },
  {
    name: "darwin-arm64",
    runtime: "@oven/bun-darwin-aarch64",
    os: "darwin",
    cpu: "arm64",
    libc: null,
  },
  {
    name: "darwin-x64",
    runtime: "@oven/bun-darwin-x64",
    os: "darwin",
    cpu: "x64",
    libc: null,
  },
];
