/**
 * The executable: chooses the mode by the first word and loads that mode alone. Only this file and
 * src/main/ end the process.
 */

import { PeernetError } from "./contract/errors.ts";
import { flushed, realIo } from "./main/io.ts";

const argv = process.argv.slice(2);

/** Runs one mode and returns the exit code. */
async function run(): Promise<number> {
  // Before any file is created: every file and socket of this process is the user's alone.
  process.umask(0o077);
  const [mode, ...rest] = argv;
  const wantsHelp = rest.includes("--help") || rest.includes("-h");
  if (mode === "daemon" && !wantsHelp) return background(() => daemonMode(rest));
  if (mode === "keeper" && rest.length === 0)
    return background(async () => (await import("./main/keeper.ts")).keeperMode());
  if (mode === "reader" && rest.length === 0 && process.env.PEERNET_READER !== undefined)
    return background(async () => (await import("./main/reader.ts")).readerMode());
  if (mode === "supervise" && rest.length === 1 && rest[0]?.startsWith("/") === true)
    return background(async () =>
      (await import("./main/supervise.ts")).superviseMode(`${rest[0]}`),
    );
  if (mode === "inside" && rest.length === 0 && process.env.PEERNET_INSIDE !== undefined)
    return background(async () => (await import("./main/supervise.ts")).insideMode());
  if (mode === "beside" && rest[2] === "--")
    return background(async () => (await import("./main/supervise.ts")).besideMode(rest));
  if (mode === "mcp" && !wantsHelp)
    return background(async () => (await import("./main/mcp.ts")).mcpMode());
  if (mode === "hook" && !wantsHelp)
    return background(async () => (await import("./main/hook.ts")).hookMode(rest));
  // These modes show, take or pass on a code: no core file of them may hold one.
  if (["pair", "setup", "dashboard"].includes(mode ?? ""))
    (await import("./platform/process/memory.ts")).forbidCoreFiles();
  const { main } = await import("./cli/cli.ts");
  return main(argv, await realIo());
}

/** Runs a mode without a person; its failure is two lines and an exit code. */
async function background(mode: () => Promise<number>): Promise<number> {
  try {
    return await mode();
  } catch (error) {
    const { report } = await import("./cli/terminal/output.ts");
    const named = error instanceof PeernetError ? error : new PeernetError("internal");
    return report(await realIo(), named, argv.includes("--json"));
  }
}

async function daemonMode(rest: readonly string[]): Promise<number> {
  const { stateFolder } = await import("./main/home.ts");
  const { serve } = await import("./daemon/serve.ts");
  const { processOf } = await import("./session/process.ts");
  const { out: tell } = await realIo();
  if (process.pid === 1 && process.platform === "linux") {
    const { timers } = await import("./platform/clock/timers.ts");
    (await import("./platform/process/orphans.ts")).reapOrphans(timers);
  }
  const exit = await serve(stateFolder(), rest, {
    ...{ host: process, tell, self: processOf(process.pid) },
    trusted: await (await import("./main/trusted.ts")).trustedByRoot(tell),
  });
  await flushed();
  return exit;
}

// Last: everything above is defined.
const code = await run();
// A command has said by now what could not be written; for the other modes nobody reads it.
await flushed().catch(() => undefined);
process.exit(code);
