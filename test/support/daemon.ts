/** A real daemon inside the test's own process: real TLS, SQLite, socket and files, fresh home. */

import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { connect } from "../../src/client.ts";
import type { Control } from "../../src/contract/control.ts";
import { PeernetError } from "../../src/contract/errors.ts";
import type { ActivateInput } from "../../src/contract/lease.ts";
import type { Calls } from "../../src/contract/operation/operation.ts";
import type { OpenEvent } from "../../src/contract/pairing.ts";
import { type Daemon, startDaemon } from "../../src/daemon/daemon.ts";
import type { TrustedLine } from "../../src/daemon/trust/handlers.ts";
import { bootClocks } from "../../src/platform/clock/boot-clock.ts";
import { defer, timers } from "../../src/platform/clock/timers.ts";
import type { MetricsConfig, WebhookConfig } from "../../src/platform/config.ts";
import type { Effects } from "../../src/platform/effects.ts";
import { stateFiles } from "../../src/platform/files.ts";
import { realEffects } from "../../src/platform/real.ts";
import { daemonUmask } from "./umask.ts";

/** A daemon that runs, and what a test does with it. */
export interface Machine extends AsyncDisposable {
  readonly name: string;
  readonly home: string;
  readonly daemon: Daemon;
  readonly calls: Calls<Control>;
  /** `127.0.0.1:port` of its peer listener. */
  readonly address: string;
  /** Stops it and starts it again on the same home. */
  restart(): Promise<Machine>;
}

/** The choices of a test. */
export interface MachineOptions {
  readonly home?: string;
  /** Changes effects: a moved clock, a commit that waits. */
  readonly effects?: (real: Effects) => Effects;
  readonly defer?: (run: () => void) => void;
  readonly port?: number;
  /** True for a machine that nobody can dial. */
  readonly isUnlistening?: boolean;
  /** Its version; that of this build unless given. */
  readonly version?: string;
  /** True where notifications are shown on the desktop. */
  readonly notifies?: boolean;
  /** True where the terminal of a session rings for mail. */
  readonly rings?: boolean;
  /** Machines that its models may write to. */
  readonly writes?: readonly string[];
  /** Machines that may wake a session that asks nobody. */
  readonly wakeUnattended?: readonly string[];
  /** Lines of root's files about trusted machines. */
  readonly trusted?: readonly TrustedLine[];
  /** The serving of metrics; none unless given. */
  readonly metrics?: MetricsConfig;
  /** Programs that are told of events; none unless given. */
  readonly webhooks?: readonly WebhookConfig[];
  /** Addresses that a search probes. */
  readonly searched?: readonly string[];
  /** The sockets on which a stand-in for tailscaled listens; none unless given. */
  readonly tailscaledSockets?: readonly string[];
  /** True where a search asks that stand-in for the tailnet's machines. */
  readonly searchesTailnet?: boolean;
}

/** Starts a daemon called `name` on loopback. */
export async function machine(name: string, options: MachineOptions = {}): Promise<Machine> {
  const home = options.home ?? mkdtempSync(join(tmpdir(), `peernet-${name}-`));
  const umask = daemonUmask();
  const started = await start(name, home, options).catch((error: unknown) => {
    umask[Symbol.dispose]();
    throw error;
  });
  const stop = once(() => started.stop().finally(() => umask[Symbol.dispose]()));
  const daemon = { ...started, stop };
  return {
    name,
    home,
    daemon,
    calls: connect(join(home, "control.sock"), { timers }).calls,
    address: daemon.listen[0] ?? "",
    restart: async () => {
      await stop();
      return machine(name, { ...options, home });
    },
    [Symbol.asyncDispose]: async () => {
      await stop();
      rmSync(home, { recursive: true, force: true });
    },
  };
}

/** Starts the daemon itself; whatever keeps it from starting rejects. */
async function start(name: string, home: string, options: MachineOptions): Promise<Daemon> {
  const real = { ...realEffects(stateFiles(home), bootClocks()), unlisted };
  return startDaemon({
    effects: options.effects?.(real) ?? real,
    config: {
      machine: { name },
      listen: {
        addresses: options.isUnlistening === true ? [] : ["127.0.0.1"],
        port: options.port ?? 0,
      },
      discovery: { tailnet: options.searchesTailnet ?? false, addresses: options.searched ?? [] },
      tailnet: { sameUserOnly: true },
      sessions: { activate: "none", folders: [], exclude: [], headless: false },
      messages: {
        to: options.writes ?? ["mine"],
        wake: "always",
        wakeUnattended: options.wakeUnattended ?? [],
      },
      ...(options.metrics === undefined ? {} : { metrics: options.metrics }),
      ...(options.webhooks === undefined ? {} : { webhooks: options.webhooks }),
      notify: { desktop: options.notifies ?? false, bell: options.rings ?? false },
    },
    environment: {},
    tailscaledSockets: options.tailscaledSockets ?? [],
    trusted: options.trusted ?? [],
    version: options.version ?? "0.1.0",
    defer: options.defer ?? defer,
  });
}

/** The refusal of an error that its row does not list: no test expects it. */
const unlisted: NonNullable<Effects["unlisted"]> = (path, code) =>
  new PeernetError("internal", { message: `${path} does not list ${code}` });

function once(run: () => Promise<void>): () => Promise<void> {
  let running: Promise<void> | null = null;
  return () => {
    running ??= run();
    return running;
  };
}

/** A window that is open, and the events that follow. */
export interface OpenedWindow {
  readonly code: string;
  readonly events: OpenEvent[];
  /** Resolves when the stream has ended. */
  readonly ended: Promise<void>;
  /** Goes away, as a person who presses Ctrl-C. */
  close(): void;
}

/** Opens a pairing window. */
export async function opened(
  on: Pick<Machine, "calls">,
  asked: { readonly grant?: "ask"[]; readonly from?: string } = {},
): Promise<OpenedWindow> {
  const leaving = new AbortController();
  const events: OpenEvent[] = [];
  const first = Promise.withResolvers<string>();
  const input = { grant: asked.grant ?? ["ask" as const], from: asked.from ?? null };
  const read = async (): Promise<void> => {
    for await (const event of on.calls["pair/open"](input, { signal: leaving.signal })) {
      events.push(event);
      if (event.event === "opened") first.resolve(event.code);
    }
  };
  const ended = read().catch((error: unknown) => {
    if (!leaving.signal.aborted) throw error;
  });
  return { code: await first.promise, events, ended, close: () => leaving.abort() };
}

/** Pairs two machines: `shows` shows the code, `types` types it. */
export async function pair(shows: Machine, types: Machine): Promise<void> {
  const window = await opened(shows);
  const to = shows.address;
  const { fingerprint } = shows.daemon;
  await types.calls.pair({ code: window.code, to, fingerprint, grant: ["ask"] });
  await window.ended;
}

/** The input with which a shell session in this very process would activate. */
export const session = (more: Partial<ActivateInput> = {}): ActivateInput => ({
  harness: "shell",
  session_id: null,
  process: { pid: process.pid, start_time: "1" },
  cwd: "/src/hydrate",
  project: "hydrate",
  git: {
    sha: "91c0d7e000000000000000000000000000000000",
    subject: "sync: back off after 429",
    branch: "main",
    dirty: 3,
  },
  ...more,
});
