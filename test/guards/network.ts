/** Guards of what other machines may reach and tell. */

import type { Guard } from "./guard.ts";

/** Guards of what other machines may reach and tell. */
export const networkGuards: readonly Guard[] = [
  {
    name: "connects displace no connection whose handshake is done",
    source: "src/core/admission.ts",
    find: "const isCrowded = arriving.length * 2 > strangers.length;",
    replace: "const isCrowded = arriving.length < 0;",
    file: "test/daemon/network/places.test.ts",
    test: "39: 1,000 bare connects a second beside a way of 150 ms > a handshake that is done",
  },
  {
    name: "an IPv6 host is one source",
    source: "src/core/admission.ts",
    find: 'if (!address.includes(":")) return address;',
    replace: 'if (address !== "") return address;',
    file: "test/core/admission.test.ts",
    test: "sourceOf() makes one source of 200 addresses",
  },
  {
    name: "places are kept for addresses of peers",
    source: "src/daemon/network/places.ts",
    find: "if (place.kept) return;",
    replace: "place.kept = false;",
    file: "test/daemon/network/places.test.ts",
    test: "39: 1,000 bare connects a second beside a way of 150 ms > an address that proved",
  },
  {
    name: "a read that throws in a handshake ends the connection, not the daemon",
    source: "src/daemon/network/listener.ts",
    find: 'bridge.options.onFailure("a handshake", error);',
    replace: "throw error;",
    file: "test/daemon/failing-reads.test.ts",
    test: "45: reads of the daemon that throw > of the table peer",
  },
  {
    name: "refusals of a peer are counted by the hour, not recorded one by one",
    source: "src/daemon/context/peer-counts.ts",
    find: "if (this.#hours.has(keyOf(event))) this.count(event, now);",
    replace: "if (now.monotonicMs < 0) this.count(event, now);",
    file: "test/daemon/context/peer-counts.test.ts",
    test: "40: a paired machine at full speed for a day > without a scope",
  },
  {
    name: "a peer is answered 20,000 times a day",
    source: "src/core/admission.ts",
    find: "return recent.reduce((sum, [, count]) => sum + count, 0) < answersMax;",
    replace: "return recent.length >= 0;",
    file: "test/daemon/context/peer-counts.test.ts",
    test: "40: a paired machine at full speed for a day > mayAnswer()",
  },
  {
    name: "a hello answers with the witness from before it",
    source: "src/daemon/links/incoming.ts",
    find: "witness: peer.checkpoint,",
    replace: "witness: row.checkpoint,",
    file: "test/daemon/audit/witness.test.ts",
    test: "38: a trail put back and grown past its witnesses",
  },
  {
    name: "a witness that disagrees is kept",
    source: "src/daemon/audit/witness.ts",
    find: "peers.putDisagreement(peer.fingerprint, nth, witness);",
    replace: "",
    file: "test/daemon/audit/witness.test.ts",
    test: "38: a trail put back and grown past its witnesses",
  },
  {
    name: "names of other machines are fenced",
    source: "src/contract/mcp.ts",
    find: '"peers.handles.handle",',
    replace: "",
    file: "test/mcp/tools.test.ts",
    test: "list_peers > lists the machines and what is live on them",
  },
];
