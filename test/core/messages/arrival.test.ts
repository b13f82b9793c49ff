/** Messages that arrive: what is taken, held, quiet and refused, whatever their sender says. */

import { describe, expect, test } from "bun:test";
import { hopsMax, mailboxMax, messagesAlone } from "../../../src/contract/messages/limits.ts";
import { type Arriving, arrive } from "../../../src/core/messages/arrival.ts";
import { contentDigest, excerptOf } from "../../../src/core/messages/content.ts";
import { mayKnow } from "../../../src/core/messages/mailbox.ts";
import { readsTree } from "../../../src/core/messages/message.ts";
import { letOut } from "../../../src/core/messages/outbound.ts";
import { sha256 } from "../../../src/platform/real.ts";
import { histories, historiesMs } from "../../support/histories.ts";

const permitted = { permitted: true, shown: null } as const;
const peer = { is: "peer", verdict: permitted, holds: false } as const;
const arriving: Arriving = {
  source: peer,
  isPersons: false,
  isReply: false,
  isKnown: true,
  hops: 0,
  taken: { sincePerson: 0, thread: 0 },
  waiting: { mailbox: 0, all: 0 },
  isQuiet: false,
  expiresInMs: 1,
};
const outcomeOf = (more: Partial<Arriving> = {}) => {
  const decided = arrive({ ...arriving, ...more });
  if (!decided.ok) return decided.error.code;
  const { stage, quiet, waking } = decided.value;
  return [stage, quiet ? "quiet" : "loud", waking].join(" ");
};

describe("arrive()", () => {
  test("takes what the grant permits, and holds it for a person where the grant says so", () => {
    expect(outcomeOf()).toBe("stored loud grant");
    expect(outcomeOf({ source: { ...peer, holds: true } })).toBe("held loud grant");
    expect(outcomeOf({ source: { ...peer, holds: true }, isPersons: true })).toMatch(/^stored/);
    expect(outcomeOf({ source: { is: "here" } })).toBe("stored loud always");
  });

  test("takes an answer without a grant, holds it for nobody, and lets it wake its reader", () => {
    const verdict = { permitted: false, why: "scope" } as const;
    const source = { is: "peer", verdict, holds: true } as const;
    expect(outcomeOf({ source })).toBe("scope_denied");
    expect(outcomeOf({ source, isReply: true, isKnown: false })).toBe("stored loud always");
    const excluded = { ...source, verdict: { permitted: false, why: "name" } as const };
    expect(outcomeOf({ source: excluded })).toBe("handle_unknown");
  });

  test("refuses an unknown handle, an old message, spent hops and a full mailbox", () => {
    expect(outcomeOf({ isKnown: false })).toBe("handle_unknown");
    expect(outcomeOf({ expiresInMs: 0 })).toBe("message_expired");
    expect(outcomeOf({ hops: hopsMax })).toMatch(/^stored/);
    expect(outcomeOf({ hops: hopsMax + 1 })).toBe("message_refused");
    expect(outcomeOf({ waiting: { mailbox: mailboxMax - 1, all: 0 } })).toMatch(/^stored/);
    expect(outcomeOf({ waiting: { mailbox: mailboxMax, all: 0 } })).toBe("inbox_full");
  });

  test("makes a message over a budget quiet, and refuses none for that", () => {
    const over = { sincePerson: messagesAlone, thread: 0 };
    expect(outcomeOf({ taken: over })).toBe("stored quiet grant");
    expect(outcomeOf({ isQuiet: true })).toBe("stored quiet never");
  });

  test(
    "whatever comes, no text passes a hold or a missing grant but an answer's",
    async () => {
      await histories(300, (draw) => {
        const verdict = draw.oneIn(3)
          ? ({ permitted: false, why: draw.pick(["scope", "name"] as const) } as const)
          : permitted;
        const source = { is: "peer", verdict, holds: draw.oneIn(2) } as const;
        const one: Arriving = {
          source,
          isPersons: draw.oneIn(3),
          isReply: draw.oneIn(3),
          isKnown: !draw.oneIn(4),
          hops: draw.below(2 * hopsMax),
          taken: { sincePerson: draw.below(2 * messagesAlone), thread: draw.below(50) },
          waiting: { mailbox: draw.below(2 * mailboxMax), all: draw.below(4_000) },
          isQuiet: draw.oneIn(4),
          expiresInMs: draw.below(3),
        };
        const decided = arrive(one);
        if (!decided.ok) return;
        expect(one.isReply || verdict.permitted).toBe(true);
        expect(one.expiresInMs).toBeGreaterThan(0);
        expect(one.waiting.mailbox).toBeLessThan(mailboxMax);
        const isHeld = decided.value.stage === "held";
        expect(isHeld).toBe(source.holds && !one.isReply && !one.isPersons);
        if (one.isQuiet) expect(decided.value.waking === "grant").toBe(false);
      });
    },
    historiesMs,
  );
});

