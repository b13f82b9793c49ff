/**
 * The executable: chooses the mode by the first word, loads only what it needs, and builds the
 * real effects. The one place where the process ends itself.
 */

import type { LaunchParts } from "./cli/frame/launch.ts";
import type { Io, ServedPageOptions } from "./cli/terminal/io.ts";
import { connect } from "./client.ts";
import { PeernetError } from "./contract/errors.ts";
import { keeperPatienceMs } from "./contract/limits.ts";
import { clocks } from "./platform/clock/clock.ts";
import { timers } from "./platform/clock/timers.ts";
import type { TailnetSeen } from "./setup/plan/survey.ts";

const argv = process.argv.slice(2);
const caller = { environment: process.env, pid: process.pid };
const launching = () => import("./cli/frame/launch.ts");

/** What runs this program, before the mode. */
const command = Bun.isStandaloneExecutable ? [process.execPath] : [process.execPath, Bun.main];

/** Runs one mode and returns the exit code. */
async function run(): Promise<number> {
  // Before anything is created: every file and socket of this process is the user's alone.
  process.umask(0o077);
  const [mode, ...rest] = argv;
  const wantsHelp = rest.includes("--help") || rest.includes("-h");
  if (mode === "daemon" && !wantsHelp) return background(() => daemonMode(rest));
  if (mode === "keeper" && rest.length === 0) return background(keeperMode);
  if (mode === "mcp" && !wantsHelp) return background(mcpMode);
  if (mode === "hook" && !wantsHelp) return background(() => hookMode(rest));
  // They show, take or hand on a code: no core of them may hold one.
  if (["pair", "setup", "dashboard"].includes(mode ?? ""))
    (await import("./platform/process/memory.ts")).forbidCoreFiles();
  const { main } = await import("./cli/cli.ts");
  return main(argv, await realIo());
}

/** The state folder: `PEERNET_HOME`, else `~/.peernet`. @throws {state_unsafe} */
function stateFolder(): string {
  const { PEERNET_HOME: home, HOME: user } = process.env;
  if (home?.startsWith("/")) return home;
  if (home === undefined && user?.startsWith("/")) return `${user}/.peernet`;
  throw new PeernetError("state_unsafe", {
    message: home === undefined ? "HOME is not set" : "PEERNET_HOME is not an absolute path",
    hint: "set PEERNET_HOME to an absolute path",
  });
}

/** Runs a mode without a person in front: what fails is two lines and an exit code. */
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
  const { serve } = await import("./daemon/serve.ts");
  const { out: tell } = await realIo();
  return serve(stateFolder(), rest, { host: process, tell });
}

async function keeperMode(): Promise<number> {
  const { takeLock, takeLockSoon } = await import("./store/lock.ts");
  const [{ keep }, { readClaudeState }, { claudeFolder }, { describe }, { isAlive }] =
    await Promise.all([
      import("./keeper/keeper.ts"),
      import("./session/claude-state.ts"),
      import("./harness/agents.ts"),
      import("./session/describe.ts"),
      import("./session/process.ts"),
    ]);
  const { bootClocks } = await import("./platform/clock/boot-clock.ts");
  const { stateFiles } = await import("./platform/files.ts");
  const { fileLog } = await import("./platform/log.ts");
  const files = stateFiles(stateFolder());
  // Many sessions may start at once: one keeper waits for the one that may be about to end. Those
  // that find it waiting leave their leases to it, so it waits on after it has let others wait.
  const turn = takeLock(`${files.folder}/keeper-next.db`);
  if (turn === null) return 0;
  const wait = () =>
    takeLockSoon(`${files.folder}/keeper.db`, { timers, forMs: keeperPatienceMs / 2 });
  const first = await wait();
  turn.release();
  const lock = first ?? (await wait());
  // Another keeper has looked at the leases since this one was started: it has seen them all.
  if (lock === null) return 0;
  const clock = bootClocks();
  const environment = process.env;
  const ofClaude = claudeFolder({ home: environment.HOME ?? "", environment });
  await keep({
    calls: connect(`${files.folder}/control.sock`).calls,
    describe: (cwd) => describe(cwd, { environment, timers, home: files.folder }),
    isAlive,
    claudeState: (process) => readClaudeState(ofClaude, process),
    // The home is gone, or a person stopped its daemon.
    mayReturn: () => files.has("lock.db") && !files.has("stopped"),
    clock,
    timers,
    log: fileLog(files, clock),
  });
  lock.release();
  return 0;
}

