/** P4, P9, P14: whole processes, from their start to their end or their first answer. */

import { rmSync } from "node:fs";
import { join } from "node:path";
import { inTurn, type Try, timed } from "../measure.ts";
import {
  compiled,
  eventually,
  executable,
  firstLine,
  freePort,
  machine,
  pairTwo,
  ran,
  root,
  scratch,
  started,
  windowOf,
} from "../parts.ts";
import type { Row } from "../results.ts";
import { sshd } from "../ssh.ts";
import { answering, type Told } from "./asks.ts";

/** Runs a command to its end, as a shell does. */
const whole =
  (command: readonly string[], env: Readonly<Record<string, string>> = {}): Try =>
  async () => {
    const { exitCode } = Bun.spawnSync([...command], {
      env: { PATH: process.env.PATH ?? "", ...env },
      stdin: "ignore",
      stdout: "pipe",
      stderr: "ignore",
    });
    if (exitCode !== 0) throw new Error(`${command[0]}: it ended with ${exitCode}`);
  };

/** `peernet ask` of a paired machine beside common ways to the same facts. */
export async function p4({ rounds }: Told): Promise<readonly Row[]> {
  const on = await answering(0);
  const laptop = machine("laptop");
  await laptop.start();
  await pairTwo(on.on, laptop, on.address);
  const { fresh, kept } = await sshd();
  const echo = await firstLine(started([await compiled("https")]));
  const ours = whole([executable, "ask", "mini/bench"], laptop.env);
  const curl = whole(["curl", "-s", "-k", "-d", "{}", `https://${echo}/`]);
  const taken = await inTurn(
    {
      ours: () => timed(ours),
      ssh: () => timed(whole(fresh)),
      kept: () => timed(whole(kept)),
      curl: () => timed(curl),
    },
    { rounds },
  );
  const row = {
    metric: "`peernet ask mini/bench`, complete process",
    unit: "ms",
    ours: taken.ours,
  };
  return [
    {
      id: "P4",
      ...row,
      comparator: "`ssh host true`",
      theirs: taken.ssh,
      goal: 0.1,
      moonshot: 0.04,
    },
    {
      id: "P4k",
      ...row,
      comparator: "`ssh host true` over ControlMaster",
      theirs: taken.kept,
      goal: 1.6,
      moonshot: 1.2,
    },
    { id: "P4c", ...row, comparator: "`curl https`", theirs: taken.curl, goal: 1.15, moonshot: 1 },
  ];
}

/** The hook that an agent runs at each step of a session, the whole process. */
export async function p15({ rounds }: Told): Promise<readonly Row[]> {
  const on = machine("mini");
  await on.start();
  const hello = await compiled("hello");
  const stdin = Buffer.from(
    JSON.stringify({ session_id: "bench", cwd: root, hook_event_name: "PostToolUse" }),
  );
  const of = (command: readonly string[]) => () =>
    timed(async () => {
      const { exitCode } = Bun.spawnSync([...command], { env: { ...on.env }, stdin });
      if (exitCode !== 0) throw new Error(`${command[0]}: it ended with ${exitCode}`);
    });
  const contestants = { ours: of([executable, "hook", "claude-code"]), theirs: of([hello]) };
  const taken = await inTurn(contestants, { rounds: rounds * 2 });
  return [
    {
      id: "P15",
      metric: "`peernet hook claude-code`, complete process",
      unit: "ms",
      comparator: "a compiled hello",
      ...taken,
      goal: 2,
      moonshot: 1.5,
    },
  ];
}

/** From the code that is typed to the pairing that is made, the joiner's process included. */
export async function p9({ rounds }: Told): Promise<readonly Row[]> {
  const [shows, types] = [machine("mini"), machine("laptop")];
  const { address } = await shows.start();
  await types.start();
  const ours = async (): Promise<number> => {
    const { code, ended } = await windowOf(shows);
    const took = await timed(() => types.run(["pair", "-", "--to", address], `${code}\n`));
    await ended;
    await types.run(["unpair", "mini", "--yes"]);
    return took;
  };
  const mailbox = await mailboxServer();
  const theirs = (): Promise<number> => wormhole(mailbox);
  const taken = await inTurn({ ours, theirs }, { rounds: Math.min(rounds, 30), warmUp: 1 });
  return [
    {
      id: "P9",
      metric: "code typed → paired, address known; the joiner's complete process",
      unit: "ms",
      comparator: "magic-wormhole: code typed → text received, its mailbox server on loopback",
      ...taken,
      judged: {
        value: taken.ours.toSorted((a, b) => a - b)[taken.ours.length >> 1] ?? 0,
        unit: " ms",
      },
      goal: 100,
      moonshot: 20,
    },
  ];
}

