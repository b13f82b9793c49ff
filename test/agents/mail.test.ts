/**
 * Messages between real sessions on two machines: an idle session is woken, its model has the text
 * once, as a tool's result, and answers; the sender is told each stage.
 */

import { expect, setDefaultTimeout } from "bun:test";
import { tell, withClients } from "./support/driving.ts";
import {
  greeted,
  left,
  mailMachine,
  mailModel,
  opened,
  pairAsMine,
  rowsOf,
  stagesOf,
  timesIn,
  type Woken,
} from "./support/mail.ts";
import { model } from "./support/model.ts";
import { says, soon } from "./support/peernet.ts";
import { keys, type Terminal } from "./support/terminal.ts";

/** Codex asks before its model leaves a message. */
async function allowsOnce(session: Terminal): Promise<void> {
  await session.sees('run tool "message_peer"?');
  await session.press(keys.enter, async () => session.shows("done"));
}

const test = withClients("claude", "codex");
setDefaultTimeout(240_000);

for (const client of ["claude", "codex"] as const satisfies readonly Woken[]) {
  test(`an idle session of ${client} is woken, reads once and answers`, async () => {
    using stub = model();
    using other = model();
    await using mini = await mailMachine("mini", client, stub);
    await using laptop = await mailMachine("laptop", "claude", other);
    await pairAsMine(mini, laptop);
    await using session = await opened(mini, client, { stub });
    await greeted(session, stub);
    await says(mini, "idle");
    mailModel(stub, (text) => (text.includes("TOKEN") ? "Yes, since 91c0d7e." : null));
    const startedMs = performance.now();
    const id = await left(laptop, "mini/hydrate", "Is the schema final? TOKEN-7f3a");
    if (client === "codex") await allowsOnce(session);
    await soon("it is answered", async () => (await stagesOf(laptop, id)).includes("answered"));
    tell(`${client} is woken and answers`, startedMs);
    await says(mini, "idle");
    const stages = await stagesOf(laptop, id);
    expect([stages.slice(0, 2), stages.at(-1)]).toEqual([["queued", "stored"], "answered"]);
    const last = stub.turns.at(-1);
    // The client offers the tool from the start, unless its first request came before our server:
    // a search for it would be a request more.
    const isLate = last?.body.includes("servers are still connecting") === true;
    if (!isLate) expect(last?.body).not.toContain("select:mcp__peernet__read_messages");
    expect(last === undefined ? null : timesIn(last, "TOKEN-7f3a")).toBe(1);
    expect(last?.results.filter((result) => result.includes("TOKEN-7f3a"))).toHaveLength(1);
    expect(rowsOf(mini, "SELECT state FROM handover")).toEqual([{ state: "surfaced" }]);
  });
}
