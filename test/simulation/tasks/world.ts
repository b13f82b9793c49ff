/** The parts of a run of tasks: two machines of the simulation, each with a keeper and a policy. */

import { PeerCounts } from "../../../src/daemon/context/peer-counts.ts";
import type { Errands, Policies } from "../../../src/daemon/context/ports.ts";
import { delegatingOf } from "../../../src/daemon/delegating.ts";
import type { DelegatingOf } from "../daemon.ts";
import { Judge } from "../judge.ts";
import { type Machine, machine } from "../machine.ts";
import { SimulatedNetwork } from "../network.ts";
import type { Schedule } from "../schedule.ts";
import { asIs } from "../variant.ts";
import { identityOf, machineOf, nameOf } from "../who.ts";
import { type World, worldOf } from "../world.ts";
import { type TaskJudge, taskJudge } from "./judge.ts";
import { type SimulatedKeeper, simulatedKeeper } from "./keeper.ts";
import { type KnownPolicy, policies, policyFor } from "./policies.ts";
import type { TaskVariant } from "./variant.ts";

/** A machine's keeper and the number of its policy. */
export interface Hosted {
  readonly keeper: SimulatedKeeper;
  policy: number;
}

/** A run under way. */
export interface TaskWorld extends Omit<World, "judge" | "isQuiet"> {
  readonly judge: TaskJudge;
  readonly hosted: readonly Hosted[];
  /** The world of the rest of the simulation, as pairing needs it. */
  readonly pairing: World;
  isQuiet: boolean;
  isSwept: boolean;
  /** True in a run in which pairings and rights may end. */
  mayPart: boolean;
  /** True once a pairing or a right ended: then ends may not be told. */
  isDisturbed: boolean;
}

const policyOf = ({ policy }: Hosted): KnownPolicy =>
  policies[policy] ?? (policies[0] as KnownPolicy);

/** Makes the parts of a run; the daemons run, and are not paired. */
export function taskWorld(time: Schedule, variant: TaskVariant, path: (index: number) => string) {
  const judge = taskJudge();
  const parts = { nowMs: () => time.nowMs, happened: () => time.happened, hidden: null };
  const judged = new Judge(parts);
  const network = new SimulatedNetwork(time, {
    ...{ replied: () => {}, dialling: () => {}, sent: () => {} },
  });
  const machines: Machine[] = [];
  const hosted = [0, 1].map((index) => hostedOf({ index, time, judge, machines, variant }));
  const delegating = delegatingIn(hosted, variant);
  for (const index of [0, 1]) {
    const { tables } = variant;
    const planted = tables === undefined ? asIs : { tables };
    const of = { index, schedule: time, network, variant: planted, path: path(index), delegating };
    machines.push(machine({ ...of, onReply: () => {} }));
  }
  const pairing = worldOf({ schedule: time, network, judge: judged, machines, variant: asIs });
  const world: TaskWorld = Object.assign(Object.create(pairing) as World, {
    ...{
      judge,
      hosted,
      pairing,
      isQuiet: false,
      isSwept: true,
      mayPart: false,
      isDisturbed: false,
    },
  });
  return world;
}

interface Hosting {
  readonly index: number;
  readonly time: Schedule;
  readonly judge: TaskJudge;
  readonly machines: readonly Machine[];
  readonly variant: TaskVariant;
}

function hostedOf({ index, time, judge, machines, variant }: Hosting): Hosted {
  const claims = new Set<string>();
  const own = (): Machine => machines[index] as Machine;
  const isStopped = ({ task_id, round }: { task_id: string; round: number }): boolean =>
    own().effects.files.read(`tasks/${task_id}/${round}/stop`) !== null;
  const { beginsAgain = false, ignoresStop = false } = variant;
  const hosted: Hosted = {
    policy: 0,
    keeper: simulatedKeeper({
      ...{ schedule: time, beginsAgain },
      isStopped: (order) => !ignoresStop && isStopped(order),
      begins: (order) => judge.begins(order, isStopped(order)),
      asks: (order, id) => {
        // A claim is asked for once with its id; a busy keeper is asked again without.
        if (id === undefined || claims.has(id)) return;
        claims.add(id);
        const { fingerprint } = identityOf(1 - index);
        const row = own().disk.tables.peers.get(fingerprint);
        const isPeer = row !== null && !row.refused && !row.grants.paused;
        const peer = isPeer ? { fingerprint, isMine: row.grants.mine } : null;
        const of = { machine: own(), order, peer, isStopped: isStopped(order) };
        judge.starting({ ...of, policy: policyOf(hosted) });
      },
    }),
  };
  return hosted;
}

/** The tasks of each daemon: the product's, with the run's keeper and policy. */
const delegatingIn =
  (hosted: readonly Hosted[], variant: TaskVariant): DelegatingOf =>
  (parts, { index, process }) => {
    const of = hosted[index] as Hosted;
    const real: Policies = {
      of: (fingerprint) => {
        const policy = policyOf(of);
        return policy.profiles.length === 0
          ? null
          : policyFor(policy, nameOf(machineOf(fingerprint)));
      },
    };
    const { run } = parts.context;
    return delegatingOf({
      ...parts,
      errands: errandsOf(of.keeper.errands(process), variant.seen),
      counts: new PeerCounts(),
      policy: variant.policy?.(real, run.id) ?? real,
    });
  };

/** The errands, with what a variant sees in place of the keeper. */
function errandsOf(errands: Errands, seen: TaskVariant["seen"]): Errands {
  if (seen === undefined) return errands;
  return {
    run: async (errand) => {
      const ended = await errands.run(errand);
      if (!ended.done || errand.kind !== "task_await") return ended;
      // The output of this kind is what a variant changes.
      return { ...ended, output: seen(ended.output as never) as never };
    },
  };
}
