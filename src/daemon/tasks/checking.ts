/** Names every gate between a session and a running task, on both machines; stores nothing. */

import type { Control } from "../../contract/control.ts";
import { accept, PeernetError, refuse } from "../../contract/errors.ts";
import type { InputOf, OutputOf } from "../../contract/operation/operation.ts";
import { gateOf as gateNamed } from "../../contract/tasks/gates.ts";
import { submitDeadlineMs } from "../../contract/tasks/limits.ts";
import { CheckedGate, type CheckInput, type CheckOutput } from "../../contract/tasks/local.ts";
import type { Wire } from "../../contract/wire.ts";
import { letTaskOut } from "../../core/tasks/asking.ts";
import { runnable } from "../../core/tasks/deciding.ts";
import type { LocalCaller } from "../context/context.ts";
import type { TaskCall } from "./calls.ts";
import { permitNow, weigh } from "./hosted/weighing.ts";
import { askerNow } from "./outgoing/asking.ts";
import { askable, callAbout } from "./outgoing/calling.ts";
import { packed } from "./outgoing/packing.ts";
import type { TaskParts } from "./parts.ts";

type Answer = OutputOf<Wire["task/check"]>;

/** Peers whose check is under way: a weighing starts programs. */
export type Checking = Set<string>;

/** Answers a peer's question about the gates here. @throws {scope_denied} {rate_limited} */
export async function checkHere(
  parts: TaskParts,
  input: InputOf<Wire["task/check"]>,
  { call, checking }: { readonly call: TaskCall; readonly checking: Checking },
): Promise<Answer> {
  const { context, policy } = parts;
  const peer = await call.asPeer((row) => {
    const current = row.grants.paused ? null : policy.of(row.fingerprint);
    if (current === null || runnable(current).length === 0) return refuse("scope_denied");
    return checking.has(row.fingerprint) ? refuse("rate_limited") : accept(row);
  });
  const asked = { ...input, limits: { wall_ms: null, usd: null } };
  const permitted = permitNow(parts, peer, asked);
  if (!permitted.ok) return { gates: [{ gate: "rule", why: permitted.error.code }] };
  checking.add(peer.fingerprint);
  try {
    const round = {
      ...{ task_id: context.effects.random.uuid(), round: 1, profile: input.profile },
      ...{ base: input.base, bundle: null, has_bundle: false },
    };
    const weighed = await weigh(parts, round, permitted.value);
    if (weighed.is === "unready") return { gates: [{ gate: "keeper", why: weighed.why }] };
    if (weighed.is === "open") return { gates: [] };
    // A base that would be sent along is looked at once it is here.
    const gates = weighed.gates.filter(({ gate }) => !(input.bundled && gate === "base"));
    return { gates: gates.map(({ gate, why }) => ({ gate, why })) };
  } finally {
    checking.delete(peer.fingerprint);
  }
}

/** Every gate of a task that this machine would ask for. */
export async function checkTask(
  parts: TaskParts,
  input: CheckInput,
  { now }: LocalCaller,
): Promise<ReturnType<typeof CheckOutput.parse>> {
  const { context } = parts;
  const own = context.config.machine.name;
  const peer = await askable(parts, input.machine);
  const { machine, repository, profile, send, runner } = input;
  const asker = askerNow(context, input.from, now);
  const policy = parts.policy.of(peer.fingerprint);
  const out = letTaskOut({ asker, machine, repository, profile, bundled: send, policy });
  const outbound = gateOf("outbound", out.ok ? null : [out.error.message, own, out.error.hint]);
  const task_id = context.effects.random.uuid();
  const source = await packed(parts, { ...input, task_id, wip: false, send: false });
  const task = { fingerprint: peer.fingerprint, repository, profile };
  const asked = { repository, profile, runner, base: source.base, bundled: send };
  try {
    const calling = { task, deadlineMs: submitDeadlineMs };
    const { gates } = await callAbout(parts, "task/check", { input: asked, ...calling });
    const closed = new Set<string>(gates.map(({ gate }) => gate));
    const passed = CheckedGate.shape.gate.options.filter(
      (gate) => gate !== "outbound" && !closed.has(gate),
    );
    return {
      gates: [
        ...passed.map((gate) => gateOf(gate, null)),
        outbound,
        ...gates.map(({ gate }) => {
          const shut = gateNamed(gate, { peer: machine, runner }) ?? unnamed;
          const on = shut.on === "here" ? own : machine;
          return gateOf(gate, [`${machine} ${shut.says}`, on, shut.line]);
        }),
      ],
    };
  } catch (error) {
    if (!(error instanceof PeernetError)) throw error;
    const gate = error.code === "version_unsupported" ? "version" : "peer";
    const closed = error.code === "scope_denied" ? "rule" : gate;
    return { gates: [outbound, gateOf(closed, [error.message, machine, error.hint])] };
  }
}

/** A gate of a later version. */
const unnamed = { says: "does not run it", on: "there", line: "peernet doctor" } as const;

type Gate = OutputOf<Control["tasks/check"]>["gates"][number];

const gateOf = (
  gate: Gate["gate"],
  closed: readonly [says: string, on: string, line: string] | null,
): Gate =>
  closed === null
    ? { gate, passed: true, says: "passed", fix: null }
    : { gate, passed: false, says: closed[0], fix: { on: closed[1], line: closed[2] } };
