/** The daemon as a process: its settings, its signals, and its messages to its starter. */

import { PeernetError } from "../contract/errors.ts";
import type { Process } from "../contract/lease.ts";
import { stateNames } from "../contract/text/state-names.ts";
import { bootClocks } from "../platform/clock/boot-clock.ts";
import { defer } from "../platform/clock/timers.ts";
import { configName, readConfig } from "../platform/config.ts";
import type { Effects } from "../platform/effects.ts";
import { stateFiles } from "../platform/files.ts";
import { forbidCoreFiles } from "../platform/process/memory.ts";
import { realEffects } from "../platform/real.ts";
import { build } from "../platform/version.ts";
import { type Daemon, startDaemon } from "./daemon.ts";
import type { TrustedLine } from "./trust/handlers.ts";

/** The properties of the process. */
export interface Host {
  readonly env: Readonly<Record<string, string | undefined>>;
  on(event: string, run: (reason: unknown) => void): unknown;
}

/** Writes a message to the starter in the foreground. */
type Tell = (text: string) => void;

/** Dependencies of the process. */
export interface ServeParts {
  readonly host: Host;
  readonly tell: Tell;
  /** This very process, when the system shows it. */
  readonly self: Process | null;
  /** Lines of root's files about trusted machines. */
  readonly trusted: readonly TrustedLine[];
}

/** Runs the daemon of a state folder until it is stopped; returns the exit code. */
export async function serve(
  folder: string,
  argv: readonly string[],
  { host, tell, self, trusted }: ServeParts,
): Promise<number> {
  const wantsDocs = argv.includes("--docs");
  const unknown = argv.find((word) => word !== "--docs" && word !== "--json");
  if (unknown !== undefined) {
    throw new PeernetError("bad_request", {
      message: `daemon takes no ${unknown}`,
      hint: "peernet help daemon",
    });
  }
  forbidCoreFiles();
  const effects = realEffects(stateFiles(folder), bootClocks());
  try {
    const daemon = await start(effects, { host, self, trusted });
    return await untilStopped({ daemon, effects, host, tell, wantsDocs });
  } catch (error) {
    const named = error instanceof PeernetError ? error : new PeernetError("internal");
    // For the command that started this process: it reads the last line of the log.
    effects.log.error("start_failed", { ...named.body, ...stackOf(error) });
    throw named;
  }
}

const stackOf = (error: unknown): { readonly stack?: string } =>
  error instanceof Error && !(error instanceof PeernetError) ? { stack: error.stack ?? "" } : {};

async function start(
  effects: Effects,
  { host, self, trusted }: Omit<ServeParts, "tell">,
): Promise<Daemon> {
  if (effects.files.read(stateNames.stopped) !== null) {
    throw new PeernetError("daemon_not_running", {
      message: "the daemon was stopped by `peernet stop`, which is remembered",
      hint: "peernet start",
    });
  }
  const config = readConfig({ text: readConfigText(effects), environment: host.env });
  const { env: environment } = host;
  const { version } = build;
  return startDaemon({ effects, config, environment, version, self, trusted, defer });
}

/**
 * The text of config.toml, which holds no secret and may be readable by all: its mode is not
 * checked like a key's.
 */
const readConfigText = (effects: Effects): string | null => effects.files.readOpen(configName);

interface Running {
  readonly daemon: Daemon;
  readonly effects: Effects;
  readonly host: Host;
  readonly tell: Tell;
  readonly wantsDocs: boolean;
}

async function untilStopped({ daemon, effects, host, tell, wantsDocs }: Running): Promise<number> {
  const signalled = Promise.withResolvers<void>();
  for (const signal of ["SIGINT", "SIGTERM"]) host.on(signal, () => signalled.resolve());
  const crashed = Promise.withResolvers<number>();
  for (const event of ["uncaughtException", "unhandledRejection"]) {
    host.on(event, (reason) => {
      const { name, stack } = reason instanceof Error ? reason : new Error("a value was thrown");
      effects.log.error("crashed", { name, stack: stack ?? "" });
      crashed.resolve(70);
    });
  }
  const cancel = effects.timers.after(settledMs, giveBack);
  tell(`peernet ${build.version} listens on ${daemon.listen.join(", ") || "nothing"}\n`);
  try {
    const docs = wantsDocs ? await openDocs(tell) : null;
    const stopped = Promise.race([daemon.told, signalled.promise]).then(() => 0);
    const code = await Promise.race([stopped, crashed.promise]);
    await docs?.close();
    return code;
  } finally {
    cancel();
    await daemon.stop();
  }
}

/** The time after which nothing of the start is needed any more. */
const settledMs = 3_000;

/** Gives the memory of the start back to the system, in one short pause. */
function giveBack(): void {
  Bun.gc(true);
  Bun.shrink();
}

async function openDocs(tell: Tell) {
  const { serveDocs } = await import("./api/docs.ts");
  const docs = await serveDocs();
  tell(`API documents: ${docs.url}\n`);
  return docs;
}
