/** The policies of a run: each as the product reads it, and as a judge knows what it allows. */

import { PolicyDocument } from "../../../src/contract/policy/document.ts";
import type { PolicyFor } from "../../../src/core/tasks/deciding.ts";
import { digest } from "../who.ts";

/** A policy, and the words by which a judge knows it. */
export interface KnownPolicy {
  readonly profiles: readonly string[];
  readonly approval: "none" | "once" | "each" | null;
  readonly document: PolicyDocument;
  readonly digest: string;
}

const runs = ["query", "edit"];

function known(
  profiles: readonly string[],
  approval: KnownPolicy["approval"] = null,
  wall = "20m",
): KnownPolicy {
  const names = { name: "peers", peer: ["m0", "m1"], repository: ["hydrate"] };
  const asked = approval === null ? {} : { approval };
  const rule = { ...names, profile: profiles, runner: ["claude-code"], wall, at_once: 2, ...asked };
  const document = PolicyDocument.parse({
    version: 1,
    repositories: { hydrate: { path: "/src/hydrate" } },
    allow: { inbound: profiles.length === 0 ? [] : [rule] },
  });
  return { profiles, approval, document, digest: digest(JSON.stringify(document)) };
}

/** Every policy; the first one holds as a run begins. */
export const policies: readonly KnownPolicy[] = [
  known(runs),
  known(runs, "none"),
  known(runs, "once"),
  known(runs, "each"),
  known(["query"]),
  known(runs, "once", "5m"),
  known([]),
];

/** A policy as the product asks for it. */
export const policyFor = (policy: KnownPolicy, peer: string): PolicyFor => ({
  ...{ document: policy.document, digest: policy.digest, peers: [peer] },
});

/** The approval that a policy asks for, as people are told it. */
export function approvalOf({ approval }: KnownPolicy, profile: string, isMine: boolean) {
  if (!isMine) return "each";
  return approval ?? (profile === "query" ? "none" : "once");
}
