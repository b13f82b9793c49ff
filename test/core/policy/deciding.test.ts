/** Decisions of a policy, against a second evaluator that shares nothing with the first. */

import { describe, expect, test } from "bun:test";
import { PolicyDocument } from "../../../src/contract/policy/document.ts";
import {
  decide,
  type PolicyRequest,
  readableRefs,
  readLimits,
  scopesByPolicy,
} from "../../../src/core/policy/deciding.ts";
import { histories, historiesMs } from "../../support/histories.ts";
import { generatedPolicy, generatedRequest } from "./generated.ts";
import { naive } from "./naive.ts";

const read = (document: unknown): PolicyDocument => PolicyDocument.parse(document);
const repositories = { hydrate: { path: "/src/hydrate" }, web: { path: "/src/web" } };
const rule = { name: "laptop-reads", peer: ["laptop"], repository: ["hydrate"], ref: ["main"] };
const asked: PolicyRequest = {
  ...{ act: "read", peers: ["laptop"], repository: "hydrate", ref: "main" },
};
const judged = (document: object, request: PolicyRequest = asked) =>
  decide(read({ version: 1, repositories, ...document }), request);

describe("decide()", () => {
  test("allows what a rule names", () => {
    expect(judged({ allow: { read: [rule] } })).toMatchObject({
      allowed: true,
      rules: ["laptop-reads"],
    });
  });

  test("denies everything without a rule", () => {
    expect(judged({}).allowed).toBeFalse();
  });

  for (const selector of ["peer", "repository", "ref"] as const) {
    test(`denies when the rule names no ${selector}, and says so`, () => {
      const { [selector]: _, ...less } = rule;
      expect(judged({ allow: { read: [less] } })).toMatchObject({
        allowed: false,
        failed: [{ rule: "laptop-reads", selector }],
      });
    });
  }

  test("lets a refusal beat every permission", () => {
    const refuse = [{ name: "no", repository: ["hydrate"] }];
    const found = judged({ allow: { read: [rule] }, refuse });
    expect(found).toMatchObject({ allowed: false, rules: ["laptop-reads"], refusals: ["no"] });
  });

  test("lets a refusal of another act pass", () => {
    const refuse = [{ name: "no", act: ["inbound"], repository: ["hydrate"] }];
    expect(judged({ allow: { read: [rule] }, refuse }).allowed).toBeTrue();
  });

  test("takes a branch by its full name and by its short one, and no tag for it", () => {
    const document = { allow: { read: [rule] } };
    expect(judged(document, { ...asked, ref: "refs/heads/main" }).allowed).toBeTrue();
    expect(judged(document, { ...asked, ref: "refs/tags/main" }).allowed).toBeFalse();
  });

  test("denies a repository that the policy does not hold, even by *", () => {
    const document = { allow: { read: [{ ...rule, repository: ["*"] }] } };
    expect(judged(document, { ...asked, repository: "secret" })).toMatchObject({
      allowed: false,
      isKnown: false,
    });
  });
});

describe("readLimits()", () => {
  test("joins denied paths, and admits history only where every rule does", () => {
    const document = read({
      ...{ version: 1, repositories },
      allow: {
        read: [
          { ...rule, deny_path: ["ops/**"], history: true },
          { ...rule, name: "also", deny_path: ["keys/**"] },
        ],
      },
    });
    const { rules } = decide(document, asked);
    expect(readLimits(document, rules)).toEqual({
      denyPaths: ["ops/**", "keys/**"],
      history: false,
    });
    expect(readLimits(document, ["laptop-reads"]).history).toBeTrue();
  });
});

describe("scopesByPolicy()", () => {
  const document = read({ version: 1, repositories, allow: { read: [rule] } });

  test("gives read to a machine that some rule allows, and to no other", () => {
    expect(scopesByPolicy(document, ["laptop"])).toEqual(["read"]);
    expect(scopesByPolicy(document, ["mini"])).toEqual([]);
    expect(scopesByPolicy(document, [])).toEqual([]);
  });

  test("gives nothing where a refusal takes all of it away", () => {
    const refused = { ...document, refuse: [{ name: "no", peer: ["laptop"] }] };
    expect(scopesByPolicy(refused, ["laptop"])).toEqual([]);
    const given = { peers: ["laptop"], repository: "hydrate" };
    expect(readableRefs(refused, given)).toEqual([]);
    expect(readableRefs(document, given)).toEqual(["main"]);
  });
});

describe("10,000 requests under generated policies", () => {
  test(
    "are decided as the second evaluator decides them",
    async () => {
      const verdicts = { yes: 0, no: 0 };
      await histories(10_000, (draw) => {
        const document = generatedPolicy(draw);
        const request = generatedRequest(draw);
        const found = decide(document, request).allowed;
        verdicts[found ? "yes" : "no"] += 1;
        expect({ document, request, found }).toEqual({
          document,
          request,
          found: naive(document, request),
        });
      });
      // Both verdicts occurred often enough to mean something.
      expect(Math.min(verdicts.yes, verdicts.no)).toBeGreaterThan(500);
    },
    historiesMs,
  );
});
