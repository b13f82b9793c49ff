/**
 * The mode of a reader: puts the walls up, proves them, then serves. The keeper alone starts it; by
 * hand it does nothing. A command starts one only to prove the walls.
 */

import type { SandboxSeen } from "../contract/reads/sandbox.ts";
import type { Builder } from "../keeper/sandbox/prove.ts";
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
    const { build, nameOfBuild } = await import("../platform/version.ts");
    if (room.build === nameOfBuild(build)) enclose(room, allGuards, ["peernet", "reader"]);
    await report("unsafe peernet was updated meanwhile");
    return 1;
  }
  const { canaryCount, tryCanaries } = await import("../keeper/sandbox/canaries.ts");
  const { canaryLine } = await import("../contract/reads/sandbox.ts");
  const { openObjects } = await import("../keeper/reader/git.ts");
  const { git, shell, objects: folders } = room;
  // Git starts before the last doors shut: after that nothing does.
  const objects = git === null ? null : openObjects({ git, shell, objects: folders });
  shut(allGuards);
  const tried = await tryCanaries(room);
  const failed = tried.filter(({ isExpected }) => !isExpected);
  if (failed.length > 0) {
    const named = failed.map(({ name, result }) => `${name}: ${result}`).join(", ");
    await report(`unsafe ${named}`);
    return 1;
  }
  await report(canaryLine(room.nonce, tried.length, canaryCount));
  if (objects === null) return 0;
  const { serve } = await import("../keeper/reader/serve.ts");
  const { linesOf } = await import("../keeper/reader/lines.ts");
  const { clocks } = await import("../platform/clock/clock.ts");
  await serve({ lines: linesOf(Bun.stdin.stream()), write: report, objects, clock: clocks });
  return 0;
}

/** Builds the sandbox of this machine once, and reports what it can do. */
export async function sandboxSeen(): Promise<SandboxSeen> {
  const { proveSandbox } = await import("../keeper/sandbox/prove.ts");
  const { TMPDIR: scratch = "/tmp" } = process.env;
  return proveSandbox(await builderIn(scratch));
}

/** Facts of this process, for the walls around its readers. */
export async function builderIn(scratch: string): Promise<Builder> {
  const { build, nameOfBuild } = await import("../platform/version.ts");
  return {
    platform: process.platform,
    uid: process.geteuid?.() ?? 0,
    ...{ scratch, home: process.env.HOME ?? "/", timers, newNonce: Bun.randomUUIDv7 },
    ...{ executable: process.execPath, build: nameOfBuild(build) },
    signal: new AbortController().signal,
  };
}
