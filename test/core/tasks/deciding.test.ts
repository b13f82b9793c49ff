/** The policy's word about a task: place, limits, approval; and the digests of a decision. */

import { describe, expect, test } from "bun:test";
import { PolicyDocument } from "../../../src/contract/policy/document.ts";
import type { TaskNetwork } from "../../../src/contract/tasks/task.ts";
import {
  type Asked,
  narrower,
  type PolicyFor,
  permitTask,
  runnable,
} from "../../../src/core/tasks/deciding.ts";
import { approvalDigest, isNarrowed, standingDigest } from "../../../src/core/tasks/decision.ts";
import { sha256 } from "../../../src/platform/real.ts";
import { sampleDecision } from "../../support/tasks.ts";

type Rule = Record<string, unknown>;

const rule = (name: string, more: Rule = {}): Rule => ({
  ...{ name, peer: ["laptop"], repository: ["hydrate"], profile: ["query", "edit"] },
  runner: ["claude-code"],
  ...more,
});

const policy = (rules: readonly Rule[], more: Rule = {}): PolicyFor => ({
  document: PolicyDocument.parse({
    ...{ version: 1, repositories: { hydrate: { path: "/src/hydrate", base: ["main"] } } },
    ...{ folders: { logs: { path: "/var/log" } }, allow: { inbound: rules } },
    ...more,
  }),
  ...{ digest: "1".repeat(64), peers: ["laptop"] },
});

const asked = (more: Partial<Asked> = {}): Asked => ({
  ...{ repository: "hydrate", profile: "edit", runner: null },
  limits: { wall_ms: null, usd: null },
  ...more,
});

const judged = (rules: readonly Rule[], more: Partial<Asked> = {}, isMine = true) => {
  const outcome = permitTask(policy(rules), asked(more), { isMine });
  return outcome.ok ? outcome.value : outcome.error.code;
};
const permitted = (...given: Parameters<typeof judged>) => {
  const value = judged(...given);
  if (typeof value === "string") throw new Error(value);
  return value;
};

describe("permitTask()", () => {
  test("takes the strictest of each limit of all rules that allow, in any order", () => {
    const rules = [
      rule("a", { wall: "20m", usd: 5, at_once: 2, network: "model" }),
      rule("b", { wall: "10m", usd: 9, per_day: 7, network: { hosts: ["a.example"] } }),
    ];
    for (const order of [rules, [...rules].reverse()]) {
      const { wall_ms, usd, network } = permitted(order);
      expect([wall_ms, usd, network]).toEqual([600_000, 5, "model"]);
    }
  });

  test("lets an asker's wishes lower a limit, and raise none", () => {
    const rules = [rule("a", { wall: "20m", usd: 5 })];
    const limits = (wall_ms: number, usd: number) => ({ limits: { wall_ms, usd } });
    expect(permitted(rules, limits(60_000, 1))).toMatchObject({ wall_ms: 60_000, usd: 1 });
    expect(permitted(rules, limits(9e9, 100))).toMatchObject({ wall_ms: 1_200_000, usd: 5 });
  });

  test("holds a machine of others at each round, whatever is written", () => {
    for (const approval of ["none", "once", "each", undefined]) {
      const rules = [rule("a", approval === undefined ? {} : { approval })];
      for (const profile of ["query", "edit"]) {
        expect(permitted(rules, { profile }, false).approval).toBe("each");
      }
    }
  });

  test("holds one's own machine once, but not for a query, unless a rule says otherwise", () => {
    expect(permitted([rule("a")], { profile: "query" }).approval).toBe("none");
    expect(permitted([rule("a")]).approval).toBe("once");
    expect(permitted([rule("a", { approval: "none" })]).approval).toBe("none");
    const both = [rule("a", { approval: "none" }), rule("b", { approval: "each" })];
    expect(permitted(both).approval).toBe("each");
  });

  test("refuses what no rule allows, and what a refusal names", () => {
    expect(judged([])).toBe("repository_unknown");
    expect(judged([rule("a")], { repository: "other" })).toBe("repository_unknown");
    expect(judged([rule("a")], { profile: "build" })).toBe("policy_refused");
    expect(judged([rule("a")], { runner: "codex" })).toBe("policy_refused");
    expect(judged([rule("a", { peer: ["mini"] })])).toBe("repository_unknown");
    const refuse = [{ name: "no", profile: ["edit"] }];
    const outcome = permitTask(policy([rule("a")], { refuse }), asked(), { isMine: true });
    expect(outcome.ok).toBe(false);
  });

  test("lets a folder be queried, and run a fixed command there, and nothing else", () => {
    const all = rule("a", { repository: ["logs"], profile: ["query", "edit", "check"] });
    const more = { profiles: { check: { command: { file: "/bin/true" } } } };
    const of = (profile: string, runner: string | null = null) => {
      const logs = asked({ repository: "logs", profile, runner });
      const outcome = permitTask(policy([all], more), logs, { isMine: true });
      return outcome.ok ? outcome.value.runner : outcome.error.code;
    };
    expect([of("query"), of("edit"), of("check")]).toEqual([
      ...["claude-code", "policy_refused", null],
    ]);
    expect(of("check", "claude-code")).toBe("policy_refused");
  });

  test("judges a program inside the tree as a build", () => {
    const more = { profiles: { check: { command: ["./scripts/test.sh"] } } };
    const of = (profile: readonly string[]) =>
      permitTask(policy([rule("a", { profile })], more), asked({ profile: "check" }), {
        isMine: true,
      }).ok;
    expect([of(["check"]), of(["check", "build"])]).toEqual([false, true]);
  });
});

