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
  {
    name: "an answer's digest is the same on both machines",
    source: "src/core/subjects/rules.ts",
    find: "if (told.every(({ content_sha256 }) => content_sha256 !== content))",
    replace: "if (content === undefined)",
    file: "test/core/subjects/histories.test.ts",
    test: "P69",
  },
  {
    name: "an answer that the answering machine left out is named",
    source: "src/core/subjects/sides.ts",
    find: 'return isEarlier ? incomparable("before_pairing") : missing(side);',
    replace: 'return incomparable("before_pairing");',
    file: "test/core/subjects/histories.test.ts",
    test: "P69",
  },
  {
    name: "a peer is told of no record about another peer",
    source: "src/store/subjects/subjects.ts",
    find: "`SELECT * FROM audit WHERE peer_fingerprint = ? AND subject_id = ? AND seq > ?",
    replace: "`SELECT * FROM audit WHERE ? <> '' AND subject_id = ? AND seq > ?",
    file: "test/daemon/subjects/compare.test.ts",
    test: "P70",
  },
  {
    name: "a denied path is told like an absent one",
    source: "src/core/subjects/told.ts",
    find: 'verb === "read" && outcome === "policy_refused" ? "path_unknown" : outcome;',
    replace: "outcome;",
    file: "test/core/subjects/told.test.ts",
    test: "toldOf()",
  },
];
