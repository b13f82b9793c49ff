/** The hint of a refused right, carried out on the other machine, ends the refusal. */

import { expect, test } from "bun:test";
import { PeernetError } from "../../../src/contract/errors.ts";
import { type Machine, machine, pair, session } from "../../support/daemon.ts";
import { until } from "../../support/until.ts";
import { person } from "../messages/exchange.ts";

/** Carries out `on mini run: peernet peers …`, as a person there would. */
async function carryOut(hint: string, mini: Machine): Promise<void> {
  const [, words = ""] = /^on mini run: peernet peers (.*)$/.exec(hint) ?? [];
  const [verb, name = "", ...scopes] = words.split(" ");
  if (verb === "resume") await mini.calls["peers/resume"]({ name });
  else if (verb === "grant") {
    const entries = scopes.map((scope) => ({ scope: scope as "ask", names: null }));
    await mini.calls["peers/grant"]({ name, entries });
  } else throw new Error(`not a command of peers: ${hint}`);
}

const asks = (laptop: Machine) =>
  laptop.calls.ask({ handle: "mini/hydrate", question: null, thread_id: null });
const waits = async (laptop: Machine) => {
  for await (const event of laptop.calls.wait({ handle: "mini/hydrate", until: "gone" })) {
    return event;
  }
  throw new Error("no event");
};
const sends = async (laptop: Machine): Promise<void> => {
  const { refused } = await laptop.calls.send({ to: "mini/hydrate", text: "hi", from: person });
  const [first] = refused;
  if (first !== undefined) throw new PeernetError("scope_denied", first.error);
};

/** The refusal of a call; null when it is none. */
async function refusal(call: () => Promise<unknown>): Promise<PeernetError | null> {
  try {
    await call();
    return null;
  } catch (error) {
    if (error instanceof PeernetError) return error;
    throw error;
  }
}

for (const [what, call] of [
  ["an ask", asks],
  ["a wait", waits],
] as const) {
  for (const [why, take] of [
    [
      "has no grant",
      (mini: Machine) => mini.calls["peers/revoke"]({ name: "laptop", scopes: null }),
    ],
    ["is paused", (mini: Machine) => mini.calls["peers/pause"]({ name: "laptop" })],
  ] as const) {
    test(`${what} of a machine that ${why} is refused with a hint that ends it`, async () => {
      await using mini = await machine("mini");
      await using laptop = await machine("laptop");
      await pair(mini, laptop);
      await mini.calls.activate(session({ name: "hydrate" }));
      await until("laptop asks", async () => (await refusal(() => asks(laptop))) === null);
      await take(mini);
      let hint = "";
      await until("the refusal", async () => {
        hint = (await refusal(() => call(laptop)))?.hint ?? "";
        return hint.startsWith("on mini run");
      });
      await carryOut(hint, mini);
      await until(`the call after: ${hint}`, async () => {
        return (await refusal(() => call(laptop))) === null;
      });
    });
  }
}

test("a message to a machine that paused is refused with a hint that ends it", async () => {
  await using mini = await machine("mini");
  await using laptop = await machine("laptop", { writes: ["mini"] });
  await pair(mini, laptop);
  await mini.calls.activate(session({ name: "hydrate" }));
  const entries = (["ask", "message"] as const).map((scope) => ({ scope, names: null }));
  await mini.calls["peers/grant"]({ name: "laptop", entries });
  await mini.calls["peers/pause"]({ name: "laptop" });
  const told = async () => (await laptop.calls["peers/show"]({ name: "mini" })).grants.our_paused;
  await until("laptop knows of the pause", async () => (await told()) === true);
  const refused = await refusal(() => sends(laptop));
  expect(refused).toMatchObject({ hint: "on mini run: peernet peers resume laptop" });
  await carryOut(refused?.hint ?? "", mini);
  await until("the end of the pause", async () => (await told()) !== true);
  expect(await refusal(() => sends(laptop))).toBeNull();
});
