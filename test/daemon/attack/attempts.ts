/** Attempts at a pairing window from many addresses, and their records. */

import type { Machine, OpenedWindow } from "../../support/daemon.ts";
import { codeOf, connectTo, newIdentity, type Reply } from "./connection.ts";
import { anyShare, confirmByHand, type HandRun, shareByHand, wrongTag } from "./pairing.ts";

const identities = Array.from({ length: 50 }, newIdentity);

/** An attempt from one of 50 addresses, with the code or without; how it ended. */
export async function attempt(on: Machine, number: number, code: string | null): Promise<string> {
  const identity = identities[number % identities.length] ?? newIdentity();
  const from = `127.0.0.${(number % identities.length) + 2}`;
  try {
    using connection = await connectTo(on.address, { identity, from });
    if (code !== null) {
      const run = await shareByHand(connection, identity, { code });
      return run === null ? "refused" : endOf(await confirmByHand(run));
    }
    const shared = await connection.post("pair/share", anyShare);
    if (shared?.status !== 200) return endOf(shared);
    return endOf(await connection.post("pair/confirm", { tag: wrongTag }));
  } catch {
    return "closed";
  }
}

export const endOf = (reply: Reply | null): string =>
  reply === null ? "closed" : (codeOf(reply) ?? (reply.status === 200 ? "paired" : "unshaped"));

/** Runs that have shared and may confirm at will. */
export async function pendingRuns(on: Machine, code: string, count: number): Promise<HandRun[]> {
  const runs: HandRun[] = [];
  for (const identity of identities.slice(0, count)) {
    const connection = await connectTo(on.address, { identity });
    const run = await shareByHand(connection, identity, { code });
    if (run === null) throw new Error("the share was refused");
    runs.push(run);
  }
  return runs;
}

export const otherThan = (code: string): string => (code === "000000" ? "000001" : "000000");

/** One after the other, each on its own connection. */
export async function wrongly(on: Machine, times: number): Promise<string[]> {
  const ends: string[] = [];
  for (let time = 0; time < times; time += 1) ends.push(await attempt(on, time, null));
  return ends;
}

export const eventsOf = (window: OpenedWindow): string[] => window.events.map(({ event }) => event);

/** The trail's confirms and pairings, in order. */
export async function recorded(on: Machine): Promise<string[]> {
  const { records } = await on.calls.audit({ limit: 1_000 });
  return records
    .filter(({ verb }) => verb === "confirm" || verb === "pair")
    .map(({ verb, outcome }) => `${verb} ${outcome}`);
}
