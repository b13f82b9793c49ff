/** Peernet's commands in these tests, besides the clients' own acts. */

import type { State } from "../../../src/contract/lease.ts";
import { patiently } from "../../scenario/patience.ts";
import type { Machine } from "./machine.ts";

/** Sets a machine up with the defaults, without a tailnet. */
export async function setUp(machine: Machine): Promise<void> {
  const words = ["--yes", "--name", machine.name, "--listen", "local", "--no-service"];
  const ran = await machine.run(["setup", ...words]);
  if (ran.code !== 0) throw new Error(`peernet setup: ${ran.out}${ran.err}`);
}

/** Lets sessions take a handle that have nobody in front of them. */
export async function headless(machine: Machine): Promise<void> {
  const path = ".peernet/config.toml";
  const before = machine.read(path) ?? "";
  machine.write(path, before.replace("[sessions]\n", "[sessions]\nheadless = true\n"));
  await machine.run(["stop"]);
  await machine.run(["start"]);
}

/** The number of a machine's records of a session event. */
export async function events(machine: Machine, verb: string): Promise<number> {
  const { out } = await machine.run(["audit", "--all", "--verb", verb, "--json"]);
  return out.split("\n").filter(Boolean).length;
}

/** Resolves once a condition holds, to the milliseconds that took: a minute at most. */
export const soon = (what: string, condition: () => Promise<boolean>): Promise<number> =>
  patiently(60_000, what, condition);

/** True when a machine's only handle shows a state. */
export const isIn = async (machine: Machine, state: State): Promise<boolean> =>
  (await machine.handles()).map((handle) => handle.state).join() === state;

/** Resolves once a machine's only handle shows a state, to the elapsed milliseconds. */
export async function says(machine: Machine, state: State): Promise<number> {
  try {
    return await soon(`${machine.name} says ${state}`, () => isIn(machine, state));
  } catch (error) {
    throw new Error(`${error}: ${JSON.stringify(await machine.handles())}`);
  }
}
