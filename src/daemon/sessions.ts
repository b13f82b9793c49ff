/** Handlers of what this machine's sessions say of themselves: leases and summaries. */

import type { Control } from "../contract/control.ts";
import { accept, type Outcome, settle } from "../contract/errors.ts";
import type { ActivateInput, Selector } from "../contract/lease.ts";
import type { Handlers, InputOf, OutputOf } from "../contract/operation.ts";
import {
  type Activation,
  activate,
  expiresInMs,
  type Lease,
  leaseState,
  liveLeases,
  type Now,
  renew,
  select,
  summarise,
} from "../core/lease.ts";
import type { Instant } from "../platform/effects.ts";
import { type Context, nowOf, type Work } from "./context.ts";
import type { News } from "./news.ts";

/** What is known of a caller on the control socket: it is this machine's user. */
export interface LocalCaller {
  readonly now: Instant;
}

type Rows = "activate" | "deactivate" | "summary" | "leases" | "renew";

/** Decides about the leases that are not expired; what has expired has ended before. */
type Deciding<I, O> = (
  input: I,
  given: { readonly leases: readonly Lease[]; readonly work: Work; readonly now: Now },
) => Outcome<O>;

/** Handlers of the lease rows. */
export function sessionHandlers(context: Context): Pick<Handlers<Control, LocalCaller>, Rows> {
  const handleOf = (name: string): string => `${context.config.machine.name}/${name}`;
  const deciding =
    <I, O>(decide: Deciding<I, O>) =>
    async (input: I, { now: instant }: LocalCaller): Promise<O> => {
      const now = nowOf(context, instant);
      const outcome = await context.transact(instant, (work) => ({
        value: decide(input, { leases: expire(work, now), work, now }),
      }));
      return settle(outcome);
    };
  return {
    activate: deciding((input: ActivateInput, { leases, work, now }) => {
      const generation = work.tables.leases.nextGeneration();
      const decided = activate(leases, input, { ...now, generation });
      return decided.ok ? accept(taken(work, decided.value, { now, handleOf })) : decided;
    }),
    deactivate: deciding((input: Selector, { leases, work }) => {
      const found = select(leases, input);
      if (!found.ok) return found;
      release(work, found.value);
      return accept({ handle: handleOf(found.value.name) });
    }),
    summary: deciding((input: InputOf<Control["summary"]>, { leases, work, now }) => {
      const found = select(leases, input.selector);
      if (!found.ok) return found;
      work.tables.leases.put(summarise(found.value, now, input.text));
      return accept({ handle: handleOf(found.value.name), summary: input.text });
    }),
    leases: async (_input, { now }) => ({
      leases: context.tables.leases.all().map((lease) => ({
        name: lease.name,
        generation: lease.generation,
        harness: lease.harness,
        process: lease.process,
        cwd: lease.cwd,
        held: leaseState(lease, nowOf(context, now)) === "held",
      })),
    }),
    renew: deciding(renewAll(context.news)),
  };
}

function taken(
  work: Work,
  { lease, replaced, taken: isNew }: Activation,
  { now, handleOf }: { readonly now: Now; readonly handleOf: (name: string) => string },
): OutputOf<Control["activate"]> {
  if (replaced !== null) release(work, replaced);
  work.tables.leases.put(lease);
  if (isNew) record(work, "activate", lease);
  return {
    handle: handleOf(lease.name),
    generation: lease.generation,
    expires_in_ms: Math.floor(expiresInMs(lease, now)),
    renamed_from: replaced?.name ?? null,
    visible_to: namesOfAskers(work),
  };
}

const renewAll =
  (news: News): Deciding<InputOf<Control["renew"]>, OutputOf<Control["renew"]>> =>
  ({ beats, git }, { leases, work, now }) => {
    const renewed: string[] = [];
    const lost: string[] = [];
    for (const { name, generation } of beats) {
      const lease = leases.find((candidate) => candidate.name === name);
      if (lease?.generation === generation) {
        work.tables.leases.put(renew(lease, now, git));
        work.after(() => news.tell({ of: "renewed", name }));
        renewed.push(name);
      } else lost.push(name);
    }
    return accept({ renewed, lost });
  };

/** Ends the leases that have expired, each with its record; returns the rest. */
export function expire(work: Work, now: Now): readonly Lease[] {
  const leases = work.tables.leases.all();
  const expired = leases.filter((lease) => leaseState(lease, now) === "expired");
  for (const lease of expired) {
    work.tables.leases.remove(lease.name);
    record(work, "expire", lease);
  }
  return expired.length === 0 ? leases : work.tables.leases.all();
}

function release(work: Work, lease: Lease): void {
  work.tables.leases.remove(lease.name);
  record(work, "deactivate", lease);
}

function record(work: Work, verb: "activate" | "deactivate" | "expire", lease: Lease): void {
  const { name: handle, harness } = lease;
  const origin_transport = "control";
  work.record({ direction: "local", verb, outcome: "ok", handle, harness, origin_transport });
}

/** Names of the peers that may ask this machine. */
export const namesOfAskers = (work: Pick<Work, "tables">): string[] =>
  work.tables.peers
    .all()
    .filter((peer) => peer.scopes.includes("ask"))
    .map((peer) => peer.name);

/** Names of the handles that are live. */
export const namesOfLive = (context: Pick<Context, "tables" | "run">, now: Instant): string[] =>
  liveLeases(context.tables.leases.all(), nowOf(context, now)).map((lease) => lease.name);
