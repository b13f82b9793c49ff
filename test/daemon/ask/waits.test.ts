/** Waits between two real daemons, and on a session here. */

import { describe, expect, test } from "bun:test";
import type { State } from "../../../src/contract/lease.ts";
import type { WaitEvent, WaitInput } from "../../../src/contract/reach/waits.ts";
import { type Machine, machine, pair, session } from "../../support/daemon.ts";
import { until } from "../../support/until.ts";

/** A wait that a test has begun. */
interface Wait {
  readonly events: readonly WaitEvent[];
  /** Resolves with the last event. */
  readonly ended: Promise<WaitEvent | undefined>;
  /** Goes away, as a person who presses Ctrl-C. */
  leave(): void;
}

/** Begins a wait; resolves once the machine waited on has taken it. */
async function waiting(on: Machine, input: Partial<WaitInput> & { handle: string }): Promise<Wait> {
  const leaving = new AbortController();
  const events: WaitEvent[] = [];
  const read = async (): Promise<WaitEvent | undefined> => {
    for await (const event of on.calls.wait(input, { signal: leaving.signal })) events.push(event);
    return events.at(-1);
  };
  const ended = read();
  const failed = ended.then(
    () => true,
    () => true,
  );
  await Promise.race([failed, until("the wait is taken", () => events.length > 0)]);
  return { events, ended, leave: () => leaving.abort() };
}

/** Tells a machine that its session is in another state, as a hook does. */
async function inState(on: Machine, state: State): Promise<void> {
  const { harness, process, cwd, project } = session();
  const facts = { harness, session_id: "one", process, cwd, project, root: cwd };
  await on.calls.hook({ ...facts, event: "state", state, sole: true, headless: false });
}

const activated = (on: Machine, more = {}) =>
  on.calls.activate(session({ name: "hydrate", session_id: "one", ...more }));
const commit = { subject: "a", branch: "main", dirty: 0 };

async function pairOfMachines() {
  const mini = await machine("mini");
  const laptop = await machine("laptop");
  await pair(mini, laptop);
  await activated(mini);
  return {
    mini,
    laptop,
    [Symbol.asyncDispose]: async () => {
      await laptop[Symbol.asyncDispose]();
      await mini[Symbol.asyncDispose]();
    },
  };
}

describe("wait", () => {
  test("wait tells that a commit is reached when the session's commit is another", async () => {
    await using both = await pairOfMachines();
    const { mini, laptop } = both;
    const wait = await waiting(laptop, { handle: "mini/hydrate", until: "commit" });
    expect(wait.events).toMatchObject([{ event: "waiting", handle: "mini/hydrate" }]);
    await activated(mini, { git: { ...commit, sha: "a".repeat(40) } });
    expect(await wait.ended).toMatchObject({
      ...{ event: "ended", outcome: "reached", reason: null },
      answer: { handle: "mini/hydrate", git: { sha: "a".repeat(40) } },
    });
    await until("nothing waits", async () => (await mini.calls.outbox({})).entries.length === 0);
  });

  test("wait tells that a session is idle when it becomes so, and that it is at once", async () => {
    await using both = await pairOfMachines();
    const { mini, laptop } = both;
    await inState(mini, "working");
    const wait = await waiting(laptop, { handle: "mini/hydrate" });
    expect(wait.events).toMatchObject([{ state: "working" }]);
    await inState(mini, "waiting");
    await inState(mini, "idle");
    const idle = { outcome: "reached", answer: { session: { state: "idle" } } };
    expect(await wait.ended).toMatchObject(idle);
    const again = await waiting(laptop, { handle: "mini/hydrate" });
    expect(await again.ended).toMatchObject(idle);
    expect(again.events).toHaveLength(1);
  });

  test("wait ends when the handle is gone, and reaches gone by it", async () => {
    await using both = await pairOfMachines();
    const { mini, laptop } = both;
    const idle = await waiting(laptop, { handle: "mini/hydrate", until: "idle" });
    const gone = await waiting(laptop, { handle: "mini/hydrate", until: "gone" });
    await mini.calls.deactivate({ name: "hydrate" });
    await activated(mini, { session_id: "two" });
    expect(await idle.ended).toMatchObject({ outcome: "ended", reason: "gone", answer: null });
    expect(await gone.ended).toMatchObject({ outcome: "reached", reason: "gone" });
  });

  test("wait ends when another session takes the handle, though it is live again", async () => {
    await using of = await pairOfMachines();
    const wait = await waiting(of.laptop, { handle: "mini/hydrate", until: "commit" });
    await of.mini.calls.deactivate({ session_id: "one" });
    const process = { pid: globalThis.process.pid, start_time: "2" };
    await activated(of.mini, { session_id: "two", process });
    expect(await wait.ended).toMatchObject({ outcome: "ended", reason: "gone" });
    const input = { handle: "mini/hydrate", question: null, thread_id: null };
    expect(await of.laptop.calls.ask(input)).toMatchObject({ status: "ok" });
  });

  test("wait ends by itself when its time is over", async () => {
    await using both = await pairOfMachines();
    const wait = await waiting(both.laptop, { handle: "mini/hydrate", for_ms: 1_000 });
    expect(await wait.ended).toMatchObject({ outcome: "timeout", reason: null, answer: null });
  });

  test("wait waits for a session of this machine too", async () => {
    await using mini = await machine("mini");
    await activated(mini);
    const wait = await waiting(mini, { handle: "hydrate", until: "changed" });
    await activated(mini, { git: { ...commit, sha: "b".repeat(40) } });
    expect(await wait.ended).toMatchObject({
      ...{ handle: "mini/hydrate", outcome: "reached" },
      answer: { git: { sha: "b".repeat(40) } },
    });
  });
});
