/** Messages to a machine that nobody can dial, which is then restored from a backup. */

import { expect, test } from "bun:test";
import { cpSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Machine, machine, pair } from "../../support/daemon.ts";
import { until } from "../../support/until.ts";
import { mailOf, rows, sent, stagesOf } from "./exchange.ts";

/** Leaves a message for the person at the reader, and waits until it is stored there. */
async function stored(sender: Machine, text: string): Promise<string> {
  const { message_id } = await sent(sender, "reader", { text });
  await until("it is stored", async () =>
    (await stagesOf(sender, message_id)).some((stage) => stage.startsWith("stored: reply")),
  );
  return message_id;
}

test("over its own connections too it says what it has lost, and takes none twice", async () => {
  await using sender = await machine("sender");
  let reader = await machine("reader", { isUnlistening: true });
  const backup = mkdtempSync(join(tmpdir(), "backup-"));
  try {
    await pair(sender, reader);
    const entries = [{ scope: "message", names: null } as const];
    await reader.calls["peers/grant"]({ name: "sender", entries, hold: false });
    const isReversed = async () => {
      const [peer] = (await sender.calls.peers({})).peers;
      return peer?.link_reason === "its_connections" && peer.grants.ours.includes("message");
    };
    await until("its own connections carry calls", isReversed);
    const seqOf = async () => {
      await sender.calls["audit/verify"]({});
      const [row] = rows<{ checkpoint: string | null }>(sender, "SELECT checkpoint FROM peer");
      return Number(JSON.parse(row?.checkpoint ?? "{}").seq ?? 0);
    };
    const before = await stored(sender, "before");
    // Each clean stop signs the trail; a hello shows that to the peer.
    await reader.daemon.stop();
    cpSync(reader.home, backup, { recursive: true });
    const first = await seqOf();
    reader = await reader.restart();
    await until("the sender holds the backup's checkpoint", async () => (await seqOf()) > first);
    const second = await seqOf();
    reader = await reader.restart();
    await until("the sender holds a later one", async () => (await seqOf()) > second);
    await until("its own connections are back", isReversed);
    const lost = await stored(sender, "after");
    await reader.daemon.stop();
    rmSync(reader.home, { recursive: true });
    cpSync(backup, reader.home, { recursive: true });
    reader = await reader.restart();
    await until("it is known to be lost", async () => {
      await sender.calls["audit/verify"]({});
      const last = (await stagesOf(sender, lost)).at(-1);
      return last?.startsWith("refused: checkpoint") ?? false;
    });
    expect((await stagesOf(sender, before)).at(-1)).toBe("stored: reply");
    expect((await mailOf(reader)).map(({ excerpt }) => excerpt)).toEqual(["before"]);
  } finally {
    await reader[Symbol.asyncDispose]();
    rmSync(backup, { recursive: true, force: true });
  }
}, 90_000);
