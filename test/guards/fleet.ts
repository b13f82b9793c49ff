/** Guards of trust by fingerprint, and of metrics. */

import type { Guard } from "./guard.ts";

const trusted = "P51: Only a key whose fingerprint a person or root trusted here meets";
const metrics =
  "P65: Metrics are read by this user alone, or at a port with the bearer, and by no page.";

/** Guards of trust by fingerprint, and of metrics. */
export const fleetGuards: readonly Guard[] = [
  {
    name: "a machine that is not expected is not met",
    source: "src/daemon/trust/met.ts",
    find: "const row = tables.expected.get(fingerprint);",
    replace: "const row = tables.expected.get(fingerprint) ?? tables.expected.all()[0] ?? null;",
    file: "test/daemon/trust/trust.test.ts",
    test: trusted,
  },
  {
    name: "an unpaired machine is no longer expected",
    source: "src/daemon/context/ungranted.ts",
    find: "tables.expected.remove(fingerprint);",
    replace: "",
    file: "test/daemon/trust/trust.test.ts",
    test: trusted,
  },
  {
    name: "a machine that answered a meeting waits for the other one's call",
    source: "src/daemon/links/calls.ts",
    find: "const isSilent = peer.exchanged && !peer.acknowledged;",
    replace: "const isSilent = false as boolean;",
    file: "test/daemon/trust/first-call.test.ts",
    test: "a machine that answered a meeting makes no call before it was called",
  },
  {
    name: "root's files are root's alone",
    source: "src/platform/trust-folder.ts",
    find: "return (stats.mode & 0o022) === 0 ? null",
    replace: "return (stats.mode & 0o022) >= 0 ? null",
    file: "test/platform/trust-folder.test.ts",
    test: "trustFiles() passes over what another user could write",
  },
  {
    name: "metrics at a port need the bearer",
    source: "src/daemon/metrics/server.ts",
    find: "if (isShown) return null;",
    replace: "if (isShown || bearer !== shown) return null;",
    file: "test/daemon/metrics/metrics.test.ts",
    test: metrics,
  },
  {
    name: "metrics are read by no page",
    source: "src/daemon/metrics/server.ts",
    find: "if (!isOurs(request.headers, origin)) return",
    replace: 'if (origin === "") return',
    file: "test/daemon/metrics/metrics.test.ts",
    test: metrics,
  },
];