async function mcpMode(): Promise<number> {
  const [{ serve }, { existsSync }, io] = await Promise.all([
    import("./mcp/serve.ts"),
    import("node:fs"),
    realIo(),
  ]);
  const has = (name: string): boolean => existsSync(`${stateFolder()}/${name}`);
  const parts = Object.assign(io, {
    whyDown: () => {
      if (has("stopped")) return "stopped";
      return has("lock.db") || has("config.toml") ? "not_running" : "not_set_up";
    },
    nonce: () => crypto.getRandomValues(new Uint8Array(8)).toHex(),
  } as const);
  return serve(parts, { input: Bun.stdin.stream(), write: io.out, timers });
}

/**
 * Runs one hook of a coding agent. What goes wrong in it is never the agent's trouble; only a
 * person who typed it is refused. @throws {bad_request}
 */
async function hookMode([harness]: readonly string[]): Promise<number> {
  const { isTerminal, writeTo } = await import("./platform/terminal/terminal.ts");
  if (isTerminal(0)) {
    throw new PeernetError("bad_request", {
      message: "a coding agent runs this, and hands it what happened in a session",
      hint: "peernet setup",
    });
  }
  const { isHooked, runHook } = await import("./hook/hook.ts");
  if (!isHooked(harness)) return 0;
  await runHook(harness, {
    environment: process.env,
    pid: process.pid,
    input: Bun.stdin.stream(),
    out: (text) => writeTo(1, text, gone),
    calls: () => connect(`${stateFolder()}/control.sock`).calls,
    config: async () => {
      const file = Bun.file(`${stateFolder()}/config.toml`);
      return file.text().catch(() => null);
    },
    ensureKeeper,
    warn: async (event, fields) => {
      const { logName, fileLog } = await import("./platform/log.ts");
      // Where there is no log yet there is no home, and a hook makes none.
      if (!(await Bun.file(`${stateFolder()}/${logName}`).exists())) return;
      const { stateFiles } = await import("./platform/files.ts");
      fileLog(stateFiles(stateFolder()), clocks).warn(event, fields);
    },
    timers,
  });
  return 0;
}

async function ensureKeeper(): Promise<void> {
  const { startKeeper } = await launching();
  const { stateFiles } = await import("./platform/files.ts");
  const { openLog } = await import("./platform/log.ts");
  const files = stateFiles(stateFolder());
  startKeeper({ environment: process.env, command, openLog: () => openLog(files) });
}

/** Whoever read the output has seen enough: `audit export | head` is no failure. */
const gone = (): never => process.exit(0);

