/** Asks that cannot be answered: about absent, forbidden or unreachable handles. */

import { afterAll, beforeAll, expect, setDefaultTimeout } from "bun:test";
import { type Home, home, isBuilt, notBuilt } from "../support/executable.ts";
import { skipUnless } from "../support/skip.ts";
import { until } from "../support/until.ts";
import { failed, type Recorded, recorded, trail } from "./failing.ts";
import { activate, pairTwo, type Session } from "./pairing.ts";

const test = skipUnless(isBuilt, notBuilt);
setDefaultTimeout(30_000);

let mini: Home;
let laptop: Home;
let working: Session;

beforeAll(async () => {
  if (!isBuilt) return;
  mini = home("mini");
  laptop = home("laptop");
  working = await activate(mini, "hydrate");
  await pairTwo(mini, laptop);
});

afterAll(async () => {
  if (!isBuilt) return;
  working[Symbol.dispose]();
  await laptop[Symbol.asyncDispose]();
  await mini[Symbol.asyncDispose]();
});

interface OnBoth {
  readonly asking: Recorded[];
  readonly answering: Recorded[];
}

/** The records of an ask on the asking and the answering machine. */
async function recordedOnBoth(run: () => Promise<unknown>): Promise<OnBoth> {
  let asking: Recorded[] = [];
  const answering = await recorded(mini, async () => {
    asking = await recorded(laptop, run);
  });
  return { asking, answering };
}

/** The two records of an ask on the asking machine: as it leaves, and its outcome. */
const asked = (outcome: string): Recorded[] =>
  ["asked", outcome].map((each) => ({ direction: "out", verb: "ask", outcome: each }));

const onBoth = (outcome: string): OnBoth => ({
  asking: asked(outcome),
  answering: [{ direction: "in", verb: "ask", outcome }],
});

test("ask says which handles are live when one is not, and both machines record it", async () => {
  const live = "live on mini now: mini/hydrate";
  const left = await recordedOnBoth(async () => {
    expect(await laptop.run(["ask", "mini/nope"])).toEqual(
      failed(1, "mini/nope is not live", live),
    );
  });
  expect(left).toEqual(onBoth("handle_unknown"));
  const { code, out } = await laptop.run(["ask", "mini/nope", "--json"]);
  expect(code).toBe(1);
  expect(JSON.parse(out).error).toEqual({
    code: "handle_unknown",
    message: "mini/nope is not live",
    hint: live,
    details: { live: ["mini/hydrate"] },
  });
});

test("ask of a handle whose process ended says what it says of one that never was", async () => {
  using brief = await activate(mini, "brief");
  expect((await laptop.run(["ask", "mini/brief"])).code).toBe(0);
  const startedMs = performance.now();
  brief.end();
  await until("it is released", async () => (await mini.run(["preview", "brief"])).code !== 0);
  expect(performance.now() - startedMs).toBeLessThan(5_000);
  const live = "live on mini now: mini/hydrate";
  expect(await laptop.run(["ask", "mini/brief"])).toEqual(
    failed(1, "mini/brief is not live", live),
  );
  const { out } = await mini.run(["audit", "--json", "--verb", "deactivate", "--limit", "1"]);
  expect(JSON.parse(out)).toMatchObject({ direction: "local", handle: "brief", outcome: "ok" });
});

test("ask of a machine that is no peer changes nothing anywhere", async () => {
  const left = await recordedOnBoth(async () => {
    for (const handle of ["nobody/x", "nobody/"]) {
      expect(await laptop.run(["ask", handle])).toEqual(
        failed(1, "no peer is called nobody", "peernet peers"),
      );
    }
  });
  expect(left).toEqual({ asking: [], answering: [] });
});

test("ask without the scope is refused, the same for every handle", async () => {
  expect((await mini.run(["peers", "revoke", "laptop", "--all"])).code).toBe(0);
  const texts = [
    "mini does not let this machine ask",
    "on mini run: peernet peers grant laptop ask",
  ] as const;
  const both = onBoth("scope_denied");
  // The second of its kind within the hour is only counted where it was refused.
  for (const [handle, answering] of [
    ["mini/hydrate", both.answering],
    ["mini/nope", []],
  ] as const) {
    const left = await recordedOnBoth(async () => {
      expect(await laptop.run(["ask", handle])).toEqual(failed(4, ...texts));
    });
    expect(left).toEqual({ ...both, answering: [...answering] });
  }
  expect((await mini.run(["peers", "grant", "laptop", "ask"])).code).toBe(0);
  expect((await laptop.run(["ask", "mini/hydrate"])).code).toBe(0);
});

test("ask of a machine that is not reachable is recorded where it was asked", async () => {
  const [peer] = ((await laptop.json(["peers"])) as { peers: { address: string }[] }).peers;
  expect((await mini.run(["stop"])).code).toBe(0);
  const added = await recorded(laptop, async () => {
    const { err, ...ended } = failed(
      5,
      `mini cannot be reached at ${peer?.address}; last seen AGO`,
      "wake mini; if it is awake, on it run: peernet doctor",
    );
    const ran = await laptop.run(["ask", "mini/hydrate"]);
    // Last known facts come before the error once the link is known to be down.
    const known = "last known   mini/hydrate   live AGO   –   at work on hydrate\n";
    const told = ran.err.replaceAll(/(under )?\d s ago/g, "AGO").replace(known, "");
    expect({ ...ran, err: told }).toEqual({ ...ended, err });
  });
  expect(added).toEqual(asked("peer_unreachable"));
});

test("the refusals that were counted are recorded when the daemon stops", async () => {
  expect((await mini.run(["start"])).code).toBe(0);
  const counted = (await trail(mini)).filter(({ count }) => count !== null);
  expect(counted).toContainEqual(
    expect.objectContaining({
      verb: "ask",
      outcome: "scope_denied",
      peer_name: "laptop",
      count: 1,
    }),
  );
});

test("ask after unpair is refused, and recorded where it was asked", async () => {
  expect((await mini.run(["unpair", "laptop", "--yes"])).code).toBe(0);
  const added = await recorded(laptop, async () => {
    expect(await laptop.run(["ask", "mini/hydrate"])).toEqual(
      failed(
        4,
        "this machine was unpaired by mini, just now",
        "peernet pair, or to let it go: peernet unpair mini",
      ),
    );
  });
  expect(added).toEqual(asked("peer_refused"));
  expect(await mini.run(["unpair", "laptop", "--yes"])).toEqual(
    failed(1, "no peer is called laptop", "peernet peers"),
  );
});

test("ask finds a peer that came back on another port, once that peer said hello", async () => {
  await pairTwo(mini, laptop);
  await mini.run(["stop"]);
  await mini.run(["start"]);
  await mini.run(["activate", "hydrate", "--pid", working.pid]);
  await until("mini is asked", async () => (await laptop.run(["ask", "mini/hydrate"])).code === 0);
});
