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
    name: "an archive's file is the one that its record names",
    source: "src/daemon/audit/archive.ts",
    find: 'digest === segment.sha256 ? head : { first_bad_seq, reason: "the file was changed" };',
    replace: "digest.length > 0 ? head : { first_bad_seq, reason: digest };",
    file: "test/daemon/audit/upgrade.test.ts",
    test: "verify() finds a change of the archive of the first form",
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