/** The outside world of a command; what is slow to load waits until it is asked for. */
async function realIo(): Promise<Io> {
  const { build } = await import("./platform/version.ts");
  const { isDumb, lineReader, onInterrupt, terminalNow, writeTo } = await import(
    "./platform/terminal/terminal.ts"
  );
  let calls: Io["calls"] = () => {
    const { calls: made } = connect(`${stateFolder()}/control.sock`, attends);
    calls = () => made;
    return made;
  };
  let seen: ReturnType<Io["terminal"]> | null = null;
  const terminal = (): ReturnType<Io["terminal"]> => {
    seen ??= terminalNow();
    return seen;
  };
  const { attending } = await import("./cli/frame/attending.ts");
  const isAtTerminal = (): boolean => terminal().stdin && terminal().stderr;
  const { attends, ...people } = attending({ caller, folder: stateFolder, isAtTerminal });
  return {
    ...people,
    out: (text) => writeTo(1, text, gone),
    err: (text) => writeTo(2, text, gone),
    terminal,
    color: () => terminal().stdout && !process.env.NO_COLOR && !isDumb(process.env),
    readLine: lineReader(),
    environment: process.env,
    cwd: () => process.cwd(),
    pid: process.pid,
    isNew: async () => !(await Bun.file(`${stateFolder()}/keys/identity.pem`).exists()),
    get home() {
      return stateFolder();
    },
    version: build,
    clock: clocks,
    timers,
    calls: () => calls(),
    onInterrupt,
    serveDashboard: servePage,
    openFile: async (path) => {
      const { openInBrowser } = await import("./platform/terminal/browser.ts");
      return openInBrowser(path, { environment: process.env, timers });
    },
    ensureDaemon: async () => (await launching()).ensureDaemon(await launchParts(calls())),
    startDaemon: async () => (await launching()).startDaemon(await launchParts(calls())),
    stopDaemon: async () => (await launching()).stopDaemon(await launchParts(calls())),
    ensureKeeper,
    command,
    tailnet: tailnetSeen,
  };
}

async function servePage({ onSecondUse, opens }: ServedPageOptions) {
  const { serveDashboard } = await import("./dashboard/server.ts");
  const { stateFiles } = await import("./platform/files.ts");
  const { random } = await import("./platform/real.ts");
  const { freshLoopback, loopback } = await import("./platform/network/loopback.ts");
  // Elsewhere, and for a browser that is reached by a tunnel or from Windows, there is but one.
  const isLocal = opens && process.platform === "linux" && !process.env.WSL_DISTRO_NAME;
  const hostname = isLocal ? freshLoopback(random) : loopback;
  const files = stateFiles(stateFolder());
  const socketPath = `${files.folder}/control.sock`;
  const program = Bun.isStandaloneExecutable ? process.execPath : "peernet";
  const { registrations } = await import("./dashboard/registrations.ts");
  const { registeredAs } = await import("./setup/home.ts");
  const registered = registeredAs({ environment: process.env }, command, files.folder);
  return serveDashboard({
    ...{ socketPath, files, random, hostname, timers, onSecondUse },
    // The page is a person's, unless an agent has it served.
    attends: (await import("./cli/frame/attending.ts")).attending({
      caller,
      folder: stateFolder,
      isAtTerminal: () => true,
    }).attends,
    command: program,
    registrations: registrations(registered, process.env),
  });
}

/** This machine on its tailnet, asked without a daemon: setup comes before there is one. */
async function tailnetSeen(): Promise<TailnetSeen> {
  const { tailnet } = await import("./discovery/tailscale.ts");
  const { runner } = await import("./platform/process/run.ts");
  const status = await tailnet({
    environment: process.env,
    run: (words, given) => runner(given.environment, given.signal)(words),
    timers,
    clock: clocks,
  }).status();
  if (status.state !== "running") {
    return { state: status.state, addresses: [], login: null, machines: 0 };
  }
  const { addresses, login } = status.own;
  // What is refused is another user's machine, or nobody's.
  const machines = 1 + status.nodes.filter(({ refusal }) => refusal === null).length;
  return { state: "running", addresses, login, machines };
}

async function launchParts(calls: LaunchParts["calls"]): Promise<LaunchParts> {
  const { stateFiles } = await import("./platform/files.ts");
  const { openLog } = await import("./platform/log.ts");
  const { configVariables } = await import("./platform/config.ts");
  const { takeLock } = await import("./store/lock.ts");
  const files = stateFiles(stateFolder());
  return {
    calls,
    files,
    clock: clocks,
    timers,
    environment: process.env,
    command,
    openLog: () => openLog(files),
    configVariables,
    isHeld: () => {
      // Looking must not make what is looked for.
      if (!files.has("lock.db")) return false;
      const lock = takeLock(`${files.folder}/lock.db`);
      lock?.release();
      return lock === null;
    },
  };
}

// Last: everything above is defined.
process.exit(await run());
