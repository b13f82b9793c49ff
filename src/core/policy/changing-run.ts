/**
 * Changes the text of a policy as `policy allow PEER run` and `policy deny PEER run` do: whole
 * tables are added or removed, comments and every other line stay. Pure.
 */

import type { InboundRule, PolicyDocument } from "../../contract/policy/document.ts";
import { type ChangedPolicy, quoted, ruleName, withLines, without } from "./changing.ts";
import { decide } from "./deciding.ts";

/** A repository, or a folder without one, in which a peer may run something. */
export interface RunPlace {
  readonly name: string;
  readonly path: string;
  readonly isFolder: boolean;
}

/** The tasks that a peer may run. */
export type RunRights = Pick<InboundRule, "approval"> & {
  readonly profiles: readonly string[];
  /** Empty for fixed commands alone. */
  readonly runners: readonly string[];
};

interface Allowed {
  readonly peer: string;
  readonly places: readonly RunPlace[];
  readonly rights: RunRights;
}

/** The policy in which a peer may run tasks in some places. A rule of ours is replaced. */
export function allowingRun(
  text: string | null,
  document: PolicyDocument | null,
  { peer, places, rights }: Allowed,
): ChangedPolicy {
  const rules = places.map(({ name }) => ({ name, rule: ruleName("run", peer, name) }));
  const isSame = ({ name, rule }: (typeof rules)[number]): boolean =>
    document?.allow.inbound.some(
      (each) => each.name === rule && linesOf(each).join() === tableOf(peer, name, rights).join(),
    ) === true;
  const fresh = rules.filter((each) => !isSame(each));
  const cleared = without(text ?? "version = 1\n", document, [
    ...fresh.map(({ rule }) => rule),
    ...places.map(({ name }) => ruleName("no-run", peer, name)),
  ]);
  const named = places.filter(
    ({ name }) => !Object.hasOwn({ ...document?.repositories, ...document?.folders }, name),
  );
  const added = [
    ...named.flatMap(({ name, path, isFolder }) => [
      ...["", `[${isFolder ? "folders" : "repositories"}.${name}]`, `path = ${quoted(path)}`],
    ]),
    ...fresh.flatMap(({ name }) => ["", ...tableOf(peer, name, rights)]),
  ];
  return withLines(cleared, added);
}

/** The lines of a rule as they would be written now, for a comparison. */
const linesOf = ({ peer, repository, profile, runner, approval }: InboundRule) =>
  tableOf(peer?.[0] ?? "", repository?.[0] ?? "", {
    ...{ profiles: profile ?? [], runners: runner ?? [] },
    ...(approval === undefined ? {} : { approval }),
  });

const list = (names: readonly string[]): string => `[${names.map(quoted).join(", ")}]`;

function tableOf(peer: string, repository: string, rights: RunRights): readonly string[] {
  const { profiles, runners, approval } = rights;
  return [
    ...["[[allow.inbound]]", `name = ${quoted(ruleName("run", peer, repository))}`],
    ...[`peer = ${list([peer])}`, `repository = ${list([repository])}`],
    `profile = ${list(profiles)}`,
    ...(runners.length === 0 ? [] : [`runner = ${list(runners)}`]),
    ...(approval === undefined ? [] : [`approval = ${quoted(approval)}`]),
    `network = ${quoted(runners.length === 0 ? "none" : "model")}`,
  ];
}

/** The policy in which a peer may run nothing in some places. */
export function denyingRun(
  text: string,
  document: PolicyDocument,
  { peer, repositories }: { readonly peer: string; readonly repositories: readonly string[] },
): ChangedPolicy {
  const gone = repositories.map((name) => ruleName("run", peer, name));
  const inbound = document.allow.inbound.filter(({ name }) => !gone.includes(name));
  const left: PolicyDocument = { ...document, allow: { ...document.allow, inbound } };
  const added = repositories
    .filter((repository) => isAllowed(left, peer, repository))
    .flatMap((repository) => [
      ...["", "[[refuse]]", `name = ${quoted(ruleName("no-run", peer, repository))}`],
      ...['act = ["inbound"]', `peer = ${list([peer])}`, `repository = ${list([repository])}`],
    ]);
  return withLines(without(text, document, gone), added);
}

/** True when some rule still lets the peer run something there. */
const isAllowed = (document: PolicyDocument, peer: string, repository: string): boolean =>
  document.allow.inbound.some(({ profile = [], runner = [] }) =>
    profile.some((each) =>
      [null, ...runner].some((by) => {
        const act = { act: "inbound", peers: [peer], repository } as const;
        return decide(document, { ...act, profile: each, runner: by }).allowed;
      }),
    ),
  );
