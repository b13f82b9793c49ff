/**
 * A fact that a grant hides is shown as not shown, by every rendering, and as no other fact. Each
 * group is hidden by the code that hides it from a peer, from a session that has all facts.
 */

import { describe, expect, test } from "bun:test";
import { printLastKnown } from "../../../src/cli/ask/last-known.ts";
import { factRows, gitShort, harnessName } from "../../../src/cli/frame/facts.ts";
import { listOf } from "../../../src/cli/watch/list.ts";
import { rowsOf } from "../../../src/cli/watch/rows.ts";
import { stateOfStatus } from "../../../src/cli/watch/state.ts";
import type { Answer } from "../../../src/contract/ask.ts";
import { PeernetError } from "../../../src/contract/errors.ts";
import type { RemoteHandle } from "../../../src/contract/peer.ts";
import { type FactGroup, factGroups } from "../../../src/contract/text/fact-groups.ts";
import { stateLong, stateShort } from "../../../src/contract/text/words.ts";
import { answerOf } from "../../../src/core/ask.ts";
import { shownFacts } from "../../../src/core/shown-facts.ts";
import { rowsOf as pageRows } from "../../../src/dashboard/page/sessions/rows.ts";
import { textOf } from "../../../src/mcp/text.ts";
import { goneServer, peer, status, wireAnswer } from "../samples.ts";
import { run, stage } from "../support.ts";

const full = {
  ...wireAnswer,
  git:
    wireAnswer.git === null
      ? null
      : { ...wireAnswer.git, since_start: { count: 2, subjects: ["one"] }, ahead: 2, behind: 1 },
};

/** The answer of mini/hydrate to a peer from which its grant hides a group. */
function answered(group: FactGroup): Answer {
  const shown = new Set(factGroups.filter((each) => each !== group));
  const receipt = { handle: "mini/hydrate", threadId: "t", receivedAtMs: 1, roundTripMs: 1 };
  return answerOf(shownFacts(full, shown), receipt);
}

/** The same session in the list of its peer. */
function listedAs(group: FactGroup): RemoteHandle {
  const { project, git, summary, session } = answered(group);
  return {
    handle: "mini/hydrate",
    ...{ project, state: session.state, state_for_ms: session.state_for_ms },
    ...{ harness: session.harness, summary: summary?.text ?? null, expires_in_ms: 60_000 },
    ...{ branch: git?.branch ?? null, sha: git?.sha ?? null, dirty: git?.dirty ?? null },
    hidden: [group],
  };
}

const texts = (rows: readonly { readonly cells: readonly unknown[] }[]): string =>
  rows
    .flatMap(({ cells }) => cells.map((cell) => (typeof cell === "string" ? cell : asText(cell))))
    .join("|");
const asText = (cell: unknown): string => String(Object(cell).text);

/** Words that state another fact than that it is hidden. */
const falsehoods =
  /detached|has not set|no summary|unknown|not told|clean|\+\?|null|undefined|idle|– /;

const renderings: Readonly<Record<string, (group: FactGroup) => string | Promise<string>>> = {
  "ask, a line": async (group) => {
    const answers = { ask: async () => answered(group) };
    return (await run("ask mini/hydrate", { answers })).out;
  },
  "ask, many": (group) => {
    const { session, git, summary, hidden } = answered(group);
    const words = [
      stateShort(session, hidden),
      gitShort(git, hidden),
      summary?.text ?? "not shown",
    ];
    return words.join("|");
  },
  preview: (group) => {
    const facts = answered(group);
    const { session, hidden } = facts;
    const words = [stateLong(session, hidden), harnessName(session.harness, hidden)];
    return [...words, texts(factRows(stage().io, facts))].join("|");
  },
  "status and peers show": async (group) => {
    const peers = [peer({ handles: [listedAs(group)] })];
    const { out } = await run("status", {
      answers: { status: async () => status({ handles: [], peers }) },
    });
    return out.replace(/no handle is live here.*/, "");
  },
  watch: (group) => {
    const peers = [peer({ handles: [listedAs(group)] })];
    const at = stateOfStatus({ ...status(), handles: [], peers }, 0);
    return texts(rowsOf(listOf(at, 0), 120).flat());
  },
  "last known": async (group) => {
    const last_known = { age_ms: 60_000, handles: [listedAs(group)] };
    const set = stage({ answers: { "peers/show": async () => ({ ...goneServer, last_known }) } });
    await printLastKnown(set.io, "mini/hydrate", new PeernetError("peer_timeout"));
    return set.err();
  },
  "tools, as text": (group) => textOf({ ...answered(group), untrusted: [] }, "0"),
  "tools, the list": (group) => textOf({ peers: [{ handles: [listedAs(group)] }] }, "0"),
  dashboard: (group) => {
    const told = { value: peer({ handles: [listedAs(group)] }), agedMs: 0 };
    const { word, branch, counts, agent, text } = pageRows({ own: [], peers: [told] })[0] ?? {};
    return [word, branch, counts, agent, text].join("|");
  },
};

/** Groups that a rendering leaves out altogether. */
const absent: Readonly<Record<string, readonly FactGroup[]>> = {
  "ask, many": ["subject", "harness", "project"],
  "status and peers show": ["summary", "subject", "branch", "counts", "harness"],
  watch: ["subject", "project"],
  "last known": ["subject", "state", "harness", "project"],
  "tools, the list": ["subject"],
  dashboard: ["subject", "project"],
};

describe("a hidden fact", () => {
  for (const [name, render] of Object.entries(renderings)) {
    for (const group of factGroups.filter((each) => !absent[name]?.includes(each))) {
      test(`${name} shows ${group} as not shown`, async () => {
        const text = await render(group);
        expect(text).toContain("not shown");
        expect(text).not.toMatch(falsehoods);
      });
    }
  }
});
