import { expect, test } from "bun:test";
import { main } from "../../../src/cli/cli.ts";
import { OriginRefusal } from "../../../src/contract/discovery.ts";
import type { OpenEvent, PairedPeer } from "../../../src/contract/pairing.ts";
import { both } from "../../support/grants.ts";
import { fingerprint, opened, otherFingerprint, paired, pairedMini, status } from "../samples.ts";
import { failed, noDaemon, run, type Scene, stage, text } from "../support.ts";

const openedLines = [
  "on the other machine   peernet pair",
  "or, by address         peernet pair --to 100.101.7.3:7337",
  `this machine is        ${otherFingerprint}`,
  "",
  "    027-674",
  "",
];

const answering = async () => status();

const opening = (...events: readonly OpenEvent[]): Scene => ({
  answers: {
    "pair/open": async function* () {
      yield* events;
    },
    status: answering,
  },
});

test("pair --open shows the code, then what was paired", async () => {
  expect(await run("pair --open", opening(opened, paired))).toEqual({
    exit: 0,
    out: text(
      ...openedLines,
      "Paired with mini",
      `  identity      ${fingerprint}`,
      "  mini may      ask laptop:  hydrate, api",
      "  laptop may    ask mini:    hydrate",
      "  undo          peernet unpair mini",
    ),
    err: text("2:00 left · 3 attempts left"),
    calls: [
      ["status", {}],
      ["pair/open", { grant: ["ask"], from: null, any_user: false }],
      ["status", {}],
    ],
    done: [],
  });
});

test("pair --open says so when nobody else can reach the window", async () => {
  const alone = "only this machine can reach it; to let others: peernet setup";
  for (const [addresses, isSaid] of [
    [["127.0.0.1:7337"], true],
    [["127.0.0.1:7337", "[::1]:7337"], true],
    [["127.0.0.1:7337", "100.101.7.3:7337"], false],
  ] as const) {
    const here = opening({ ...opened, addresses: [...addresses] }, paired);
    expect((await run("pair --open", here)).err.includes(alone)).toBe(isSaid);
  }
});

test("pair --open starts the daemon when none answers", async () => {
  const scene = opening(opened, paired);
  let started = false;
  const outcome = await run("pair --open", {
    answers: { ...scene.answers, status: () => (started ? answering() : noDaemon()) },
    ensureDaemon: async () => {
      started = true;
    },
  });
  expect(outcome).toMatchObject({ exit: 0, done: ["ensureDaemon"] });
});

test("pair --open hands grants and the one address on", async () => {
  const { calls } = await run(
    "pair --open --grant none --from 100.88.4.20",
    opening(opened, { event: "expired" }),
  );
  const input = { grant: [], from: "100.88.4.20", any_user: false };
  expect(calls[1]).toEqual(["pair/open", input]);
});

test("pair --open --any-user lets any user of the tailnet try", async () => {
  const { calls } = await run("pair --open --any-user", opening(opened, { event: "expired" }));
  expect(calls[1]).toEqual(["pair/open", { grant: ["ask"], from: null, any_user: true }]);
});

test("pair --open names every address it can be reached at", async () => {
  const addresses = ["100.101.7.3:7337", "192.168.1.5:7337", "[fd7a::1]:7337"];
  const { out } = await run("pair --open", opening({ ...opened, addresses }, { event: "expired" }));
  expect(out).toStartWith(
    text(
      "on the other machine   peernet pair",
      "or, by address         peernet pair --to 100.101.7.3:7337, " +
        "peernet pair --to 192.168.1.5:7337, peernet pair --to [fd7a::1]:7337",
    ),
  );
});

test("a pairing says what neither side may do, and names that could be mistaken", async () => {
  const odd: PairedPeer = {
    ...pairedMini,
    name: "mini-2",
    fingerprint: otherFingerprint,
    grants: both([], ["ask"]),
    told_name: "mini",
    look_alike: { name: "mini", fingerprint },
  };
  const scene = opening(opened, { event: "paired", peer: odd, visible: [] });
  expect((await run("pair --open", scene)).out).toEndWith(
    text(
      "Paired with mini-2",
      `  identity      ${otherFingerprint}`,
      "  mini-2 may    nothing",
      "  laptop may    ask mini-2:  no live handles yet",
      "  undo          peernet unpair mini-2",
      "  name          it calls itself mini, taken here",
      "  rename        peernet peers rename mini-2 NEW",
      `  look-alike    mini is another: ${fingerprint}`,
    ),
  );
});

