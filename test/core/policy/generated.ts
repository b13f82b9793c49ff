/** Policies and requests that a seed decides, small enough to meet each other often. */

import { PolicyDocument } from "../../../src/contract/policy/document.ts";
import type { PolicyRequest } from "../../../src/core/policy/deciding.ts";
import type { Draw } from "../../support/histories.ts";

const peers = ["laptop", "mini"];
const repositories = ["hydrate", "web"];
const profiles = ["query", "edit"];
const runners = ["claude-code", "codex"];
const sessions = ["one", "two"];

/** A selector: absent, `*`, or some of a list. */
function selector({ oneIn, pick }: Draw, all: readonly string[]): readonly string[] | undefined {
  if (oneIn(7)) return undefined;
  if (oneIn(4)) return ["*"];
  return oneIn(3) ? [...all] : [pick(all)];
}

/** As `selector`, without `*`, which names every machine. */
const machines = (draw: Draw): readonly string[] | undefined =>
  draw.oneIn(7) ? undefined : draw.oneIn(3) ? peers : [draw.pick(peers)];

const refs = (draw: Draw): readonly string[] | undefined =>
  draw.oneIn(7)
    ? undefined
    : [draw.pick(["main", "release/*", "refs/tags/v1", "*", "refs/*/v1"]), "other"];

/** Several rules without their absent selectors. */
const rules = ({ below }: Draw, kind: string, of: () => object): readonly object[] =>
  Array.from({ length: below(3) }, (_, at) =>
    Object.fromEntries(
      Object.entries({ name: `${kind}${at}`, ...of() }).filter(([, value]) => value !== undefined),
    ),
  );

/** A policy. */
export function generatedPolicy(draw: Draw): PolicyDocument {
  const { oneIn, pick } = draw;
  const known = oneIn(5) ? ["hydrate"] : repositories;
  const acts = ["read", "inbound", "outbound"];
  return PolicyDocument.parse({
    version: 1,
    repositories: Object.fromEntries(known.map((name) => [name, { path: `/src/${name}` }])),
    folders: oneIn(3) ? { docs: { path: "/docs" } } : {},
    allow: {
      read: rules(draw, "r", () => ({
        ...{ peer: machines(draw), repository: selector(draw, known), ref: refs(draw) },
      })),
      inbound: rules(draw, "i", () => ({
        ...{ peer: machines(draw), repository: selector(draw, known) },
        ...{ profile: selector(draw, profiles), runner: selector(draw, runners) },
      })),
      outbound: rules(draw, "o", () => ({
        ...{ peer: selector(draw, peers), repository: selector(draw, repositories) },
        ...{ profile: selector(draw, profiles), session: selector(draw, sessions) },
      })),
    },
    refuse: oneIn(2)
      ? []
      : rules(draw, "x", () => ({
          ...{ act: oneIn(2) ? undefined : [pick(acts)], peer: selector(draw, peers) ?? ["mini"] },
          ...{ repository: oneIn(2) ? undefined : selector(draw, repositories) },
          ...{ ref: oneIn(3) ? refs(draw) : undefined },
          ...{ runner: oneIn(5) ? selector(draw, runners) : undefined },
          ...{ session: oneIn(5) ? selector(draw, sessions) : undefined },
          ...{ profile: oneIn(5) ? selector(draw, profiles) : undefined },
        })),
  });
}

/** A request. */
export function generatedRequest({ pick, oneIn }: Draw): PolicyRequest {
  const given = {
    peers: oneIn(8) ? [] : oneIn(8) ? peers : [pick(peers)],
    repository: pick([...repositories, "docs", "absent"]),
  };
  return pick<PolicyRequest>([
    { act: "read", ...given, ref: pick(["main", "refs/heads/release/1", "refs/tags/v1"]) },
    { act: "inbound", ...given, profile: pick(profiles), runner: pick([...runners, null]) },
    { act: "outbound", ...given, profile: pick(profiles), session: pick(sessions) },
  ]);
}
