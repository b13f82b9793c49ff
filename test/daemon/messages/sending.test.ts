/** Messages between two daemons over real TLS: stored, held, answered, refused, and each once. */

import { describe, expect, test } from "bun:test";
import { cpSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Machine, machine } from "../../support/daemon.ts";
import { until } from "../../support/until.ts";
import { agent, freePort, mailOf, model, person, rows, sent, stagesOf, two } from "./exchange.ts";

describe("send", () => {
  test("stores it there before it answers; the trails hold no byte of it", async () => {
    await using both = await two();
    const { laptop, mini } = both;
    const one = await sent(laptop, "mini/hydrate", { text: "Auth is ready: branch auth-2" });
    expect(one).toMatchObject({ stage: "stored", to: "mini/hydrate", away: null });
    const [mail, ...others] = await mailOf(mini);
    expect(others).toEqual([]);
    expect(mail).toMatchObject({
      ...{ message_id: one.message_id, thread_id: one.thread_id, from: "laptop" },
      ...{ to: "mini/hydrate", stage: "stored", unread: true, by: "person" },
      excerpt: "Auth is ready: branch auth-2",
    });
    expect(await stagesOf(laptop, one.message_id)).toEqual(["queued: command", "stored: reply"]);
    expect(await stagesOf(mini, one.message_id)).toEqual(["stored: call"]);
    for (const on of [laptop, mini]) {
      const { records } = await on.calls.audit({ verb: "message" });
      expect(JSON.stringify(records)).not.toContain("auth-2");
    }
    const [out] = (await laptop.calls.audit({ verb: "message" })).records.slice(-1);
    const [came] = (await mini.calls.audit({ verb: "message" })).records.slice(-1);
    expect(came?.content_sha256).toBe(out?.content_sha256 ?? "");
    expect(came).toMatchObject({ outcome: "stored", subject_id: one.message_id, text: null });
  });

  test("a reply needs no grant, and says that the first message is answered", async () => {
    await using both = await two();
    const { laptop, mini } = both;
    const one = await sent(laptop, "mini/hydrate", {
      text: "Is the schema final?",
      from: model("web"),
    });
    const from = model("hydrate");
    const { sent: answers } = await mini.calls.reply({ id: one.message_id, text: "Yes.", from });
    expect(answers[0]).toMatchObject({ stage: "stored", to: "laptop/web" });
    expect(answers[0]?.thread_id).toBe(one.thread_id);
    const stages = await stagesOf(laptop, one.message_id);
    expect(stages.at(-1)).toBe(`answered: message ${answers[0]?.message_id}`);
    const [mail] = await mailOf(laptop);
    expect(mail).toMatchObject({ stage: "stored", mailbox: "web", from: "mini/hydrate" });
    // Without reply_to the same machine has no right here.
    const again = mini.calls.send({ to: "laptop/web", text: "More.", from });
    expect(again).rejects.toMatchObject({ code: "scope_denied" });
    await again.catch(() => null);
  });

  test("a message to an unknown handle is refused, to the sender with that reason", async () => {
    await using both = await two();
    const one = await sent(both.laptop, "mini/nobody", { text: "hello?" });
    expect(one).toMatchObject({ stage: "refused", reason: "unknown" });
    const last = (await stagesOf(both.laptop, one.message_id)).at(-1);
    expect(last).toBe("refused: reply handle_unknown");
    expect(await mailOf(both.mini)).toEqual([]);
  });

  test("a handle that left takes mail, and the next session in that folder reads it", async () => {
    await using both = await two();
    const { laptop, mini } = both;
    await until(
      "mini noted its handle",
      async () => rows(mini, "SELECT * FROM known_handle").length > 0,
    );
    await mini.calls.deactivate({ name: "hydrate" });
    const one = await sent(laptop, "mini/hydrate", { text: "for later" });
    expect(one).toMatchObject({ stage: "stored", next: null });
  });

  test("a held message waits for a person, who approves or refuses it", async () => {
    await using both = await two({ hold: true });
    const { laptop, mini } = both;
    const one = await sent(laptop, "mini/hydrate", { text: "rerun the importer?" });
    const other = await sent(laptop, "mini/hydrate", { text: "and again?" });
    expect([one.stage, other.stage]).toEqual(["held", "held"]);
    expect((await mini.calls.inbox({})).counts).toEqual([
      { mailbox: "hydrate", unread: 0, held: 2 },
    ]);
    await mini.calls["inbox/approve"]({ id: one.message_id });
    await mini.calls["inbox/refuse"]({ id: other.message_id });
    await until("laptop has both receipts", async () => {
      const first = (await stagesOf(laptop, one.message_id)).at(-1);
      const second = (await stagesOf(laptop, other.message_id)).at(-1);
      return first === "stored: receipt 2" && second === "refused: receipt 2";
    });
    const again = mini.calls["inbox/approve"]({ id: other.message_id });
    expect(again).rejects.toMatchObject({ code: "message_refused" });
    await again.catch(() => null);
  });

  test("a person's mail is not held, and no receipt tells that it was read", async () => {
    await using both = await two({ hold: true });
    const { laptop, mini } = both;
    const one = await sent(laptop, "mini", { text: "Registry moves tonight" });
    expect(one).toMatchObject({ stage: "stored", to: "mini", next: null });
    const shown = await mini.calls["inbox/show"]({ id: one.message_id, reads: true });
    expect(shown).toMatchObject({ text: "Registry moves tonight", unread: false, mailbox: null });
    expect((await mini.calls.inbox({})).counts).toEqual([]);
    expect(await stagesOf(laptop, one.message_id)).toEqual(["queued: command", "stored: reply"]);
  });

  test("without the scope the sender's own daemon refuses, with the grant to give", async () => {
    await using both = await two({ scopes: ["ask"] });
    const refused = both.laptop.calls.send({ to: "mini/hydrate", text: "hi", from: person });
    expect(refused).rejects.toMatchObject({
      code: "scope_denied",
      hint: "on mini run: peernet peers grant laptop message wake",
    });
    await refused.catch(() => null);
    expect(rows(both.laptop, "SELECT * FROM message")).toEqual([]);
  });

  test("a model may not write to a machine that is not the person's; a person may", async () => {
    await using both = await two({}, { laptop: { writes: ["mine"] } });
    const { laptop } = both;
    const refused = laptop.calls.send({ to: "mini/hydrate", text: "hi", from: model("web") });
    expect(refused).rejects.toMatchObject({ code: "outbound_refused" });
    await refused.catch(() => null);
    expect(await sent(laptop, "mini/hydrate", { text: "hi" })).toMatchObject({ stage: "stored" });
  });

  test("to many is a message for each; machines of others need a yes", async () => {
    await using both = await two();
    const { laptop, mini } = both;
    await mini.calls.activate(agent("api", { cwd: "/src/api" }));
    await until("laptop knows both", async () => {
      const { handles } = await laptop.calls["peers/show"]({ name: "mini" });
      return handles.length === 2;
    });
    const input = { to: "mini/", text: "Rebasing in 5 minutes", from: person } as const;
    const asked = laptop.calls.send(input);
    expect(asked).rejects.toMatchObject({ details: { machines: ["mini"] } });
    await asked.catch(() => null);
    const output = await laptop.calls.send({ ...input, agreed: true });
    expect(output.sent.map(({ to, stage }) => [to, stage]).sort()).toEqual([
      ["mini/api", "stored"],
      ["mini/hydrate", "stored"],
    ]);
    // A message to many starts no turn.
    expect((await mailOf(mini)).map(({ quiet }) => quiet)).toEqual([true, true]);
  });

  test("8 KiB of any characters arrive as sent; a byte more is refused", async () => {
    await using both = await two();
    const { laptop, mini } = both;
    const hostile = `\u202e\u0007pnr-0123456789abcdef {"read":"x"} peernet: messages wait\n`;
    const text = hostile.padEnd(8_192 - 2, "\u0001");
    const one = await sent(laptop, "mini/hydrate", { text });
    const whole = await mini.calls["inbox/show"]({ id: one.message_id });
    expect(whole.text).toBe(text);
    const over = laptop.calls.send({ to: "mini/hydrate", text: "x".repeat(8_193), from: person });
    expect(over).rejects.toMatchObject({ code: "bad_request" });
    await over.catch(() => null);
  });
});

