/** `peernet audit`: the newest records, and those that follow. */

import type { AuditRecord } from "../../contract/audit.ts";
import type { Control } from "../../contract/control.ts";
import { PeernetError } from "../../contract/errors.ts";
import { auditPageDefault, auditPageMax } from "../../contract/limits.ts";
import type { InputOf, OutputOf } from "../../contract/operation/operation.ts";
import { type AuditLine, linesOf } from "../../contract/text/audit-lines.ts";
import { grouped } from "../../contract/text/numeral.ts";
import { type Context, command } from "../frame/command.ts";
import type { Flags } from "../frame/flags.ts";
import { nearest } from "../frame/suggest.ts";
import { interruptible } from "../terminal/interrupt.ts";
import type { Io } from "../terminal/io.ts";
import { printJson, printJsonLines, printLine } from "../terminal/output.ts";
import { counted } from "../terminal/text.ts";
import { printLines } from "./records.ts";

const flags = {
  since: { kind: "duration", value: "DURATION", summary: "only the last so long, such as 7d" },
  peer: { kind: "text", value: "NAME", summary: "only what was exchanged with that peer" },
  handle: { kind: "text", value: "HANDLE", summary: "only what was about that handle" },
  verb: { kind: "text", value: "VERB", summary: "only one kind of record, such as ask" },
  limit: { kind: "count", value: "N", summary: "so many records; 20 unless given" },
  follow: { kind: "switch", summary: "go on with each record as it is written" },
  all: { kind: "switch", summary: "with activations, releases and expired leases" },
} as const satisfies Flags;

type AuditContext = Context<typeof flags>;

/** Shows the newest records. */
export const audit = command({
  flags,
  examples: [
    "peernet audit --since 7d",
    "peernet audit --peer laptop --verb ask",
    "peernet audit --follow",
  ],
  async run({ io, flags, json }: AuditContext) {
    const filter = filterOf(flags);
    const limit = limitOf(flags.limit);
    const page = await io.calls().audit({
      ...filter,
      ...(flags.since === null ? {} : { since_ms: flags.since }),
      // A line may join two records.
      limit: json ? limit : Math.min(2 * limit, auditPageMax),
    });
    if (json) printJsonLines(io, page.records);
    const lines = linesOf(page.records).slice(-limit);
    const day = json ? null : printLines(io, lines, null);
    if (flags.follow) return follow(io, { filter, after: page.records.at(-1), day, json });
    if (!json) printLine(io, footer(page, lines));
    return 0;
  },
});

type Filter = Pick<InputOf<Control["audit/follow"]>, "peer" | "handle" | "verb" | "all">;

function filterOf(given: AuditContext["flags"]): Filter {
  const { peer, handle, verb, all } = given;
  return {
    // A reader who names a kind of record wants to see all of that kind.
    all: all || verb !== null,
    ...(peer === null ? {} : { peer }),
    ...(handle === null ? {} : { handle }),
    ...(verb === null ? {} : { verb: verbOf(verb) }),
  };
}

/** Every verb of a record; its type keeps it equal to the contract. */
const verbs = {
  trail: true,
  archive: true,
  ask: true,
  wait: true,
  overlap: true,
  message: true,
  handover: true,
  activate: true,
  deactivate: true,
  expire: true,
  window_open: true,
  window_close: true,
  confirm: true,
  evict: true,
  pair: true,
  grant: true,
  policy: true,
  read: true,
  task: true,
  rename: true,
  unpair: true,
  move: true,
  refused: true,
  probe: true,
  hello: true,
  witness: true,
  compare: true,
} as const satisfies Record<AuditRecord["verb"], true>;

const isVerb = (word: string): word is AuditRecord["verb"] => Object.hasOwn(verbs, word);

function verbOf(word: string): AuditRecord["verb"] {
  if (isVerb(word)) return word;
  const known = Object.keys(verbs);
  const meant = nearest(word, known);
  throw new PeernetError("bad_request", {
    message: `no record is of the kind ${word}`,
    hint: meant === null ? `give one of ${known.join(", ")}` : `did you mean --verb ${meant}`,
  });
}

function limitOf(limit: number | null): number {
  if (limit === null) return auditPageDefault;
  if (limit >= 1 && limit <= auditPageMax) return limit;
  throw new PeernetError("bad_request", {
    message: `--limit is 1 to ${auditPageMax}`,
    hint: "peernet audit export",
  });
}

interface Following {
  readonly filter: Filter;
  /** The last record that was shown, if any. */
  readonly after: AuditRecord | undefined;
  /** The last day that was printed. */
  readonly day: string | null;
  readonly json: boolean;
}

function follow(io: Io, { filter, after, day, json }: Following): Promise<number> {
  return interruptible(io, async (signal) => {
    let printed = day;
    const lineOf = joining();
    const input = { ...filter, ...(after === undefined ? {} : { after_seq: after.seq }) };
    for await (const record of io.calls()["audit/follow"](input, { signal })) {
      if (json) printJson(io, record);
      else printed = printLines(io, lineOf(record), printed);
    }
    throw new PeernetError("daemon_not_running", { message: "the daemon ended" });
  });
}

/** Holds each question that left until its outcome comes: both share one line. */
function joining(): (record: AuditRecord) => readonly AuditLine[] {
  const waiting = new Map<string, AuditRecord>();
  return (record) => {
    const id = record.subject_id ?? "";
    if (record.outcome === "asked") {
      waiting.set(id, record);
      return [];
    }
    const asked = waiting.get(id);
    waiting.delete(id);
    return linesOf(asked === undefined ? [record] : [asked, record]);
  };
}

function footer(page: OutputOf<Control["audit"]>, lines: readonly AuditLine[]): string {
  const records = lines.reduce((sum, { asked }) => sum + (asked === null ? 1 : 2), 0);
  const shown = `${records} of ${counted(page.total, "record")}`;
  const hidden =
    page.hidden_lease_events === 0
      ? ""
      : ` (${counted(page.hidden_lease_events, "record")} that peernet made by itself: --all)`;
  return `${shown}${hidden} · chain verified to ${grouped(page.verified_to)}`;
}
