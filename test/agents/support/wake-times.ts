/**
 * Times from a message that is stored to the request of an idle session's model that holds the
 * notice: with the real client, against a stub model. Prints them as JSON, in milliseconds.
 * usage: bun test/agents/support/wake-times.ts claude|codex ROUNDS
 */

import { missing } from "./clients.ts";
import { leaveNetworks } from "./loopback.ts";
import {
  freshOf,
  greeted,
  left,
  mailMachine,
  mailModel,
  opened,
  pairAsMine,
  rowsOf,
  type Woken,
} from "./mail.ts";
import { model } from "./model.ts";
import { says, soon } from "./peernet.ts";

const [client = "claude", rounds = "10"] = process.argv.slice(2);

/** One message for an idle session, whose person prompts first: the budgets begin again. */
async function timesOf(of: Woken): Promise<readonly number[]> {
  using stub = model();
  using other = model();
  await using mini = await mailMachine("mini", of, stub);
  await using laptop = await mailMachine("laptop", "claude", other);
  await pairAsMine(mini, laptop);
  await using session = await opened(mini, of, { stub });
  await greeted(session, stub);
  const times: number[] = [];
  for (let round = 0; round < Number(rounds); round += 1) {
    await session.prompt(`round ${round}`, stub);
    await says(mini, "idle");
    let toldMs: number | null = null;
    mailModel(
      stub,
      () => null,
      (turn) => {
        if (freshOf(turn).includes("read_messages")) toldMs ??= Date.now();
      },
    );
    const id = await left(laptop, "mini/hydrate", `TOKEN-${round}-`);
    await soon("its model is told", async () => toldMs !== null);
    await says(mini, "idle");
    const stored = `SELECT at_ms FROM message_stage
      WHERE message_id = '${id}' AND stage = 'stored'`;
    const [row] = rowsOf<{ at_ms: number }>(mini, stored);
    if (row !== undefined && toldMs !== null) times.push(toldMs - row.at_ms);
  }
  return times;
}

const why = (["claude", "codex"] as const)
  .map((each) => missing(each))
  .find((each) => each !== null);
if (why !== undefined) throw new Error(why);
if (!leaveNetworks()) throw new Error("it needs root, to leave every network");
console.log(JSON.stringify(await timesOf(client as Woken)));
process.exit(0);
