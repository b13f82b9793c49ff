/**
 * Takes this process off every network but loopback, and with it all that it starts: a client that
 * is driven here can tell nobody anything.
 */

import { readFileSync } from "node:fs";
import { openLibc } from "../../../src/platform/process/libc.ts";

const networkNamespace = 0x4000_0000;

/** Leaves every network, for good; false where that cannot be done: it needs root on Linux. */
export function leaveNetworks(): boolean {
  if (process.platform !== "linux" || Bun.which("ip") === null) return false;
  if (isAlone()) return true;
  const { unshare } = openLibc({ unshare: { args: ["i32"], returns: "i32" } });
  if (unshare(networkNamespace) !== 0) return false;
  return Bun.spawnSync(["ip", "link", "set", "lo", "up"]).exitCode === 0 && isAlone();
}

/** True when this thread, from which all others start, sees no interface but loopback. */
function isAlone(): boolean {
  const lines = readFileSync("/proc/thread-self/net/dev", "utf8").trim().split("\n").slice(2);
  return lines.every((line) => line.trim().startsWith("lo:"));
}