test("pair --open tells each event, and exits 4 when the window burned", async () => {
  const from = ["100.88.4.20 (mini)", "100.90.1.7", "100.88.4.20 (mini)"];
  const scene = opening(
    opened,
    { event: "attempt_failed", from: "100.88.4.20 (mini)", attempts_left: 2 },
    { event: "evicted", from: "100.90.1.7" },
    { event: "attempt_failed", from: "100.90.1.7", attempts_left: 1 },
    { event: "unacknowledged", from: "100.88.4.20", fingerprint },
    { event: "burned", from },
  );
  expect(await run("pair --open", scene)).toMatchObject({
    exit: 4,
    out: text(...openedLines),
    err:
      text(
        "2:00 left · 3 attempts left",
        "2:00 left · 2 attempts left · wrong code from 100.88.4.20 (mini)",
        "2:00 left · 2 attempts left · an unfinished attempt from 100.90.1.7 was dropped",
        "2:00 left · 1 attempt left · wrong code from 100.90.1.7",
        "2:00 left · 1 attempt left · right code from 100.88.4.20, silent since; it can pair again",
      ) +
      failed(
        "the window burned after 3 wrong codes, from 100.88.4.20 (mini) and 100.90.1.7",
        "peernet pair --open --from ADDRESS",
      ),
  });
});

const refusals = {
  other_user: "another user's machine",
  tagged: "tagged, so no user is the same",
  shared: "shared from another tailnet",
  expired: "its tailnet key expired",
  unknown: "the tailnet does not know it",
} as const satisfies Readonly<Record<OriginRefusal, string>>;

for (const reason of OriginRefusal.options) {
  test(`pair --open tells who was refused as ${reason}, and what would let it`, async () => {
    const refused = { event: "origin_refused", from: "100.90.1.7", reason } as const;
    const scene = opening(
      opened,
      { ...refused, login: "other@example.com" },
      { ...refused, login: null },
      paired,
    );
    const wayIn = `${refusals[reason]}; to let it: peernet pair --open --any-user`;
    expect(await run("pair --open", scene)).toMatchObject({
      exit: 0,
      err: text(
        "2:00 left · 3 attempts left",
        `2:00 left · 3 attempts left · refused 100.90.1.7 (other@example.com): ${wayIn}`,
        `2:00 left · 3 attempts left · refused 100.90.1.7: ${wayIn}`,
      ),
    });
  });
}

test("pair --open exits 5 when nobody came, and 1 when the window was closed", async () => {
  expect(await run("pair --open", opening(opened, { event: "expired" }))).toMatchObject({
    exit: 5,
    err:
      text("2:00 left · 3 attempts left") +
      failed("the window closed: no machine paired in time", "peernet pair --open"),
  });
  expect(await run("pair --open", opening(opened, { event: "closed" }))).toMatchObject({
    exit: 1,
    err:
      text("2:00 left · 3 attempts left") +
      failed(
        "the window closed: another was opened here, or the daemon stopped",
        "peernet pair --open",
      ),
  });
  expect(await run("pair --open", opening(opened))).toMatchObject({
    exit: 1,
    err:
      text("2:00 left · 3 attempts left") +
      failed("the window closed: the daemon ended", "peernet pair --open"),
  });
});

const ends: readonly (readonly [OpenEvent, number])[] = [
  [paired, 0],
  [{ event: "closed" }, 1],
  [{ event: "burned", from: ["a", "b", "c"] }, 4],
  [{ event: "expired" }, 5],
];

for (const [end, exit] of ends) {
  test(`pair --open --json prints each event and exits ${exit} for ${end.event}`, async () => {
    const failedOnce: OpenEvent = { event: "attempt_failed", from: "a", attempts_left: 2 };
    const events = [opened, failedOnce, end];
    expect(await run("pair --open --json", opening(...events))).toMatchObject({
      exit,
      out: text(...events.map((event) => JSON.stringify(event))),
      err: "",
      calls: [
        ["status", {}],
        ["pair/open", { grant: ["ask"], from: null, any_user: false }],
      ],
    });
  });
}

test("pair --open exits 0 when the interrupt came after the pairing", async () => {
  let calls = 0;
  const set = stage({
    answers: {
      ...opening(opened, paired).answers,
      status: async () => {
        calls += 1;
        if (calls === 2) set.interrupt();
        return status();
      },
    },
  });
  expect(await main(["pair", "--open"], set.io)).toBe(0);
  expect(set.err()).not.toContain("the window is closed");
});
