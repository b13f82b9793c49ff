/** Finds the subject on this machine of an id, or of an id's ending. */

import type { AuditRecord, IdKind, ShowOutput, Verb } from "../../contract/audit.ts";
import { PeernetError } from "../../contract/errors.ts";
import { auditPageMax } from "../../contract/limits.ts";
import { endsWith, shortId } from "../../contract/text/ids.ts";
import type { Context } from "../context/context.ts";

/** The kind of the subject of a record, by its verb. */
const kindOf: Readonly<Partial<Record<Verb, IdKind>>> = {
  ask: "ask",
  message: "message",
  trail: "trail",
};

interface Found {
  readonly id: string;
  readonly kind: IdKind;
}

/** The one subject or thread whose id has this ending. @throws {id_unknown} {id_several} */
export function show({ tables }: Context, typed: string): ShowOutput {
  const alike = tables.audit.idsAlike(typed.slice(-4).toLowerCase());
  const known: readonly Found[] = [
    ...alike.subjects.map(({ id, verb }) => ({ id, kind: kindOf[verb] ?? "subject" })),
    ...alike.threads.map((id) => ({ id, kind: "thread" as const })),
  ];
  const ids = known.map(({ id }) => id);
  const found = known.filter(({ id }) => endsWith(id, typed));
  const [first] = found;
  if (first === undefined) throw new PeernetError("id_unknown");
  if (found.some(({ id }) => id !== first.id)) {
    const several = found.map(({ id, kind }) => ({ id, short: shortId(id, ids), kind }));
    throw new PeernetError("id_several", {
      hint: `type more of it: ${several.map(({ short, kind }) => `${short} (${kind})`).join(", ")}`,
      details: { ids: several },
    });
  }
  const records: readonly AuditRecord[] = tables.audit.newest(
    { ...(first.kind === "thread" ? { threadId: first.id } : { subjectId: first.id }), all: true },
    auditPageMax,
  );
  return { ...first, short: shortId(first.id, ids), records: [...records] };
}
