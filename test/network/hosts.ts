/** Machines of a lab: a home on each host, whose daemon listens on the host's own address. */

import type { Place } from "../scenario/pairing.ts";
import { home } from "../support/executable.ts";
import type { HostName, Lab } from "./lab.ts";

/** The port every machine of a lab listens on. */
export const port = 7337;

/** A home on a host. */
export interface Machine extends Place {
  readonly host: HostName;
  readonly before: readonly string[];
  /** `address:port` of its peer listener, as the lab gave it. */
  readonly listens: string;
}

/** Which machine is wanted. */
export interface Wanted {
  readonly host: HostName;
  readonly name: string;
  /** Its listening address; the host's first address unless given. */
  readonly address?: string;
}

/** A machine before it is made, and the address that it listens on. */
export interface Placed {
  readonly name: string;
  readonly address: string;
  /** Addresses that a search probes, besides those of its networks. */
  readonly searched?: readonly string[];
}

/** Makes a machine and starts its daemon. */
export async function machine(lab: Lab, { host, name, ...wanted }: Wanted): Promise<Machine> {
  const address = wanted.address ?? lab.address(host);
  return { ...(await machineOn(lab.on(host), { name, address })), host };
}

/** Makes a machine wherever these words run its commands, and starts its daemon. */
export async function machineOn(
  before: readonly string[],
  { name, address, searched = [] }: Placed,
): Promise<Omit<Machine, "host">> {
  const inner = home(name, before);
  const own = {
    PEERNET_LISTEN_ADDRESSES: address,
    PEERNET_LISTEN_PORT: String(port),
    PEERNET_DISCOVERY_ADDRESSES: searched.join(),
  };
  const given = (more: Parameters<Place["run"]>[1]) => ({
    ...more,
    environment: { ...own, ...more?.environment },
  });
  const made: Omit<Machine, "host"> = {
    ...inner,
    environment: { ...inner.environment, ...own },
    before,
    listens: `${address}:${port}`,
    run: (words, more) => inner.run(words, given(more)),
    json: (words, more) => inner.json(words, given(more)),
  };
  const { code, err } = await made.run(["start"]);
  if (code !== 0) throw new Error(`${name} did not start: ${err}`);
  return made;
}

/** Connections that stand on a host, as the kernel lists them: both addresses, one a line. */
export function connections(lab: Lab, host: HostName): readonly string[] {
  const listed = lab.run(host, "ss", "--no-header", "--tcp", "--numeric", "state", "established");
  return listed
    .split("\n")
    .filter((line) => line.trim() !== "")
    .map((line) => line.trim().split(/\s+/).slice(2, 4).join(" "));
}
