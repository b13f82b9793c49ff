import { describe, expect, test } from "bun:test";
import { Answer, untrustedFields, untrustedNotice, WireAnswer } from "../../src/contract/ask.ts";
import { leaseLifeMs } from "../../src/contract/limits.ts";
import { answerHere, answerOf, answerPeer, factsOf } from "../../src/core/ask.ts";
import { holding } from "../support/grants.ts";
import { accepted, at, git, lease, nowMs, refused } from "./samples.ts";

const later = at(nowMs + 1_000);

/** The sample lease's facts a second after its renewal. */
const facts: WireAnswer = {
  project: "hydrate",
  git: { ...git, age_ms: 5_000 },
  summary: { text: "backing off", age_ms: 10_000 },
  session: {
    harness: "claude-code",
    state: "working",
    state_for_ms: 9_000,
    started_age_ms: 61_000,
    age_ms: 3_000,
  },
  lease: { renewed_age_ms: 1_000, expires_in_ms: leaseLifeMs - 1_000 },
  hidden: [],
};

describe("factsOf()", () => {
  test("factsOf() is what the session pushed, with ages and without instants", () => {
    expect(factsOf(lease(), later)).toStrictEqual(facts);
    expect(WireAnswer.parse(facts)).toEqual(facts);
  });

  test("factsOf() says null for what was never pushed", () => {
    const bare = lease({ git: null, summary: null, state: null, state_since_boot_ms: 0 });
    expect(factsOf(bare, later)).toStrictEqual({
      ...facts,
      git: null,
      summary: null,
      session: { ...facts.session, state: null, state_for_ms: null, age_ms: 1_000 },
    });
  });

  test("factsOf() says null inside of git for a repository without a commit or a branch", () => {
    const fresh = { sha: null, subject: null, branch: null, dirty: 0 };
    expect(factsOf(lease({ git: fresh }), later).git).toStrictEqual({ ...fresh, age_ms: 5_000 });
  });

  test("factsOf() rounds ages and what is left down to whole milliseconds", () => {
    const { session, lease: left } = factsOf(lease(), at(nowMs + 1_000.9));
    expect([session.age_ms, left.renewed_age_ms]).toEqual([3_000, 1_000]);
    expect(left.expires_in_ms).toBe(leaseLifeMs - 1_001);
    expect(WireAnswer.safeParse(factsOf(lease(), at(nowMs + 0.1))).success).toBe(true);
  });

  test("factsOf() gives no age below zero", () => {
    const { git: told, summary, session } = factsOf(lease(), at(0));
    const ages = [told?.age_ms, summary?.age_ms, session.started_age_ms, session.age_ms];
    expect(ages).toEqual([0, 0, 0, 0]);
  });
});

describe("answerHere()", () => {
  test("answerHere() answers a live handle by its own facts", () => {
    const leases = [lease({ name: "a", project: "other" }), lease()];
    expect(accepted(answerHere("hydrate", leases, later))).toEqual(facts);
  });

  test("answerHere() answers up to the last millisecond of a lease", () => {
    const end = nowMs + leaseLifeMs;
    expect(accepted(answerHere("hydrate", [lease()], at(end - 1))).lease.expires_in_ms).toBe(1);
    expect(refused(answerHere("hydrate", [lease()], at(end))).code).toBe("handle_unknown");
  });

  test("answerHere() refuses what is not live, and names what is", () => {
    const leases = [lease({ name: "b" }), lease({ name: "a" }), lease({ name: "x", run: "run-1" })];
    expect(refused(answerHere("x", leases, later))).toEqual({
      code: "handle_unknown",
      message: "x is not live",
      hint: "live here now: a, b",
      details: { live: ["a", "b"] },
    });
  });

  test("answerHere() refuses when nothing is live, and says how to begin", () => {
    expect(refused(answerHere("x", [], later))).toEqual({
      code: "handle_unknown",
      message: "x is not live",
      hint: "peernet activate",
      details: { live: [] },
    });
  });
});

