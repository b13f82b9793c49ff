/** The evidence of what a comparison of two trails tells about the other machine. */

const compared = "of the moment: the other machine told its records in this call";

const under = (schema: string, names: string): readonly string[] =>
  names.split(" ").map((name) => `${schema}.${name}`);

/** Rows of these facts. */
export const subjectFacts = {
  "compared record": {
    fields: [
      ...under("audit/compare", "event subjects peer fingerprint unlisted"),
      ...under("audit/compare.found", "verdict subject_id verb age_ms field why side"),
      ...under("ComparedCounts", "agree differ only_here only_there explained incomparable"),
    ],
    from: "src/core/subjects/judge.ts#judge",
    age: compared,
  },
} as const;

/** Sentences, by their fact. */
export const subjectClaims = {
  "compared record": [
    "only here: … has no record of it",
    "only on …: this machine has no record of it",
    "…: not on record on …, which told no result of it",
    "…: told in full, and not received by …",
    "…: the daemon of … ended abruptly around it",
    "…: … has not recorded its end yet",
    "…: lost by …, which was restored from an older state",
    "… did not tell its records in their order",
    "… compared its record with this one",
  ],
} as const;
