/**
 * The moments at which a handing of messages can be misjudged, each made on purpose with the real
 * clients. Judged by the client's record each text stands in the conversation once; the two rules
 * that do without it lose, or double.
 */

import { expect, setDefaultTimeout } from "bun:test";
import { readFileSync, writeFileSync } from "node:fs";
import { withClients } from "./support/driving.ts";
import { killClient } from "./support/kills.ts";
import { freshOf, left, mailModel, rowsOf, type Woken } from "./support/mail.ts";
import { says, soon } from "./support/peernet.ts";
import { resumed, type Scene, scene, settled } from "./support/scene.ts";

const test = withClients("claude", "codex");
setDefaultTimeout(400_000);

/** The client is killed when it has the result, before its model answers. */
async function crash(at: Scene, text: string): Promise<number> {
  const { stub, laptop } = at;
  mailModel(stub, () => {
    release = stub.hold();
    return null;
  });
  let release = (): void => {};
  const id = await left(laptop, "mini/hydrate", text);
  const last = () => stub.turns.some((turn) => freshOf(turn).includes(text));
  await soon(`${id} is in a request`, async () => last());
  await resumed(at);
  release();
  mailModel(stub);
  return (await settled(at))(text);
}

/** The hook that would tell of the result is killed. */
async function hook(at: Scene, text: string): Promise<number> {
  const { stub, laptop, kills } = at;
  kills.at("PostToolUse");
  await left(laptop, "mini/hydrate", text);
  await soon("it is in a request", async () =>
    stub.turns.some((turn) => freshOf(turn).includes(text)),
  );
  await says(at.mini, "idle");
  kills.none();
  return (await settled(at))(text);
}

/** The MCP server is killed with the result; the client starts no other, and comes back. */
async function server(at: Scene, text: string): Promise<number> {
  const { laptop, kills, mini } = at;
  kills.at("mcp");
  await left(laptop, "mini/hydrate", text);
  await soon("it was given", async () => rowsOf(mini, "SELECT nonce FROM handover").length > 0);
  await says(mini, "idle");
  kills.none();
  await soon("it is judged", async () =>
    rowsOf<{ doubt: string | null; state: string }>(mini, "SELECT * FROM handover").every(
      ({ doubt, state }) => doubt === null && state !== "given",
    ),
  );
  await resumed(at);
  return (await settled(at))(text);
}

/** The client is killed, again and again, in the moment at which its message counts as surfaced. */
async function surfacing(at: Scene, texts: readonly string[]): Promise<readonly number[]> {
  // An earlier handover may be lost meanwhile: each text is looked for by itself.
  const surfaced = (text: string): string =>
    `SELECT nonce FROM handover JOIN message ON handover = nonce
      WHERE text = '${text}' AND state = 'surfaced'`;
  for (const text of texts) {
    await left(at.laptop, "mini/hydrate", text);
    await soon("it surfaced", async () => rowsOf(at.mini, surfaced(text)).length > 0);
    await resumed(at);
  }
  const times = await settled(at);
  return texts.map(times);
}

const moments = { crash, hook, server } as const;

/** The handovers that each moment leaves: `ended` shows that the client's record was its judge. */
const marks = {
  crash: [{ state: "surfaced", ended: 0 }],
  hook: [{ state: "surfaced", ended: 1 }],
  server: [
    { state: "lost", ended: 1 },
    { state: "surfaced", ended: 0 },
  ],
} as const;

for (const client of ["claude", "codex"] as const satisfies readonly Woken[]) {
  for (const [name, moment] of Object.entries(moments)) {
    test(`M8: ${client}, ${name}: a text stands in the conversation once`, async () => {
      await using at = await scene(client, null);
      expect(await moment(at, `TOKEN-${name}`)).toBe(1);
      const made = rowsOf<{ state: string; ended: number }>(
        at.mini,
        "SELECT state, ended FROM handover ORDER BY given_ms",
      );
      // A client that is killed may have written the result, or not: both are judged.
      expect(name === "crash" ? made.slice(-1) : made).toEqual(marks[name as keyof typeof marks]);
    });
  }
}

for (const client of ["claude", "codex"] as const satisfies readonly Woken[]) {
  test(`M8: ${client}, killed as a text surfaces: it stands in the conversation once`, async () => {
    await using at = await scene(client, null);
    const texts = ["TOKEN-a", "TOKEN-b", "TOKEN-c"];
    expect(await surfacing(at, texts)).toEqual([1, 1, 1]);
  });
}

/**
 * The client notes that the tool has ended, and is killed before it takes the result into the
 * conversation: its record is cut there, as the kill leaves it in one case of hundreds.
 */
async function cut(at: Scene, text: string): Promise<number> {
  const { laptop, mini } = at;
  await left(laptop, "mini/hydrate", text);
  const surfaced = "SELECT nonce, record FROM handover WHERE state = 'surfaced'";
  const found = () => rowsOf<{ nonce: string; record: string }>(mini, surfaced)[0];
  await soon("it surfaced", async () => found() !== undefined);
  await says(mini, "idle");
  await killClient(mini);
  const { nonce = "", record = "" } = found() ?? {};
  const lines = readFileSync(record, "utf8").split("\n");
  const note = lines.findIndex((line) => line.includes(nonce));
  expect(lines[note]).toContain('"type":"event_msg"');
  writeFileSync(record, `${lines.slice(0, note + 1).join("\n")}\n`);
  await resumed(at);
  return (await settled(at))(text);
}

test("M8: codex, killed between its note and the result: the text stands there once", async () => {
  await using at = await scene("codex", null);
  expect(await cut(at, "TOKEN-cut")).toBe(1);
});

test("given again without a look into the record, a text stands there twice", async () => {
  await using at = await scene("claude", "not_there");
  expect(await hook(at, "TOKEN-twice")).toBe(2);
});

test("believed without a look into the record, a text is lost, and told as read", async () => {
  await using at = await scene("claude", "there");
  expect(await server(at, "TOKEN-lost")).toBe(0);
  expect(rowsOf(at.mini, "SELECT state FROM handover")).toEqual([{ state: "surfaced" }]);
});