async function mailboxServer(): Promise<readonly string[]> {
  const port = freePort();
  const listen = `--port=tcp:${port}:interface=127.0.0.1`;
  const channels = `--channel-db=${join(scratch, "mailbox.db")}`;
  started(["twist3", "wormhole-mailbox", listen, channels]);
  await eventually(async () => {
    const socket = await Bun.connect({
      hostname: "127.0.0.1",
      port,
      socket: { data: () => undefined },
    });
    socket.end();
  });
  return [
    "wormhole",
    "--relay-url",
    `ws://127.0.0.1:${port}/v1`,
    "--transit-helper",
    "tcp:127.0.0.1:1",
  ];
}

let codes = 0;

async function wormhole(mailbox: readonly string[]): Promise<number> {
  codes += 1;
  const code = `${codes}-bench-code`;
  const env = { PATH: process.env.PATH ?? "", HOME: scratch, LC_ALL: "C.UTF-8" };
  const send = ["send", "--text", "x", "--code", code, "--hide-progress"];
  const sender = Bun.spawn([...mailbox, ...send], {
    env,
    stdin: "ignore",
    stdout: "ignore",
    stderr: "pipe",
  });
  // It has said its code: it waits.
  await firstLine({ stdout: sender.stderr });
  await Bun.sleep(300);
  const took = await timed(() => ran([...mailbox, "receive", "--only-text", code], { env }));
  sender.kill();
  await sender.exited;
  return took;
}

/** From the start of a daemon to its first answer. */
export async function p14({ rounds }: Told): Promise<readonly Row[]> {
  const on = machine("mini");
  const first = await on.start();
  process.kill(first.pid, "SIGTERM");
  await eventually(async () => {
    if (
      await on.calls.status({}).then(
        () => true,
        () => false,
      )
    )
      throw new Error("it still runs");
  });
  const socket = join(on.folder, "control.sock");
  const ours = () => startOf([executable, "daemon"], { env: on.env, socket, path: "/v1/status" });
  const bare = await compiled("bare-server");
  const other = join(scratch, "bare.sock");
  const theirs = () => startOf([bare, other], { env: on.env, socket: other, path: "/" });
  const taken = await inTurn({ ours, theirs }, { rounds });
  const middle = taken.ours.toSorted((a, b) => a - b)[taken.ours.length >> 1] ?? 0;
  return [
    {
      id: "P14",
      metric: "daemon: start → first answer",
      unit: "ms",
      comparator: "a bare Bun server, compiled",
      ...taken,
      judged: { value: middle, unit: " ms" },
      goal: 150,
      moonshot: 60,
    },
  ];
}

interface Starting {
  readonly env: Readonly<Record<string, string>>;
  readonly socket: string;
  readonly path: string;
}

/** Starts a server, asks until it answers, ends it; how long the answer took. */
async function startOf(command: readonly string[], { env, socket, path }: Starting) {
  rmSync(socket, { force: true });
  const began = performance.now();
  const child = Bun.spawn([...command], {
    env: { ...env },
    stdin: "ignore",
    stdout: "ignore",
    stderr: "ignore",
  });
  const headers = { "content-type": "application/json" };
  const request = { unix: socket, method: "POST", headers, body: "{}" };
  let isAnswered = false;
  while (!isAnswered) {
    const answered = await fetch(`http://localhost${path}`, request).then(
      ({ ok }) => ok,
      () => false,
    );
    isAnswered = answered;
    if (answered) break;
    if (performance.now() - began > 10_000 || child.exitCode !== null) break;
    await Bun.sleep(1);
  }
  const took = isAnswered ? performance.now() - began : Number.POSITIVE_INFINITY;
  child.kill("SIGTERM");
  await child.exited;
  return took;
}
