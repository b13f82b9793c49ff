/**
 * The mode of a reader: puts the walls up, proves them, then serves. The keeper alone starts it; by
 * hand it does nothing. A command starts one only to prove the walls.
 */

import type { SandboxSeen } from "../contract/reads/sandbox.ts";
import type { Room } from "../keeper/sandbox/room.ts";
import { timers } from "../platform/clock/timers.ts";

/** Encloses this process, or serves inside the walls; returns the exit code. */
export async function readerMode(): Promise<number> {
  const { insideVariable, roomVariable } = await import("../keeper/sandbox/room.ts");
  const { allGuards, enclose, shut } = await import("../keeper/sandbox/enclose.ts");
  // The keeper of this very version wrote it.
  const room = JSON.parse(process.env[roomVariable] ?? "null") as Room;
  const out = Bun.stdout.writer();
  const report = async (line: string): Promise<void> => {
    out.write(`${line}\n`);
    await out.flush();
  };
  if (process.env[insideVariable] === undefined) {
    const { buildName } = await import("../keeper/sandbox/start.ts");
    if (room.build === buildName) enclose(room, allGuards, ["peernet", "reader"]);
    await report("unsafe peernet was updated meanwhile");
    return 1;
  }
  const { canaryCount, tryCanaries } = await import("../keeper/sandbox/canaries.ts");
  const { canaryLine } = await import("../contract/reads/sandbox.ts");
  shut(allGuards);
  const tried = await tryCanaries(room);
  const failed = tried.filter(({ isExpected }) => !isExpected);
  if (failed.length > 0) {
    const named = failed.map(({ name, result }) => `${name}: ${result}`).join(", ");
    await report(`unsafe ${named}`);
    return 1;
  }
  await report(canaryLine(room.nonce, tried.length, canaryCount));
  return 0;
}

/** Builds the sandbox of this machine once, and reports what it can do. */
export async function sandboxSeen(): Promise<SandboxSeen> {
  const { proveSandbox } = await import("../keeper/sandbox/prove.ts");
  const { HOME: home = "/", TMPDIR: scratch = "/tmp" } = process.env;
  return proveSandbox({
    platform: process.platform,
    uid: process.geteuid?.() ?? 0,
    ...{ scratch, home, timers, newNonce: Bun.randomUUIDv7 },
    signal: new AbortController().signal,
  });
}
