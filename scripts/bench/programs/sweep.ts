/**
 * One sweep after another over the addresses it is given, with the daemon's own search and probe:
 * the control API searches at most 64 configured addresses, and this is about 200.
 */

import { probeMs } from "../../../src/contract/limits.ts";
import { type Lead, type Probed, sweep } from "../../../src/discovery/sweep.ts";
import { dial } from "../../../src/peer/dial.ts";
import { sha256 } from "../../../src/platform/real.ts";

const [, , rounds = "0", ...addresses] = process.argv;
const leads: readonly Lead[] = addresses.map((address) => ({
  source: "configured",
  name: address,
  host: address.slice(0, address.lastIndexOf(":")),
  port: Number(address.slice(address.lastIndexOf(":") + 1)),
  prefix: null,
  login: null,
  refusal: null,
}));

async function probe({ host, port }: Lead): Promise<Probed | null> {
  const signal = AbortSignal.timeout(probeMs);
  try {
    const dialled = await dial({ host, port, identity: null, sha256, signal });
    try {
      const { body } = await dialled.post("window", {});
      return { fingerprint: dialled.fingerprint, open: Object(body).open === true };
    } finally {
      dialled.close();
    }
  } catch {
    return null;
  }
}

const source = { source: "configured" as const, search: async () => ({ leads, why: null }) };
for (let round = 0; round < Number(rounds); round += 1) {
  const began = performance.now();
  const { unreachable, found } = await sweep({ sources: [source], probe });
  const ms = performance.now() - began;
  process.stdout.write(`${JSON.stringify({ ms, unreachable, found: found.length })}\n`);
}
