/** The reference of the peer API, made from the wire table: who calls, fields, errors. */

import { type ErrorCode, errorTable } from "../src/contract/errors.ts";
import { rates } from "../src/contract/limits/rates.ts";
import { always } from "../src/contract/operation/operation.ts";
import { gitReasons, gitReasonText } from "../src/contract/text/git-reasons.ts";
import type { Caller, WireOperation } from "../src/contract/wire/rows.ts";
import { wire } from "../src/contract/wire.ts";
import { fieldTable } from "./fields.ts";

const callers: Readonly<Record<Caller, string>> = {
  anyone: "anyone",
  certificate: "anyone with a proven certificate",
  exchange: "a peer, whose token may be past `exp`",
  peer: "a peer with its token",
};

const withStatus = (code: ErrorCode): string =>
  `\`${code}\` ${errorTable[code].status ?? "(no status)"}`;

/** Errors that a request may meet at any path. */
const anywhere: readonly ErrorCode[] = [
  "operation_unknown",
  ...always.filter((code) => errorTable[code].status !== null),
];

/** The rate of a row's calls, and the quota of its answers. */
function paceOf(operation: WireOperation): string {
  if (!("rate" in operation)) return "";
  const { perSecond, burst } = rates[operation.rate];
  const quota = operation.recorded ? ", and in the day's quota of answers" : "";
  return ` Rate: \`${operation.rate}\`, ${burst} at once and then ${perSecond} a second${quota}.`;
}

function section([path, operation]: readonly [string, WireOperation]): string {
  const { input, output, errors, caller, summary } = operation;
  const messages =
    input === output
      ? ["The request, and the answer:", fieldTable(input)]
      : ["The request:", fieldTable(input), "The answer:", fieldTable(output)];
  const failures = errors.map(withStatus).join(", ") || "none of its own";
  return [
    `## \`/v1/${path}\``,
    summary,
    `Caller: ${callers[caller]}.${paceOf(operation)} Errors: ${failures}.`,
    ...messages,
  ].join("\n\n");
}

/** The text of the reference; `made` says where it comes from. */
export const wireReference = (made: string): string =>
  [
    "# The peer API",
    made,
    "Every operation is a `POST` of a JSON object, and answers one. A field that a table does " +
      "not name is passed over. A field is never null and never left out, unless the last " +
      "column says so. Bytes are counted as UTF-8; such a text is well-formed Unicode without " +
      "NUL. Integers are below 2^53. A `_ms` is a duration or an age in milliseconds, `at_ms` " +
      "milliseconds since 1970. A value outside of its type or bounds refuses the whole message.",
    `Any path may answer ${anywhere.map(withStatus).join(", ")}; and \`origin_unverified\` 403 ` +
      "to a caller by the tailnet that tailscaled does not vouch for, unless anyone may call.",
    ...Object.entries(wire).map(section),
    "## Reasons",
    "`git_why` and the fields of `git.why` hold one of these, or a later one of the same form:",
    gitReasons.map((reason) => `- \`${reason}\`: ${gitReasonText(reason)}`).join("\n"),
  ].join("\n\n");
