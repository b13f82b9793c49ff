/**
 * The policy of this machine: read again for each decision, judged by its content's digest. A file
 * that is absent, faulty or open to others allows nothing. Decides nothing itself.
 */

import { type PolicyFault, readPolicy } from "../../contract/policy/reading.ts";
import { stateNames } from "../../contract/text/state-names.ts";
import type { Binding } from "../../core/policy/binding.ts";
import { namesFor } from "../../core/policy/binding.ts";
import { parseToml } from "../../platform/toml.ts";
import type { Context } from "../context/context.ts";
import { digestOf } from "../context/context.ts";
import type { Policies, PolicyNow } from "../context/ports.ts";

/** The policy, and what is kept beside it. */
export interface PolicyFile extends Policies {
  /** The policy as it stands. @throws {state_unsafe} */
  now(): PolicyNow;
  readonly binding: () => Binding;
  /** Replaces the file. @throws {state_unsafe} {storage_full} */
  write(text: string): void;
  /** Lets names count for keys from now on. @throws {state_unsafe} {storage_full} */
  bind(binding: Binding): void;
}

/** Reads the policy of a home. */
export function policyFile(context: Pick<Context, "effects">): PolicyFile {
  const { files, log } = context.effects;
  let known: PolicyNow = { state: "absent" };
  const now = (): PolicyNow => {
    const text = files.readTrusted(stateNames.policy);
    if (text === null) return { state: "absent" };
    const digest = digestOf(context, text);
    if (known.state !== "absent" && known.digest === digest) return known;
    const read = readPolicy(text, parseToml);
    known = read.ok
      ? { state: "valid", digest, text, document: read.document }
      : { state: "invalid", digest, text, fault: read.fault };
    return known;
  };
  const binding = (): Binding => bindingIn(files.read(stateNames.policyNames));
  return {
    now,
    binding,
    of: (fingerprint) => {
      try {
        const current = now();
        if (current.state !== "valid") return null;
        const peers = namesFor(binding(), fingerprint);
        return { document: current.document, digest: current.digest, peers };
      } catch (error) {
        // An unsafe file allows nothing; doctor and every command about it say so.
        log.warn("policy_not_read", { reason: String(error) });
        return null;
      }
    },
    write: (text) => files.write(stateNames.policy, text),
    bind: (names) => files.write(stateNames.policyNames, `${JSON.stringify(names)}\n`),
  };
}

/** The bound names in a file of ours; none from any other text. */
function bindingIn(text: string | null): Binding {
  try {
    const value: unknown = JSON.parse(text ?? "{}");
    if (typeof value !== "object" || value === null) return {};
    return Object.fromEntries(
      Object.entries(value).filter((entry) => typeof entry[1] === "string"),
    );
  } catch {
    return {};
  }
}

/** The first fault of a policy in one line. */
export const faultText = ({ line, message }: PolicyFault): string =>
  `${stateNames.policy}, line ${line}: ${message}`;