describe("letOut()", () => {
  const mini = { name: "mini", isMine: false };

  test("lets a person write to every peer, and a model to those that the setting names", () => {
    const codeOf = (of: Parameters<typeof letOut>[0]) => {
      const outcome = letOut(of);
      return outcome.ok ? "ok" : outcome.error.code;
    };
    expect(codeOf({ by: "person", peer: mini, to: [] })).toBe("ok");
    expect(codeOf({ by: "session", peer: mini, to: ["mine"] })).toBe("outbound_refused");
    expect(codeOf({ by: "session", peer: { ...mini, isMine: true }, to: ["mine"] })).toBe("ok");
    expect(codeOf({ by: "session", peer: { ...mini, isMine: true }, to: [] })).toBe(
      "outbound_refused",
    );
    expect(codeOf({ by: "session", peer: mini, to: ["mini"] })).toBe("ok");
  });
});

describe("mayKnow()", () => {
  test("knows a live handle, and one that was live while the grant held, for 7 days", () => {
    const gone = (agoMs: number | null) => ({ isLive: false, agoMs });
    expect(mayKnow({ isLive: true, agoMs: 0 }, 0)).toBe(true);
    expect(mayKnow(gone(null), 1_000)).toBe(false);
    expect([mayKnow(gone(1_000), 1_000), mayKnow(gone(1_001), 1_000)]).toEqual([true, false]);
    const week = 604_800_000;
    expect([mayKnow(gone(week), null), mayKnow(gone(week + 1), null)]).toEqual([true, false]);
  });
});

describe("readsTree()", () => {
  test("is true in the same folder and below it, and nowhere else", () => {
    expect(readsTree("/src/a", "/src/a")).toBe(true);
    expect(readsTree("/src/a/b", "/src/a")).toBe(true);
    expect(readsTree("/src/ab", "/src/a")).toBe(false);
    expect(readsTree("/src", "/src/a")).toBe(false);
    expect([readsTree(null, "/src/a"), readsTree("/src/a", null), readsTree(null, null)]).toEqual([
      false,
      false,
      true,
    ]);
  });
});

describe("contentDigest()", () => {
  test("differs with the salt: the same short text has another digest each time", () => {
    const one = contentDigest({ text: "yes", salt: "A".repeat(22) }, sha256);
    const other = contentDigest({ text: "yes", salt: `${"A".repeat(21)}Q` }, sha256);
    expect(one).toMatch(/^[0-9a-f]{64}$/);
    expect(one).not.toBe(other);
    expect(contentDigest({ text: "yes", salt: "A".repeat(22) }, sha256)).toBe(one);
  });
});

test("excerptOf() is the first line that is not empty, cut to 200 characters", () => {
  expect(excerptOf("\n  \r\n first \nsecond")).toBe("first");
  expect([...excerptOf("é".repeat(300))]).toHaveLength(200);
  expect(excerptOf(" ")).toBe("");
});
