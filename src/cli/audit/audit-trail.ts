/** `peernet audit verify` and `peernet audit export`: the complete trail. */

import type { AuditRecord, VerifyOutput } from "../../contract/audit.ts";
import { PeernetError } from "../../contract/errors.ts";
import { grouped } from "../../contract/text/numeral.ts";
import { printable } from "../../contract/text/printable.ts";
import { command } from "../frame/command.ts";
import type { Flags } from "../frame/flags.ts";
import { dateOf } from "../terminal/date.ts";
import { interruptible } from "../terminal/interrupt.ts";
import type { Io } from "../terminal/io.ts";
import { failure, printJson, printJsonLines, printLine } from "../terminal/output.ts";
import { counted } from "../terminal/text.ts";
import { comparedWith, exitOf, printComparison } from "./compare.ts";
import { ocsfEvent } from "./ocsf.ts";

const verifyFlags = {
  with: { kind: "text", value: "PEER", summary: "compare with that peer's records, too" },
} as const satisfies Flags;

/** Checks the chain, its checkpoints and its witnesses; with a peer, compares both trails. */
export const verify = command({
  flags: verifyFlags,
  examples: ["peernet audit verify --with mini"],
  async run({ io, flags, json }) {
    const output = await io.calls()["audit/verify"]({});
    if (flags.with !== null) return verifyWith(io, { peer: flags.with, output, json });
    if (json) printJson(io, output);
    else printVerified(io, output);
    return output.ok ? 0 : 1;
  },
});

interface VerifyingWith {
  readonly peer: string;
  readonly output: VerifyOutput;
  readonly json: boolean;
}

/** Compares a verified trail with a peer's; a broken one proves nothing about the peer. */
function verifyWith(io: Io, { peer, output, json }: VerifyingWith): Promise<number> {
  return interruptible(io, async (signal) => {
    if (!json) printVerified(io, output);
    const compared = output.ok ? await comparedWith(io, peer, signal) : null;
    // An aborted stream may end quietly: that is not the complete comparison.
    signal.throwIfAborted();
    if (json) printJson(io, { verified: output, compared });
    if (compared === null) return 1;
    return json ? exitOf(compared) : printComparison(io, compared);
  });
}

function printVerified(io: Io, output: VerifyOutput): void {
  if (!output.ok) {
    failure(io, {
      message: `the trail is broken at record ${output.first_bad_seq}: ${output.reason}`,
      hint: `compare with a backup: what is before record ${output.first_bad_seq} is intact`,
    });
    return;
  }
  const { records, head, checkpoint_seq, archived, witnesses } = output;
  printLine(
    io,
    `chain verified: ${counted(records, "record")}, head ${head === "" ? "none" : head}`,
  );
  if (archived > 0) printLine(io, `with ${counted(archived, "record")} in the folder archive`);
  printLine(
    io,
    `signed to record ${grouped(checkpoint_seq)}; ` +
      (witnesses === 0
        ? "no peer keeps a copy of that"
        : `${counted(witnesses, "peer")} ${witnesses === 1 ? "agrees" : "agree"}`),
  );
}

const archiveFlags = {
  before: { kind: "text", value: "DATE", summary: "only what is older, such as 2026-01-31" },
} as const satisfies Flags;

/** Moves signed records to files in the state folder, which `verify` still reads. */
export const archiveTrail = command({
  flags: archiveFlags,
  examples: ["peernet audit archive --before 2026-01-31"],
  async run({ io, flags, json }) {
    const before_ms = instantOf(flags.before);
    const { segments } = await io.calls()["audit/archive"]({ before_ms });
    if (json) {
      printJson(io, { segments });
      return 0;
    }
    if (segments.length === 0) {
      printLine(io, `nothing to archive: no signed record is older than ${flags.before}`);
    }
    for (const { file, from_seq, to_seq } of segments) {
      printLine(io, `records ${grouped(from_seq)} to ${grouped(to_seq)} are in ${file} now`);
    }
    return 0;
  },
});

/** The first instant of a day by local time. @throws {bad_request} */
function instantOf(day: string | null): number {
  const [, year, month, date] = /^(\d{4})-(\d\d)-(\d\d)$/.exec(day ?? "") ?? [];
  const instant = new Date(Number(year), Number(month) - 1, Number(date));
  if (dateOf(instant) === day && instant.getTime() >= 0) return instant.getTime();
  throw new PeernetError("bad_request", {
    message: day === null ? "audit archive needs a day" : `${printable(day)} is no day`,
    hint: "peernet audit archive --before 2026-01-31",
  });
}

/** Records written at once: neither the complete trail in memory, nor a write for each line. */
const recordsAtOnce = 256;

const exportFlags = {
  format: { kind: "text", value: "FORMAT", summary: "json, or ocsf: events of OCSF 1.8.0" },
  "with-text": { kind: "switch", summary: "with ocsf: the questions' texts, too" },
} as const satisfies Flags;

/** Prints every record as a line of JSON, oldest first. */
export const exportTrail = command({
  flags: exportFlags,
  examples: [
    "peernet audit export >trail.jsonl",
    "peernet audit export --format ocsf >events.jsonl",
  ],
  run: ({ io, flags }) =>
    interruptible(io, async (signal) => {
      const lineOf = await formatOf(io, flags.format ?? "json", flags["with-text"]);
      let batch: unknown[] = [];
      for await (const record of io.calls()["audit/export"]({}, { signal })) {
        batch.push(lineOf(record));
        if (batch.length < recordsAtOnce) continue;
        printJsonLines(io, batch);
        batch = [];
      }
      // An aborted stream may end quietly: that is not the complete trail.
      signal.throwIfAborted();
      printJsonLines(io, batch);
      return 0;
    }),
});

/** The form of each line. @throws {bad_request} */
async function formatOf(
  io: Io,
  format: string,
  withText: boolean,
): Promise<(record: AuditRecord) => unknown> {
  if (format === "ocsf") {
    const { machine } = await io.calls().status({});
    return (record) => ocsfEvent(record, { ...machine, withText });
  }
  if (format === "json" && !withText) return (record) => record;
  throw new PeernetError("bad_request", {
    message:
      format === "json" ? "--with-text belongs to ocsf" : `${printable(format)} is no format here`,
    hint: "peernet audit export --format ocsf",
  });
}
