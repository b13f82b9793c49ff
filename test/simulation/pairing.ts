/**
 * Pairs two machines of a run. The confirm is the product's; the results of an honest CPace run and
 * an exchange of tokens are made here.
 */

import { exchangeLifeMs, tokenLifeMs } from "../../src/contract/limits.ts";
import { base64url } from "../../src/contract/text/encoding.ts";
import { scopesAt } from "../../src/core/grants.ts";
import { newPeer } from "../../src/daemon/peers/grants.ts";
import type { PeerRow } from "../../src/store/peers.ts";
import { holding } from "../support/grants.ts";
import { connectionOf, type Machine } from "./machine.ts";
import { hostOf } from "./network.ts";
import { digest, identityOf, nameOf, port } from "./who.ts";
import type { World } from "./world.ts";

const rightTag = new Uint8Array(64).fill(1);
const isRightTag = (tag: Uint8Array): boolean => Bun.deepEquals(tag, rightTag);
const wrongTag = new Uint8Array(64);

/** A token for a peer, and its row. */
function minted(machine: Machine, peer: number) {
  const jti = machine.effects.random.uuid();
  const issued_at_ms = Math.floor(machine.now().wallMs / 1_000) * 1_000;
  const { fingerprint } = identityOf(peer);
  const token = `token-${jti}`;
  const expires_at_ms = issued_at_ms + tokenLifeMs;
  const row = { jti, fingerprint, sha256: digest(token), issued_at_ms, expires_at_ms, used: false };
  return { token, row, again: false };
}

/** Writes at a machine what it knows of a peer once both have each other's token. */
function write(world: World, machine: Machine, bearer: string | null): string {
  const peer = world.other(machine).index;
  const { fingerprint, certificate, signing } = identityOf(peer);
  const { token, row } = minted(machine, peer);
  const written = machine.daemon.context.transact(machine.now(), (work) => {
    const known = work.tables.peers.get(fingerprint);
    const told: PeerRow = {
      ...(known ?? { ...newPeer, grants: holding("ask") }),
      ...{ fingerprint, certificate, name: nameOf(peer), host: hostOf(peer), port, bearer },
      ...{ token_key: signing.publicKey, their_scopes: ["ask"], refused: false },
      ...{ acknowledged: true, exchanged: true, paired_at_ms: 0, bearer_at_ms: 0 },
    };
    work.tables.peers.put(told);
    if (known === null || known.bearer === null) {
      work.tables.peers.putToken(row);
      work.record({
        direction: "in",
        verb: "pair",
        outcome: "ok",
        details: { scopes: scopesAt(told.grants, machine.now()) },
        peer_fingerprint: fingerprint,
      });
    }
    return { value: undefined };
  });
  // An unpairing that was decided before may be told only now: what was written last holds.
  world.quietly(`write ${machine.index}`, written, () => world.judge.granted(machine, peer));
  return token;
}

/** Gives a machine the token that a peer minted for it. */
function give(world: World, machine: Machine, bearer: string): void {
  const { fingerprint } = identityOf(world.other(machine).index);
  const given = machine.daemon.context.transact(machine.now(), ({ tables }) => {
    const row = tables.peers.get(fingerprint);
    if (row !== null) tables.peers.put({ ...row, bearer });
    return { value: undefined };
  });
  world.quietly(`give ${machine.index}`, given);
}

/** Pairs both machines before anything happens. */
export async function enrolBoth(world: World): Promise<void> {
  const [one, two] = world.machines;
  if (one === undefined || two === undefined) throw new RangeError("two machines");
  const tokens = [write(world, one, null), write(world, two, null)];
  await world.schedule.run(5_000);
  give(world, one, tokens[1] ?? "");
  give(world, two, tokens[0] ?? "");
  await world.schedule.run(10_000);
}

/** Opens a window. */
export function open(world: World, machine: Machine): void {
  const { daemon } = machine;
  const { draw } = world.schedule;
  world.note(`open ${machine.index}`);
  daemon.window.open({ grant: ["ask"], from: null, any_user: false }, machine.now());
  if (draw.oneIn(4)) world.schedule.after(3_000, daemon, () => age(world, machine));
}

/** Most of a window's time is over, and then somebody comes: few windows last by themselves. */
function age(world: World, machine: Machine): void {
  const { draw } = world.schedule;
  const { window } = machine.daemon;
  if (window.current === null || machine.isAsleep) return;
  const endsMs = machine.now().monotonicMs + draw.between(1_000, exchangeLifeMs - 1);
  const expires_monotonic_ms = Math.min(window.current.expires_monotonic_ms, endsMs);
  window.spend({ ...window.current, expires_monotonic_ms });
  attempt(world, machine, draw.oneIn(2));
}

/** Makes an attempt at an open window: with the right code, or with a wrong one. */
export function attempt(world: World, machine: Machine, isRight: boolean): void {
  const { schedule, judge, everyone, note } = world;
  const { window } = machine.daemon;
  const { current } = window;
  if (current === null) return;
  const joiner = world.other(machine);
  const connection = connectionOf(joiner.index);
  const bytes = { share: new Uint8Array(32), document: new Uint8Array(1) };
  const confirmation = { ...bytes, tag: rightTag, accepts: isRightTag, protocol: 1 };
  const token = minted(machine, joiner.index);
  const since = machine.now().monotonicMs;
  window.begin(connection, { confirmation, minted: token, address: hostOf(joiner.index), since });
  const leftMs = current.expires_monotonic_ms - since;
  // Some come at the very end of the window's time; a run that began long before is over by then.
  const ms =
    leftMs < exchangeLifeMs ? leftMs + schedule.draw.between(-1, 1) : schedule.draw.below(3_000);
  schedule.after(ms, everyone, () => {
    const body = JSON.stringify({ tag: base64url(isRight ? rightTag : wrongTag) });
    const arrivedMs = machine.now().monotonicMs;
    const arrived = { from: joiner.index, path: "pair/confirm", token: "", body } as const;
    void machine.serve(arrived, connection).then((left) => {
      if (left === null) return;
      const outcome = left.status === 200 ? "paired" : String(JSON.parse(left.body).error.code);
      note(`confirm ${machine.index} ${outcome}`);
      if (!["paired", "code_rejected", "code_burned"].includes(outcome)) return;
      judge.confirmed(current.code, outcome);
      if (arrivedMs >= current.expires_monotonic_ms) judge.violations.push("a code was tried late");
      if (outcome !== "paired") return;
      judge.restored(machine, joiner.index);
      joined(world, { shows: machine, types: joiner, token: token.token });
    });
  });
}

interface Joined {
  readonly shows: Machine;
  readonly types: Machine;
  readonly token: string;
}

/** The result of the exchange of tokens, if both machines live to see it. */
function joined(world: World, { shows, types, token }: Joined): void {
  if (types.daemon.isOver || shows.daemon.isOver) return;
  world.judge.restored(types, shows.index);
  write(world, shows, write(world, types, token));
}
