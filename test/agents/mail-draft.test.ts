/** A person is in the middle of typing as a wake comes: the text stays, and goes once. */

import { expect, setDefaultTimeout } from "bun:test";
import { withClients } from "./support/driving.ts";
import { left, rowsOf, timesIn } from "./support/mail.ts";
import { says, soon } from "./support/peernet.ts";
import { scene, settled } from "./support/scene.ts";
import { keys } from "./support/terminal.ts";

const test = withClients("claude", "codex");
setDefaultTimeout(240_000);

for (const client of ["claude", "codex"] as const) {
  test(`a wake of ${client} leaves typed text in the prompt, and sends none of it`, async () => {
    await using at = await scene(client, null);
    const { mini, laptop, stub, session } = at;
    await says(mini, "idle");
    session.type("DRAFT of a person");
    await session.sees("DRAFT of a person");
    await left(laptop, "mini/hydrate", "TOKEN-draft");
    await soon("it is read", async () =>
      rowsOf<{ state: string }>(mini, "SELECT state FROM handover").some(
        ({ state }) => state === "surfaced",
      ),
    );
    await says(mini, "idle");
    expect(stub.turns.filter((turn) => timesIn(turn, "DRAFT") > 0)).toEqual([]);
    session.type(" goes on");
    await session.sees("goes on");
    const sent = () => stub.turns.map((turn) => timesIn(turn, "DRAFT of a person goes on"));
    await session.press(keys.enter, async () => sent().some((times) => times > 0));
    expect(sent().at(-1)).toBe(1);
    expect((await settled(at))("TOKEN-draft")).toBe(1);
  });
}
