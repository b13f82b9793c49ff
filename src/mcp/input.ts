/** Validates a model's input to a tool: some clients drop a schema's bounds before they show it. */

import { PeernetError } from "../contract/errors.ts";
import type { InputOf, Operation } from "../contract/operation/operation.ts";
import { unfit, worded } from "../contract/text/unfit.ts";

/** Fields that name a machine, a session or a topic: names have no case. */
const nameFields: ReadonlySet<string> = new Set(["handle", "to", "topic", "name", "target"]);

const lowered = ([key, value]: [string, unknown]): [string, unknown] => [
  key,
  nameFields.has(key) && typeof value === "string" ? value.toLowerCase() : value,
];

/** An input that matches its schema; null fields count as absent. @throws {bad_request} */
export function checked<O extends Operation>(operation: O, given: unknown): InputOf<O> {
  const fields = Object.entries(Object(given)).filter(([, value]) => value !== null);
  const named = Object.fromEntries(fields.map(lowered));
  const result = operation.input.safeParse(named, worded);
  // The row's own schema has just validated it.
  if (result.success) return result.data as InputOf<O>;
  throw new PeernetError("bad_request", {
    message: unfit(result.error.issues).message,
    hint: "call the tool again as its input schema says",
  });
}