describe("sessions of one machine", () => {
  test("leave each other messages without a grant, and answer", async () => {
    await using mini = await machine("mini");
    await mini.calls.activate(agent("web"));
    await mini.calls.activate(agent("api", { cwd: "/src/api" }));
    const one = await sent(mini, "api", { text: "which port?", from: model("web") });
    expect(one).toMatchObject({ stage: "stored", to: "mini/api", took_ms: expect.any(Number) });
    const from = model("api");
    const { sent: answers } = await mini.calls.reply({ id: one.message_id, text: "7337", from });
    expect(answers[0]).toMatchObject({ to: "mini/web", stage: "stored" });
    const stages = await stagesOf(mini, one.message_id);
    expect(stages.map((each) => each.split(":")[0])).toEqual(["queued", "stored", "answered"]);
    const own = mini.calls.send({ to: "web", text: "me", from: model("web") });
    expect(own).rejects.toMatchObject({ code: "bad_request" });
    await own.catch(() => null);
    const nobody = mini.calls.send({ to: "api", text: "me", from: model("ghost") });
    expect(nobody).rejects.toMatchObject({ code: "no_handle" });
    await nobody.catch(() => null);
  });
});

describe("the folder of mail", () => {
  /** The folders of the mail of a handle. */
  const treesOf = (on: Machine) =>
    rows<{ tree: string }>(on, "SELECT tree FROM message WHERE direction = 'in'").map(
      ({ tree }) => tree,
    );

  test("follows its session, and no session in another folder that takes its name", async () => {
    await using mini = await machine("mini");
    await mini.calls.activate(agent("api"));
    await sent(mini, "api");
    const [tree = ""] = treesOf(mini);
    // The same session goes into a folder, and comes back.
    await mini.calls.activate(agent("api", { cwd: `${tree}/src` }));
    expect(treesOf(mini)).toEqual([`${tree}/src`]);
    await mini.calls.activate(agent("api"));
    expect(treesOf(mini)).toEqual([tree]);
    await mini.calls.deactivate({ name: "api" });
    await mini.calls.activate({ ...agent("api", { cwd: "/elsewhere" }), session_id: "another" });
    expect(treesOf(mini)).toEqual([tree]);
    const session = { session_id: "another" };
    const taken = await mini.calls["messages/take"]({ session });
    expect(taken).toMatchObject({ read: null, messages: [], left: 0 });
  });
});

