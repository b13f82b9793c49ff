/**
 * The names of a policy, bound to keys. A name in a rule counts for the key that bore it when a
 * person last checked the policy: another key under that name matches nothing until then. Pure.
 */

import type { PolicyDocument } from "../../contract/policy/document.ts";

/** Fingerprints by the policy's names. */
export type Binding = Readonly<Record<string, string>>;

/** Names of machines in a policy, each once; `*` is no name. */
export function peerNames({ allow, refuse }: PolicyDocument): readonly string[] {
  const rules = [...allow.read, ...allow.inbound, ...allow.outbound, ...refuse];
  const all = rules.flatMap(({ peer }) => peer ?? []);
  return [...new Set(all)].filter((name) => name !== "*").sort();
}

/** A paired machine, by its present name. */
export interface Known {
  readonly name: string;
  readonly fingerprint: string;
}

/** Binds each name of a policy to the machine that bears it now; a name of none stays free. */
export function bindingOf(document: PolicyDocument, peers: readonly Known[]): Binding {
  const bound = peerNames(document).flatMap((name) => {
    const peer = peers.find((each) => each.name === name);
    return peer === undefined ? [] : [[name, peer.fingerprint] as const];
  });
  return Object.fromEntries(bound);
}

/** The policy's names for a key. */
export const namesFor = (binding: Binding, fingerprint: string): readonly string[] =>
  Object.entries(binding).flatMap(([name, bound]) => (bound === fingerprint ? [name] : []));

/** A name whose rules do not hold as written. */
export interface Loose {
  readonly name: string;
  /** `nobody`: no machine bears it. `other`: another key bears it now. `new`: not checked yet. */
  readonly why: "nobody" | "other" | "new";
}

/** The names that a person should look at. */
export function looseNames(
  document: PolicyDocument,
  binding: Binding,
  peers: readonly Known[],
): readonly Loose[] {
  return peerNames(document).flatMap((name): readonly Loose[] => {
    const bound = Object.hasOwn(binding, name) ? binding[name] : undefined;
    const bearer = peers.find((each) => each.name === name)?.fingerprint;
    if (bearer === undefined) return [{ name, why: "nobody" }];
    if (bound === undefined) return [{ name, why: "new" }];
    return bound === bearer ? [] : [{ name, why: "other" }];
  });
}

/** The names of the rules that name a machine. */
export const rulesNaming = ({ allow, refuse }: PolicyDocument, name: string): readonly string[] =>
  [...allow.read, ...allow.inbound, ...allow.outbound, ...refuse]
    .filter(({ peer }) => peer?.includes(name) === true)
    .map((rule) => rule.name);
