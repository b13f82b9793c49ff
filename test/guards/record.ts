/** The guards of the audit record and its trail. */

import type { Guard } from "./guard.ts";

/** Each is red in a test of the trail once it is taken out. */
export const recordGuards: readonly Guard[] = [
  {
    name: "the daemon writes on after no head but its own",
    source: "src/store/audit.ts",
    find: 'if (!own.isHead()) throw new PeernetError("database_damaged", notOwn);',
    replace: "",
    file: "test/store/trail.test.ts",
    test: "the head that the process knows append() seals to no other",
  },
  {
    name: "the daemon signs no head but its own",
    source: "src/daemon/audit/trail.ts",
    find: "const { seq, hash } = audit.ownHead();",
    replace: "const { seq, hash } = audit.head();",
    file: "test/daemon/audit/trail.test.ts",
    test: "P21",
  },
  {
    name: "a record's content is hashed",
    source: "src/core/audit-chain.ts",
    find: 'if (record.hash !== hashOf(record, sha256)) return "its content was changed";',
    replace: "",
    file: "test/core/audit-tampering.test.ts",
    test: "flaw()",
  },
  {
    name: "the end of an archive is what its record says",
    source: "src/daemon/audit/archive.ts",
    find: "if (head.seq !== segment.to_seq || head.hash !== segment.hash) {",
    replace: "if (head.seq < 0) {",
    file: "test/daemon/audit/archive.test.ts",
    test: "archive that is changed, cut or missing is found",
  },
  {
    name: "a record that closed a segment is looked for",
    source: "src/daemon/audit/trail.ts",
    find: "closingFlaw(this.#context, this.#closings) ??",
    replace: "",
    file: "test/daemon/audit/archive.test.ts",
    test: "archive of which the database forgot is found",
  },
  {
    name: "a checkpoint of another trail takes no other's place",
    source: "src/daemon/peers/hello-row.ts",
    find: "if (kept !== null && kept.trail_id !== offered.trail_id) return kept;",
    replace: "",
    file: "test/daemon/audit/trails.test.ts",
    test: "laterCheckpoint()",
  },
];
