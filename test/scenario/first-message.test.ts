/** The first message of a new user: refused with the grant to give, then left; five failures. */

import { expect, setDefaultTimeout } from "bun:test";
import { home, isBuilt, notBuilt } from "../support/executable.ts";
import { skipUnless } from "../support/skip.ts";
import { until } from "../support/until.ts";
import { activate, pairTwo } from "./pairing.ts";
import { onTerminal } from "./terminal.ts";

const test = skipUnless(isBuilt, notBuilt);
setDefaultTimeout(60_000);

test("the first message says which grant it needs, and is stored once that is given", async () => {
  await using mini = home("mini");
  await using laptop = home("laptop");
  for (const each of [mini, laptop]) await each.json(["start"]);
  using _hydrate = await activate(mini, "hydrate");
  await pairTwo(mini, laptop);
  const send = (...words: readonly string[]) => laptop.run(["send", ...words]);
  const text = "Auth is ready: branch auth-2";

  const refused = await send("mini/hydrate", text);
  expect([refused.code, refused.err]).toEqual([
    4,
    expect.stringContaining("hint: on mini run: peernet peers grant laptop message wake\n"),
  ]);
  // As the hint says, by a person at a terminal.
  const words = ["peers", "grant", "laptop", "message", "wake", "--no-hold"];
  const grants = onTerminal(mini, words);
  expect(await grants.ended).toBe(0);
  await until("laptop knows its rights", async () => {
    const { out } = await laptop.run(["peers", "show", "mini", "--json"]);
    return JSON.parse(out).grants.ours.includes("wake");
  });
  const sent = await send("mini/hydrate", text);
  expect([sent.code, sent.out]).toEqual([0, expect.stringContaining("stored on mini")]);
  const types = onTerminal(laptop, ["send", "mini/hydrate"]);
  await types.sees("Ctrl-D");
  types.type("typed at the terminal!\n\x04");
  await types.sees("stored on mini");
  expect(await types.ended).toBe(0);
  const inbox = await mini.run(["inbox"]);
  expect(inbox.out).toContain(text);
  expect(inbox.out).toContain("typed at the terminal!");

  // A machine's name alone is its person.
  const person = await send("mini", "Registry moves tonight");
  expect([person.code, person.out]).toEqual([0, expect.stringContaining("person at mini")]);
  const never = await send("mini/nobody", text);
  expect(never.code).not.toBe(0);
  const unanswered = await send("mini/hydrate", "and?", "--wait", "--deadline", "1s");
  expect([unanswered.code, unanswered.out + unanswered.err]).toEqual([
    5,
    expect.stringContaining("stored on mini"),
  ]);
  await mini.run(["stop"]);
  const asleep = await send("mini/hydrate", "for later");
  expect([asleep.code, asleep.out]).toEqual([0, expect.stringContaining("queued")]);
  expect((await laptop.run(["outbox"])).out).toContain("mini");
});
