/**
 * Changes the text of a policy as `policy allow` and `policy deny` do: whole tables are added or
 * removed, comments and every other line stay. Pure.
 */

import type { PolicyDocument } from "../../contract/policy/document.ts";
import { tablesOf } from "../../contract/policy/lines.ts";
import { decide } from "./deciding.ts";

/** A repository to allow, with the branch to read. */
export interface AllowedRepository {
  readonly name: string;
  readonly path: string;
  readonly ref: string;
}

/** A changed text, with the lines that differ. */
export interface ChangedPolicy {
  readonly text: string;
  readonly added: readonly string[];
  readonly removed: readonly string[];
}

const beginning = "version = 1\n";

/** The name of the rule that `policy allow` writes. */
export const ruleName = (
  kind: "read" | "no-read" | "run" | "no-run",
  peer: string,
  repository: string,
): string => `${peer}-${kind}-${repository}`.slice(0, 31).replace(/-$/, "");

/** A text as TOML writes one. */
export const quoted = (text: string): string => JSON.stringify(text).replaceAll("\x7f", "\\u007f");

/** The policy in which a peer may read some repositories, each at one branch. */
export function allowing(
  text: string | null,
  document: PolicyDocument | null,
  { peer, repositories }: { readonly peer: string; readonly repositories: AllowedRepository[] },
): ChangedPolicy {
  const before = text ?? beginning;
  const cleared = without(
    before,
    document,
    repositories.map(({ name }) => ruleName("no-read", peer, name)),
  );
  const added = repositories.flatMap(({ name, path, ref }): readonly string[] => {
    const isKnown = document !== null && Object.hasOwn(document.repositories, name);
    const request = { act: "read", peers: [peer], repository: name, ref } as const;
    const isThere = document !== null && decide(document, request).allowed;
    const rule = freeName(document, ruleName("read", peer, name));
    return [
      ...(isKnown ? [] : ["", `[repositories.${name}]`, `path = ${quoted(path)}`]),
      ...(isThere ? [] : readTable({ rule, peer, repository: name, ref })),
    ];
  });
  return withLines(cleared, added);
}

/** A rule's name that no other rule has: one for another branch stands beside the first. */
function freeName(document: PolicyDocument | null, name: string): string {
  const taken = new Set(document?.allow.read.map((rule) => rule.name));
  if (!taken.has(name)) return name;
  const numbered = Array.from({ length: taken.size + 1 }, (_, at) => numberedName(name, at + 2));
  return numbered.find((each) => !taken.has(each)) ?? name;
}

const numberedName = (name: string, number: number): string =>
  `${name.slice(0, 31 - String(number).length - 1)}-${number}`;

/** True for a rule that `policy allow` wrote under a name, or under that name with a number. */
const isWritten = (rule: string, name: string): boolean => {
  const [, number] = /-([0-9]+)$/.exec(rule) ?? [];
  return rule === name || (number !== undefined && rule === numberedName(name, Number(number)));
};

const readTable = (given: {
  readonly rule: string;
  readonly peer: string;
  readonly repository: string;
  readonly ref: string;
}): readonly string[] => [
  ...["", "[[allow.read]]", `name = ${quoted(given.rule)}`, `peer = [${quoted(given.peer)}]`],
  ...[`repository = [${quoted(given.repository)}]`, `ref = [${quoted(given.ref)}]`],
];

/**
 * The policy in which a peer may not read some repositories: the rules that `policy allow` wrote
 * are removed, and a refusal is added where another rule still allows it.
 */
export function denying(
  text: string,
  document: PolicyDocument,
  { peer, repositories }: { readonly peer: string; readonly repositories: readonly string[] },
): ChangedPolicy {
  const gone = document.allow.read
    .map(({ name }) => name)
    .filter((rule) => repositories.some((name) => isWritten(rule, ruleName("read", peer, name))));
  const cleared = without(text, document, gone);
  const left: PolicyDocument = {
    ...document,
    allow: {
      ...document.allow,
      read: document.allow.read.filter(({ name }) => !gone.includes(name)),
    },
  };
  const refs = left.allow.read.flatMap(({ ref }) => ref ?? []);
  const isAllowed = (repository: string): boolean =>
    refs.some((ref) => decide(left, { act: "read", peers: [peer], repository, ref }).allowed);
  const added = repositories
    .filter(isAllowed)
    .flatMap((repository) => [
      ...["", "[[refuse]]", `name = ${quoted(ruleName("no-read", peer, repository))}`],
      ...['act = ["read"]', `peer = [${quoted(peer)}]`, `repository = [${quoted(repository)}]`],
    ]);
  return withLines(cleared, added);
}

/** A text without some tables. */
export interface Cleared {
  readonly text: string;
  readonly removed: readonly string[];
}

/** The text with further lines at its end. */
export const withLines = ({ text, removed }: Cleared, added: readonly string[]): ChangedPolicy => ({
  text: added.length === 0 ? text : `${text.trimEnd()}\n${added.join("\n")}\n`,
  added: added.slice(added[0] === "" ? 1 : 0),
  removed,
});

/** The text without the tables of some rules. */
export function without(
  text: string,
  document: PolicyDocument | null,
  rules: readonly string[],
): Cleared {
  if (document === null) return { text, removed: [] };
  const isGone = (path: readonly (string | number)[]): boolean => {
    const rule = ruleAt(document, path);
    return rule !== undefined && rules.includes(rule.name);
  };
  const gone = tablesOf(text).filter(({ path }) => isGone(path));
  const lines = text.split("\n");
  // Comments and empty lines above the next table belong to that table.
  const ends = gone.map(({ from, to }) => {
    let end = to - 1;
    while (end > from && /^\s*(#.*)?$/.test(lines[end - 1] ?? "")) end--;
    return { from, end };
  });
  const isIn = (line: number): boolean => ends.some(({ from, end }) => line >= from && line <= end);
  const kept = lines.filter((_, at) => !isIn(at + 1));
  const removed = lines.filter((line, at) => isIn(at + 1) && line.trim() !== "");
  return { text: kept.join("\n"), removed };
}

/** The rule whose table begins at a path. */
function ruleAt(
  { allow, refuse }: PolicyDocument,
  [first, second, third]: readonly (string | number)[],
): { readonly name: string } | undefined {
  if (first === "refuse" && typeof second === "number") return refuse[second];
  if (first !== "allow" || typeof third !== "number") return undefined;
  if (second === "read") return allow.read[third];
  return second === "inbound" ? allow.inbound[third] : undefined;
}
