/** Guards of reverse connections. */

import type { Guard } from "./guard.ts";

const taken = "test/daemon/links/reverse-taken.test.ts";
const dialled = "test/daemon/links/reverse-dialled.test.ts";
const promise =
  "P52: A reverse connection is kept for a live peer alone, opens no window and pairs nobody, " +
  "and ends within one second of an unpairing or a refusal. ";

/** Guards of connections that a machine dials so that its peer can call. */
export const reverseGuards: readonly Guard[] = [
  {
    name: "a reverse connection that is not taken is closed at once",
    source: "src/daemon/network/listener.ts",
    find: "} else place.destroy();",
    replace: "}",
    file: taken,
    test: `${promise}one of a stranger`,
  },
  {
    name: "a peer that refuses this machine has no reverse connection",
    source: "src/daemon/network/peer-api.ts",
    find: "const isTaken = peer !== null && !peer.refused;",
    replace: "const isTaken = peer !== null;",
    file: taken,
    test: `${promise}one of a peer that refuses this machine`,
  },
  {
    name: "an unpairing closes reverse connections",
    source: "src/daemon/peers/handlers.ts",
    find: "const connections_closed = served + parts.closeReverseOf(fingerprint);",
    replace: "const connections_closed = served;",
    file: taken,
    test: `${promise}all of a peer are closed within a second of its unpairing`,
  },
  {
    name: "a fourth reverse connection displaces the oldest",
    source: "src/daemon/network/places.ts",
    find: "if (own.length > reverseConnectionsMax) own[0]?.destroy();",
    replace: "if (own.length < 0) own[0]?.destroy();",
    file: taken,
    test: "a fourth one takes the place of the oldest",
  },
  {
    name: "a call over a reverse connection is no dial",
    source: "src/daemon/links/calls.ts",
    find: "this.#parts.memories.of(fingerprint).carried(took);",
    replace: "this.#parts.memories.of(fingerprint).reached(took);",
    file: taken,
    test: "a peer that answers over them is one-way",
  },
  {
    name: "a reverse connection serves the rows for peers alone",
    source: "src/daemon/network/peer-api.ts",
    find: "const isServed = row !== null && (!connection.isReverse || isServedBack(row));",
    replace: "const isServed = row !== null;",
    file: dialled,
    test: `${promise}a window, a pairing`,
  },
  {
    name: "a refusal closes reverse connections",
    source: "src/daemon/links/links.ts",
    find: "onRefused(fingerprint);",
    replace: "",
    file: dialled,
    test: `${promise}all are closed once the peer refuses`,
  },
  {
    name: "a call of the peer on a reverse connection is no dial of the peer",
    source: "src/daemon/links/incoming.ts",
    find: "if (connection.isReverse) {",
    replace: "if (connection.requests < 0) {",
    file: dialled,
    test: "a peer is answered on each as on any other",
  },
  {
    name: "one reverse connection is left to asks, hellos and waits",
    source: "src/daemon/network/reverse-calls.ts",
    find: "return others < Math.max(1, lines.size - 1);",
    replace: "return others < lines.size;",
    file: "test/daemon/network/reverse-calls.test.ts",
    test: "carry() leaves one connection to asks, hellos and waits",
  },
  {
    name: "one rejected credential does not end a pairing",
    source: "src/core/peers/rejection.ts",
    find: "return { first: next, isRefused: false };",
    replace: "return { first: next, isRefused: true };",
    file: dialled,
    test: "a credential that is rejected once is tried again, and the connections stay",
  },
  {
    name: "a rejection beside an exchange of tokens proves nothing",
    source: "src/core/peers/rejection.ts",
    find: "if (!isCalm) return { first: null, isRefused: false };",
    replace: "",
    file: "test/core/peers/rejection.test.ts",
    test: "judged() counts no rejection within 5 s of an exchange",
  },
];