describe("answerPeer()", () => {
  test("answerPeer() answers a peer that may ask as it answers here", () => {
    const grants = holding("ask");
    const at = { wallMs: 0, bootMs: 0 };
    expect(answerPeer({ grants, at, name: "hydrate" }, [lease()], later)).toEqual(
      answerHere("hydrate", [lease()], later),
    );
    expect(refused(answerPeer({ grants, at, name: "x" }, [lease()], later))).toEqual(
      refused(answerHere("x", [lease()], later)),
    );
  });

  test("answerPeer() tells a count that is null to a peer that takes it alone", () => {
    const why = { dirty: "late" };
    const leases = [lease({ git: { ...git, dirty: null, why } })];
    const asked = {
      grants: holding("ask"),
      name: "hydrate",
      at: { wallMs: 0, bootMs: 0 },
    };
    const told = accepted(answerPeer({ ...asked, takesNull: true }, leases, later));
    expect([told.git?.dirty, told.git?.why, told.git_why]).toEqual([null, why, undefined]);
    const old = accepted(answerPeer(asked, leases, later));
    expect([old.git, old.git_why, old.project]).toEqual([null, "late", "hydrate"]);
  });

  test("answerPeer() tells the reason for which there are no git facts", () => {
    const leases = [lease({ git: null, git_why: "foreign" })];
    const told = accepted(
      answerPeer(
        { grants: holding("ask"), name: "hydrate", at: { wallMs: 0, bootMs: 0 } },
        leases,
        later,
      ),
    );
    expect([told.git, told.git_why]).toEqual([null, "foreign"]);
  });

  test("answerPeer() refuses a peer that may not ask", () => {
    expect(
      refused(
        answerPeer(
          { grants: holding(), name: "hydrate", at: { wallMs: 0, bootMs: 0 } },
          [lease()],
          later,
        ),
      ),
    ).toEqual({
      code: "scope_denied",
      message: "this machine may not do that there",
      hint: "on that machine run: peernet peers",
    });
  });
});

describe("answerOf()", () => {
  const receivedAtMs = 1_800_000_000_000;
  const thread = "0190a0a0-0000-7000-8000-000000000000";
  const receipt = { handle: "mini/hydrate", threadId: thread, receivedAtMs, roundTripMs: 0.6 };

  test("answerOf() dates every fact by this machine's clock, back from its age", () => {
    expect(answerOf(facts, receipt)).toStrictEqual({
      status: "ok",
      handle: "mini/hydrate",
      thread_id: thread,
      answered_by: "daemon",
      project: "hydrate",
      git: { ...git, age_ms: 5_000, observed_at_ms: receivedAtMs - 5_000 },
      summary: { text: "backing off", age_ms: 10_000, observed_at_ms: receivedAtMs - 10_000 },
      session: {
        harness: "claude-code",
        state: "working",
        state_for_ms: 9_000,
        started_at_ms: receivedAtMs - 61_000,
        observed_at_ms: receivedAtMs - 3_000,
        age_ms: 3_000,
      },
      lease: facts.lease,
      hidden: [],
      untrusted: [...untrustedFields],
      notice: untrustedNotice,
      answered_at_ms: receivedAtMs,
      round_trip_ms: 0.6,
    });
  });

  test("answerOf() makes an answer of the contract, also of bare facts", () => {
    const bare = factsOf(lease({ git: null, summary: null, state: null }), later);
    for (const told of [facts, bare]) {
      const answer = answerOf(told, receipt);
      expect(Answer.parse(answer)).toEqual(answer);
    }
  });

  test("answerOf() dates nothing before 1970, whatever its age", () => {
    const { git: dated } = answerOf(
      { ...facts, git: { ...git, age_ms: 2 * receivedAtMs } },
      { ...receipt },
    );
    expect(dated?.observed_at_ms).toBe(0);
  });
});