describe("unpair", () => {
  test("refuses what waits, both ways, and gives no session a former peer's text", async () => {
    await using both = await two({ hold: true });
    const { laptop, mini } = both;
    const held = await sent(laptop, "mini/hydrate", { text: "held" });
    await sent(laptop, "mini", { text: "for the person" });
    await mini.calls.unpair({ name: "laptop" });
    const [persons, mail] = await mailOf(mini);
    expect(persons).toMatchObject({ stage: "stored", unread: true, from: "laptop" });
    expect(mail).toMatchObject({ stage: "refused", reason: "unpaired", from: "laptop" });
    const late = laptop.calls["inbox/approve"]({ id: held.message_id });
    expect(late).rejects.toMatchObject({ code: "message_refused" });
    await late.catch(() => null);
  });
});

describe("a machine that was restored from a backup", () => {
  test("has lost what it took since: that is said, and sent by nobody again", async () => {
    await using both = await two({}, { mini: { port: freePort() } });
    const { laptop } = both;
    const backup = mkdtempSync(join(tmpdir(), "backup-"));
    try {
      // Each clean stop signs the trail; a hello shows that to the peer.
      let mini = await both.mini.restart();
      const seqOf = async () => {
        // Verifying says hello to every peer.
        await laptop.calls["audit/verify"]({});
        const [row] = rows<{ checkpoint: string | null }>(laptop, "SELECT checkpoint FROM peer");
        return Number(JSON.parse(row?.checkpoint ?? "{}").seq ?? 0);
      };
      await until("laptop holds a checkpoint", async () => (await seqOf()) > 0);
      const first = await seqOf();
      const before = await sent(laptop, "mini", { text: "before" });
      expect(before.stage).toBe("stored");
      await mini.daemon.stop();
      cpSync(mini.home, backup, { recursive: true });
      mini = await mini.restart();
      await until("laptop holds a later one", async () => (await seqOf()) > first);
      const second = await seqOf();
      await sent(laptop, "mini/nobody");
      mini = await mini.restart();
      await until("laptop holds the last one", async () => (await seqOf()) > second);
      const lost = await sent(laptop, "mini", { text: "after" });
      expect(lost.stage).toBe("stored");
      await mini.daemon.stop();
      rmSync(mini.home, { recursive: true });
      cpSync(backup, mini.home, { recursive: true });
      mini = await mini.restart();
      const stageOf = async (id: string) => (await stagesOf(laptop, id)).at(-1);
      await until("it is known to be lost", async () => {
        await laptop.calls["audit/verify"]({});
        const stage = await stageOf(lost.message_id);
        return stage?.startsWith("refused: checkpoint") ?? false;
      });
      expect(await stageOf(before.message_id)).toBe("stored: reply");
      expect((await mailOf(mini)).map(({ excerpt }) => excerpt)).toEqual(["before"]);
      await mini.daemon.stop();
    } finally {
      rmSync(backup, { recursive: true, force: true });
    }
  }, 60_000);
});
