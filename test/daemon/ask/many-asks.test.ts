import { expect, test } from "bun:test";
import { PeernetError } from "../../../src/contract/errors.ts";
import { asksBurstMax, connectionsPerPeerMax } from "../../../src/contract/limits.ts";
import { machine, pair, session } from "../../support/daemon.ts";

/** Calls of the burst that hellos of the asking machine may take meanwhile. */
const hellosMax = 4;

test("250 asks of one peer at once are answered or delayed, and none is cut off", async () => {
  await using mini = await machine("mini");
  await using laptop = await machine("laptop");
  await mini.calls.activate(session());
  await pair(mini, laptop);
  const input = { handle: "mini/hydrate", question: null, thread_id: null };
  const asks = Array.from({ length: 250 }, () =>
    laptop.calls.ask(input).then(
      () => "ok",
      (error: unknown) => (error instanceof PeernetError ? error.code : String(error)),
    ),
  );
  const outcomes = Map.groupBy(await Promise.all(asks), (outcome) => outcome);
  expect([...outcomes.keys()].sort()).toEqual(["ok", "rate_limited"]);
  expect(outcomes.get("ok")?.length).toBeGreaterThanOrEqual(asksBurstMax - hellosMax);
  expect(asks.length).toBeGreaterThan(connectionsPerPeerMax);
});
