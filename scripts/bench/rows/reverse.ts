/** P23: an ask over the connections that a peer keeps, beside one over a dialled connection. */

import { inTurn, timed } from "../measure.ts";
import { activated, eventually, machine, pairTwo } from "../parts.ts";
import type { Row } from "../results.ts";
import { pauseMs, type Told, warmAsks } from "./asks.ts";

/** An ask of a machine that listens nowhere, and one of a machine that is dialled. */
export async function p23({ rounds }: Told): Promise<readonly Row[]> {
  const mini = machine("mini");
  const { address } = await mini.start();
  const hidden = machine("hidden", { PEERNET_LISTEN_ADDRESSES: "" });
  const open = machine("open");
  for (const other of [hidden, open]) {
    await other.start();
    await pairTwo(mini, other, address);
    await activated(other, "bench");
  }
  await eventually(async () => {
    const { link_reason } = await mini.calls["peers/show"]({ name: "hidden" });
    if (link_reason !== "its_connections") throw new Error("hidden has no connections to mini");
  }, 30_000);
  const asks = (name: string) => async (): Promise<number> => {
    await Bun.sleep(pauseMs);
    const input = { handle: `${name}/bench`, question: null, thread_id: null };
    return timed(() => mini.calls.ask(input));
  };
  const taken = await inTurn(
    { ours: asks("hidden"), theirs: asks("open") },
    { rounds: rounds * 2, warmUp: warmAsks },
  );
  const metric = "an ask of a peer that cannot be dialled, over its own connections";
  const common = { unit: "ms", comparator: "the same of a peer that is dialled" };
  return [{ id: "P23", metric, ...common, ...taken, goal: 1.1, moonshot: 1 }];
}
