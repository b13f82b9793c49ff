/** The two sides of one subject: the machine that asked, and the machine that answered. */

import type {
  DifferingField,
  Explanation,
  Incomparable,
  Interruption,
  ToldRecord,
} from "../../contract/subjects/subjects.ts";

/** The judgement of one subject. */
export type Verdict =
  | { readonly verdict: "agrees" }
  | { readonly verdict: "differs"; readonly field: DifferingField }
  | { readonly verdict: "only_here" | "only_there" }
  | { readonly verdict: "explained"; readonly why: Explanation; readonly side: Where }
  | { readonly verdict: "incomparable"; readonly why: Incomparable; readonly side: Where }
  /** The asking side holds no end: only the rest of its trail shows whether that is honest. */
  | { readonly verdict: "open"; readonly side: Where };

/** A machine of the comparison. */
export type Where = "here" | "there";

/** Facts of a machine's trail besides its records. */
export interface Trail {
  readonly interruptions: readonly Interruption[];
  /** Records up to this id may be in an archive file. */
  readonly archived: string | null;
}

/** A machine's records of one subject, in their order. */
export interface Side extends Trail {
  readonly where: Where;
  readonly records: readonly ToldRecord[];
}

/** One subject. */
export interface Pair {
  readonly id: string;
  readonly asker: Side;
  readonly answerer: Side;
}

export const agrees: Verdict = { verdict: "agrees" };
export const differs = (field: DifferingField): Verdict => ({ verdict: "differs", field });
/** A machine's trail lacks what the other's proves. */
export const missing = ({ where }: Side): Verdict => ({
  verdict: where === "here" ? "only_there" : "only_here",
});
export const explained = ({ where }: Side, why: Explanation): Verdict => ({
  ...{ verdict: "explained", why, side: where },
});
export const open = ({ where }: Side): Verdict => ({ verdict: "open", side: where });

/** A machine's trail lacks records that it may have moved away, or that another pairing left. */
export function absent({ id, ...sides }: Pair, side: Side): Verdict {
  const { archived, where } = side;
  const incomparable = (why: Incomparable): Verdict => ({
    ...{ verdict: "incomparable", why, side: where },
  });
  if (archived !== null && id <= archived) return incomparable("archived");
  const other = side === sides.asker ? sides.answerer : sides.asker;
  const isEarlier = [...side.records, ...other.records].every(({ earlier }) => earlier);
  return isEarlier ? incomparable("before_pairing") : missing(side);
}

/** The outcome by which an asking machine's records end; null while there is none. */
export const endOf = ({ records }: Side): string | null =>
  records.findLast(({ outcome }) => outcome !== "asked")?.outcome ?? null;

/** The records of a machine with one of these outcomes. */
export const withOutcome = (
  { records }: Side,
  ...outcomes: readonly string[]
): readonly ToldRecord[] => records.filter(({ outcome }) => outcomes.includes(outcome));

/** The first value of a field that is present. */
export const firstOf = <K extends "content_sha256" | "facts_sha256" | "bytes">(
  { records }: Side,
  field: K,
): ToldRecord[K] | null => records.find((record) => record[field] !== null)?.[field] ?? null;
