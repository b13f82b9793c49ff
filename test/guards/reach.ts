/** Guards of what waits for a peer, and of what a wait tells it. */

import type { Guard } from "./guard.ts";

const composed =
  "P43: What waits for a peer is composed as it leaves, and tells what its grant then permits.";
const told = "P44: A wait tells a peer nothing that an ask would not.";

/** Guards of what waits for a peer, and of what a wait tells it. */
export const reachGuards: readonly Guard[] = [
  {
    name: "what may no longer be told leaves as an end without facts",
    source: "src/daemon/ask/waits-incoming.ts",
    find: 'const isTold = standing.judged !== "denied" && standing.judged?.reason !== "hidden";',
    replace: 'const isTold = standing.judged !== "denied" || wait.due.reason !== "hidden";',
    file: "test/daemon/outbox/delivery.test.ts",
    test: `${composed} a grant that leaves the handle out makes what waits`,
  },
  {
    name: "the end of a grant drops what waits for the peer",
    source: "src/daemon/context/ungranted.ts",
    find: "tables.outbox.removeScopes(fingerprint, scopes);",
    replace: 'tables.outbox.removeScopes(fingerprint, ["ask"]);',
    file: "test/daemon/outbox/delivery.test.ts",
    test: `${composed} a grant that ends takes what waits with it`,
  },
  {
    name: "a hidden state is waited for by nobody",
    source: "src/core/waits.ts",
    find: '(until === "idle" || until === "waiting") && !lets(shown, "state");',
    replace: 'until === "gone" && !lets(shown, "state");',
    file: "test/daemon/outbox/delivery.test.ts",
    test: `${told} what the grant hides is not waited for`,
  },
  {
    name: "only the machine that is waited on ends a wait",
    source: "src/daemon/ask/waits-outgoing.ts",
    find: "if (wait === null || wait.fingerprint !== fingerprint)",
    replace: 'if (wait === null || fingerprint === "")',
    file: "test/daemon/ask/waits-outgoing.test.ts",
    test: "reached is good for one open wait on that very machine",
  },
  {
    name: "a machine without waits is never called with one",
    source: "src/daemon/ask/waits-begin.ts",
    find: "if (hasWaits() || version === null) return;",
    replace: 'if (hasWaits() || version !== "") return;',
    file: "test/daemon/ask/waits-outgoing.test.ts",
    test: "a peer that does not list waits is never called with one",
  },
  {
    name: "a peer has so many waits at most",
    source: "src/daemon/ask/waits-incoming.ts",
    find: "waits.incomingOf(fingerprint).length >= waitsMax",
    replace: "waitsMax < 1",
    file: "test/daemon/outbox/delivery.test.ts",
    test: "a peer has 16 waits at most",
  },
  {
    name: "content that waits for a dial leaves only under the grant that composed it",
    source: "src/daemon/outbox/delivery.ts",
    find: "return isFresh && isThere && peer !== null && rightsAt(peer.grants, at) === rights;",
    replace: "return isThere || isFresh || peer !== null || rights.length > 0;",
    file: "test/daemon/outbox/delivery.test.ts",
    test: "a fact hidden during the dial of what waits is not in it",
  },
  {
    name: "a hello is made when its connection stands",
    source: "src/daemon/links/calls.ts",
    find: "client.call(path, input, bounds)",
    replace: "client.call(path, input(), bounds)",
    file: "test/daemon/links/hello-dial.test.ts",
    test: "a hello that waits for its connection tells no handle after its grant ended",
  },
];
