/** The commands about the audit trail. */

import type { Entry } from "../frame/command.ts";

/** Commands about the trail, in the order of help. */
export const auditEntries: readonly Entry[] = [
  {
    name: "audit",
    words: "",
    summary: "shows the newest records of who asked what",
    load: async () => (await import("./audit.ts")).audit,
  },
  {
    name: "show",
    words: "ID",
    summary: "shows the subject of an id, or of an id's ending",
    load: async () => (await import("./show.ts")).show,
  },
  {
    name: "audit verify",
    words: "",
    summary: "checks the chain of records and names the first bad one",
    load: async () => (await import("./audit-trail.ts")).verify,
  },
  {
    name: "audit export",
    words: "",
    summary: "prints every record, one JSON object a line",
    load: async () => (await import("./audit-trail.ts")).exportTrail,
  },
  {
    name: "audit archive",
    words: "",
    summary: "moves old records to files that verify still reads",
    load: async () => (await import("./audit-trail.ts")).archiveTrail,
  },
];