test("runnable() lists the places in which a peer may run something", () => {
  expect(runnable(policy([rule("a")]))).toEqual(["hydrate"]);
  expect(runnable(policy([rule("a", { profile: ["nothing"] })]))).toEqual([]);
  expect(runnable({ ...policy([rule("a")]), peers: [] })).toEqual([]);
});

test("narrower() is the same in any order, and wider than neither", () => {
  const all: TaskNetwork[] = ["none", "model", { hosts: ["a"] }, { hosts: ["b", "a"] }];
  for (const one of all)
    for (const other of all) {
      expect(narrower(one, other)).toEqual(narrower(other, one));
    }
  expect(narrower({ hosts: ["a"] }, { hosts: ["b"] })).toBe("none");
});

describe("a decision", () => {
  test("standingDigest() leaves out base, bundle and the policy text, and nothing else", () => {
    const digest = standingDigest(sampleDecision, sha256);
    const changed = { base: null, bundle_sha256: "9".repeat(64), policy_sha256: "8".repeat(64) };
    expect(standingDigest({ ...sampleDecision, ...changed }, sha256)).toBe(digest);
    for (const other of [
      { path: "/other" },
      { wall_ms: 1 },
      { network: "none" as const },
      { program: { ...sampleDecision.program, sha256: "7".repeat(64) } },
      { program: { ...sampleDecision.program, argv: ["claude", "--other"] } },
    ]) {
      expect(standingDigest({ ...sampleDecision, ...other }, sha256)).not.toBe(digest);
    }
  });

  test("approvalDigest() differs with the document and with the decision", () => {
    const [a, b] = ["a".repeat(64), "b".repeat(64)];
    const of = (document_sha256: string, decision_sha256: string) =>
      approvalDigest({ document_sha256, decision_sha256 }, sha256);
    expect(new Set([of(a, b), of(b, a), of(a, a)]).size).toBe(3);
  });

  test("isNarrowed() is a lower limit or another network, and not a wider limit", () => {
    const now = { wall_ms: 900_000, usd: null, network: "model" as const };
    expect(isNarrowed(sampleDecision, now)).toBe(false);
    expect(isNarrowed(sampleDecision, { ...now, wall_ms: 1_000_000 })).toBe(false);
    expect(isNarrowed(sampleDecision, { ...now, wall_ms: 899_999 })).toBe(true);
    expect(isNarrowed(sampleDecision, { ...now, usd: 1 })).toBe(true);
    expect(isNarrowed(sampleDecision, { ...now, network: "none" })).toBe(true);
  });
});
