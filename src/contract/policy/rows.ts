/** Messages about the policy of this machine, for its owner. */

import { z } from "zod";
import { Digest, Name, Path, text } from "../terms.ts";
import { approvals } from "./document.ts";
import { policyBytesMax, selectorMax } from "./limits.ts";

/** A name in the rules that does not count as written. */
export const LooseName = z.object({
  name: z.string(),
  /** `nobody`: no peer bears it. `other`: another key bears it now. `new`: not checked yet. */
  why: z.enum(["nobody", "other", "new"]),
  /** The rules that name it. */
  rules: z.array(z.string()),
});
export type LooseName = z.infer<typeof LooseName>;

/** The policy as it stands. */
export const PolicyOutput = z.object({
  /** The path of the file. */
  path: z.string(),
  state: z.enum(["absent", "valid", "invalid"]),
  /** The content's digest; null when there is no file. */
  digest: Digest.nullable(),
  text: z.string().nullable(),
  /** The first fault of an invalid file. */
  fault: z.object({ line: z.int().min(1), message: z.string() }).nullable(),
  repositories: z.array(z.object({ name: z.string(), path: z.string().nullable() })),
  loose: z.array(LooseName),
  /** Each peer with the repositories and refs that it may read now. */
  readers: z.array(z.object({ peer: Name, repository: z.string(), refs: z.array(z.string()) })),
  /** Each peer with the repositories and folders in which it may run some profiles. */
  runs: z.array(z.object({ peer: Name, repository: z.string(), profiles: z.array(z.string()) })),
});
export type PolicyOutput = z.infer<typeof PolicyOutput>;

const Content = z
  .string()
  .max(policyBytesMax)
  .refine((value) => value.isWellFormed(), {
    error: "text must be well-formed Unicode",
  });

/** Replaces the file, when its content is still the expected one. */
export const PolicyWriteInput = z.object({ text: Content, replaces: Digest.nullable() });

/** A change that `policy allow` or `policy deny` proposes; nothing is written. */
export const PolicyPlanInput = z.object({
  verb: z.enum(["allow", "deny"]),
  act: z.enum(["read", "run"]).default("read"),
  peer: Name,
  /** Repositories; one without a `ref` is a folder, where only something may run. */
  repositories: z
    .array(z.object({ name: Name, path: Path.nullable(), ref: text(256).nullable() }))
    .max(selectorMax),
  /** The tasks to allow; null for every other change. */
  run: z
    .object({
      profiles: z.array(Name).min(1).max(selectorMax),
      runners: z.array(Name).max(selectorMax),
      approval: z.enum(approvals).nullable(),
    })
    .nullable()
    .default(null),
});
export type PolicyPlanInput = z.infer<typeof PolicyPlanInput>;
export const PolicyPlanOutput = z.object({
  text: z.string(),
  replaces: Digest.nullable(),
  added: z.array(z.string()),
  removed: z.array(z.string()),
});

/** An act to judge by the policy, for its owner. */
export const PolicyTestInput = z.object({
  act: z.enum(["read", "inbound", "outbound"]),
  peer: Name,
  repository: Name,
  ref: text(256).nullable().default(null),
  profile: Name.nullable().default(null),
  runner: Name.nullable().default(null),
  session: Name.nullable().default(null),
});
export type PolicyTestInput = z.infer<typeof PolicyTestInput>;
export const PolicyTestOutput = z.object({
  allowed: z.boolean(),
  rules: z.array(z.string()),
  refusals: z.array(z.string()),
  failed: z.array(z.object({ rule: z.string(), selector: z.string() })),
  /** False for a repository that the policy does not hold. */
  known: z.boolean(),
  /** True when the peer's name counts for the key that bears it now. */
  bound: z.boolean(),
});
export type PolicyTestOutput = z.infer<typeof PolicyTestOutput>;
