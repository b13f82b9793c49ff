/**
 * P17: from a message to the notice that wakes an idle session: peernet's part, and with the real
 * clients up to the request of their model.
 */

import { processOf } from "../../../src/session/process.ts";
import { median } from "../measure.ts";
import { atEnd, executable, type Machine, machine, pairTwo, root } from "../parts.ts";
import type { NotMeasured, Row } from "../results.ts";
import type { Told } from "./asks.ts";

const session_id = "bench";

/** The agent is this very process: its hooks say that a person prompted, and that a turn ended. */
async function turn(on: Machine, moment: "prompt" | "end"): Promise<void> {
  const process_ = processOf(process.pid);
  const state = moment === "prompt" ? "working" : "idle";
  await on.calls.hook({
    ...{ harness: "claude-code", session_id, process: process_, sole: true, headless: false },
    ...{ cwd: "/", root: null, project: "bench", excluded: false, event: "state", state },
    turn: {
      ...{ moment, continued: false, subagent: false, own: false },
      ...{ nonces: [], asks: true, record: null },
    },
  });
}

/** Starts the process that waits to wake the session; resolves once the daemon knows it. */
async function waiting(on: Machine) {
  const child = Bun.spawn([executable, "hook", "claude-code", "--waker"], {
    env: { ...on.env, CLAUDE_PID: String(process.pid), CLAUDE_CODE_SESSION_ATTENDED: "1" },
    stdin: Buffer.from(
      JSON.stringify({ session_id, cwd: "/", hook_event_name: "UserPromptSubmit" }),
    ),
    stdout: "ignore",
    stderr: "pipe",
  });
  atEnd(() => child.kill("SIGKILL"));
  // Its program changes once it waits.
  while (!(await Bun.file(`/proc/${child.pid}/comm`).text()).startsWith("sh")) await Bun.sleep(2);
  return child;
}

/** A message is left for an idle session; how long until its waker has printed the notice. */
export async function p17({ rounds }: Told): Promise<readonly Row[]> {
  const [mini, laptop] = [machine("mini"), machine("laptop")];
  const { address } = await mini.start();
  await laptop.start();
  await pairTwo(mini, laptop, address);
  for (const each of [mini, laptop]) {
    const [peer] = (await each.calls.peers({})).peers;
    const given = { entries: [], hide: [], for_ms: null, hold: false };
    await each.calls["peers/grant"]({ name: peer?.name ?? "", mine: true, ...given });
  }
  const process_ = processOf(process.pid);
  if (process_ === null) throw new Error("this process cannot be seen");
  const place = {
    name: "bench",
    harness: "claude-code",
    session_id,
    process: process_,
    sole: true,
  };
  await mini.calls.activate({ ...place, cwd: "/", project: "bench" });
  const ours: number[] = [];
  for (let index = 0; index < rounds + 3; index += 1) {
    // A person's prompt: without one the next wake waits for the budgets.
    await turn(mini, "prompt");
    await turn(mini, "end");
    await mini.calls["messages/take"]({ session: { session_id } });
    const waker = await waiting(mini);
    const begunMs = performance.now();
    await laptop.calls.send({ to: "mini/bench", text: `message ${index}`, from: { by: "person" } });
    const woken =
      (await waker.exited) === 2 && (await waker.stderr.text()).includes("read_messages");
    if (index >= 3) ours.push(woken ? performance.now() - begunMs : Number.POSITIVE_INFINITY);
  }
  return [
    {
      id: "P17",
      metric: "a message is sent → an idle session's waker has printed the notice: our part, p50",
      unit: "ms",
      ours,
      comparator: "–",
      theirs: [],
      judged: { value: median(ours), unit: " ms" },
      goal: 30,
      moonshot: 10,
      how: "each with a person's prompt before it, since the next wake would wait for the budgets",
    },
  ];
}

/** Rounds of a real client: each takes seconds, and one bench has two minutes. */
const realRounds = 8;

/** A message is stored; how long until the request of a real client's model holds the notice. */
export const p17Real =
  (id: string, client: "claude" | "codex") =>
  async ({ rounds }: Told): Promise<readonly (Row | NotMeasured)[]> => {
    const program = client === "claude" ? "Claude Code" : "Codex";
    const metric = `stored → the request of an idle ${program}'s model holds the notice, p50`;
    const script = `${root}/test/agents/support/wake-times.ts`;
    const times = `${Math.min(rounds, realRounds)}`;
    const child = Bun.spawn([process.execPath, script, client, times], { stderr: "pipe" });
    atEnd(() => child.kill("SIGKILL"));
    const [out, err] = await Promise.all([
      new Response(child.stdout).text(),
      new Response(child.stderr).text(),
    ]);
    const line = out.trim().split("\n").at(-1) ?? "";
    if ((await child.exited) !== 0 || !line.startsWith("[")) {
      return [{ id, metric, why: err.trim().split("\n").at(-1) ?? "it failed" }];
    }
    const ours: number[] = JSON.parse(line);
    return [
      {
        ...{ id, metric, unit: "ms", ours, comparator: "–", theirs: [] },
        judged: { value: median(ours), unit: " ms" },
        ...{ goal: 400, moonshot: null },
        how: "the real client in a terminal, its model a stub on loopback",
      },
    ];
  };
