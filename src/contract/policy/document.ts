/**
 * The form of policy.toml: repositories and folders by name, and the rules by which peers read and
 * run there. Everything is denied that no rule allows. Strict: an unknown key refuses the file.
 */

import { z } from "zod";
import { Name, Path, text } from "../terms.ts";
import {
  atOnceMax,
  patternCharactersMax,
  perDayMax,
  policyEntriesMax,
  selectorMax,
  usdMax,
  wallMsMax,
} from "./limits.ts";

/** A path of this machine, absolute or below the user's home. */
const Place = Path.regex(/^(\/|~\/)/, {
  error: "a path is absolute, or begins with ~/",
}).refine((path) => !path.split("/").includes(".."), { error: "a path has no .." });

/** A ref or a pattern of refs: `main`, `origin/*`, `refs/tags/v1.0`. */
export const RefPattern = z
  .string()
  .max(patternCharactersMax)
  .regex(/^[A-Za-z0-9_*][A-Za-z0-9_./*+-]*$/, {
    error: "a ref is a branch's name, or begins with refs/; * stands for any part of it",
  })
  .refine((ref) => !ref.includes("..") && !ref.includes("//") && !ref.endsWith("/"), {
    error: "a ref has no empty part and no ..",
  });

/** A pattern of paths inside a repository: `ops/**`. */
export const PathPattern = z
  .string()
  .min(1)
  .max(patternCharactersMax)
  .regex(/^[^/\\\p{Cc}][^\\\p{Cc}]*$/u, { error: "a path pattern is relative to the repository" });

const list = <T extends z.ZodType>(each: T) => z.array(each).min(1).max(selectorMax);
/** A name, or `*` for every name. */
const Named = z.union([z.literal("*"), Name], {
  error: 'a name is 1 to 31 of a-z, 0-9 and -, or "*"',
});
const selector = list(Named).optional();

const Repository = z
  .strictObject({
    path: Place.optional(),
    /** The source of a clone that peernet keeps below the state folder. */
    clone: text(1_024).min(1).optional(),
    base: list(RefPattern).optional(),
  })
  .refine(({ path, clone }) => (path === undefined) !== (clone === undefined), {
    error: "a repository has either a path or a clone",
  });
export type Repository = z.infer<typeof Repository>;

const Folder = z.strictObject({ path: Place });

/** Programs and arguments of a fixed command: no word of it comes from a peer. */
const Command = z.union(
  [
    list(text(1_024).min(1)),
    z.strictObject({ file: Path.regex(/^\//, { error: "a command's file is absolute" }) }),
  ],
  { error: 'a command is a list of words, or { file = "/absolute/path" }' },
);
const Wall = z
  .string()
  .regex(/^[0-9]{1,5}[smh]$/, { error: 'a time is such as "20m"' })
  .refine((wall) => !/^\d+[smh]$/.test(wall) || wallMsOf(wall) <= wallMsMax, {
    error: "a task lasts 4h at most",
  });

const unitMs: Readonly<Record<string, number>> = { s: 1_000, m: 60_000, h: 3_600_000 };

/** Milliseconds of a time such as `20m`. */
export const wallMsOf = (wall: string): number =>
  Number(wall.slice(0, -1)) * (unitMs[wall.slice(-1)] ?? 0);

const Profile = z.strictObject({ command: Command.optional(), wall: Wall.optional() });

const Hosts = z.strictObject({ hosts: list(text(253).min(1)) });

/** The ways of an approval, the loosest first. */
export const approvals = ["none", "once", "each"] as const;

const ReadRule = z
  .strictObject({
    name: Name,
    peer: selector,
    repository: selector,
    ref: list(RefPattern).optional(),
    deny_path: list(PathPattern).optional(),
    /** True to admit ancestors of the named refs: deleted secrets live there. */
    history: z.boolean().optional(),
  })
  .refine(({ peer }) => peer === undefined || !peer.includes("*"), {
    error: "a rule of reading names each machine",
    path: ["peer"],
  });
export type ReadRule = z.infer<typeof ReadRule>;

const InboundRule = z
  .strictObject({
    name: Name,
    peer: selector,
    repository: selector,
    profile: selector,
    runner: selector,
    approval: z.enum(approvals).optional(),
    wall: Wall.optional(),
    usd: z.number().min(0).max(usdMax).optional(),
    at_once: z.int().min(1).max(atOnceMax).optional(),
    per_day: z.int().min(1).max(perDayMax).optional(),
    network: z
      .union([z.enum(["none", "model"]), Hosts], {
        error: 'network is "none", "model" or { hosts = [...] }',
      })
      .optional(),
  })
  .refine(
    ({ peer, profile }) => peer === undefined || !peer.includes("*") || profile?.join() === "query",
    { error: "every machine at once is allowed query alone", path: ["peer"] },
  );
export type InboundRule = z.infer<typeof InboundRule>;

const OutboundRule = z.strictObject({
  name: Name,
  session: selector,
  peer: selector,
  repository: selector,
  profile: selector,
  send: z.enum(["commit", "bundle"]).optional(),
  wake: z.boolean().optional(),
});
export type OutboundRule = z.infer<typeof OutboundRule>;

const RefuseRule = z
  .strictObject({
    name: Name,
    /** The act that it refuses; every act unless given. */
    act: list(z.enum(["read", "inbound", "outbound"])).optional(),
    session: selector,
    peer: selector,
    repository: selector,
    profile: selector,
    runner: selector,
    ref: list(RefPattern).optional(),
  })
  .refine((rule) => Object.keys(rule).some((key) => key !== "name" && key !== "act"), {
    error: "a refusal names at least one selector besides act",
  });
export type RefuseRule = z.infer<typeof RefuseRule>;

const table = <T extends z.ZodType>(of: T) =>
  z
    .record(Name, of)
    .refine((entries) => Object.keys(entries).length <= policyEntriesMax, {
      error: `at most ${policyEntriesMax} entries`,
    })
    .default({});
const rules = <T extends z.ZodType>(of: T) => z.array(of).max(policyEntriesMax).default([]);

/** The content of policy.toml. */
export const PolicyDocument = z
  .strictObject({
    version: z.literal(1, { error: "version = 1 is taken" }),
    repositories: table(Repository),
    folders: table(Folder),
    profiles: table(Profile),
    allow: z
      .strictObject({
        read: rules(ReadRule),
        inbound: rules(InboundRule),
        outbound: rules(OutboundRule),
      })
      .prefault({}),
    refuse: rules(RefuseRule),
  })
  .superRefine((document, context) => {
    for (const { message, path } of clashesIn(document)) {
      context.addIssue({ code: "custom", message, path: [...path] });
    }
  });
export type PolicyDocument = z.infer<typeof PolicyDocument>;

interface Clash {
  readonly message: string;
  readonly path: readonly (string | number)[];
}

type Content = Pick<PolicyDocument, "repositories" | "folders" | "allow" | "refuse">;

/** Names that mean two things, and names of repositories that mean none. */
function clashesIn({ repositories, folders, allow, refuse }: Content): readonly Clash[] {
  const known = new Set([...Object.keys(repositories), ...Object.keys(folders), "*"]);
  const both = Object.keys(folders).filter((name) => Object.hasOwn(repositories, name));
  const twice = both.map((name) => ({
    message: `${name} is a repository and a folder`,
    path: ["folders", name],
  }));
  const listed = [
    ...(["read", "inbound"] as const).flatMap((side) =>
      allow[side].map((rule, at) => ({ rule, path: ["allow", side, at], isOurs: true })),
    ),
    // Another machine's repositories are named there.
    ...allow.outbound.map((rule, at) => ({ rule, path: ["allow", "outbound", at], isOurs: false })),
    ...refuse.map((rule, at) => ({ rule, path: ["refuse", at], isOurs: false })),
  ];
  const seen = new Set<string>();
  const clashes: Clash[] = [...twice];
  for (const { rule, path, isOurs } of listed) {
    if (seen.has(rule.name)) {
      clashes.push({ message: `two rules are called ${rule.name}`, path: [...path, "name"] });
    }
    seen.add(rule.name);
    const unknown = isOurs ? rule.repository?.find((name) => !known.has(name)) : undefined;
    if (unknown !== undefined) {
      const message = `${unknown} is in neither [repositories] nor [folders]`;
      clashes.push({ message, path: [...path, "repository"] });
    }
  }
  return clashes;
}
