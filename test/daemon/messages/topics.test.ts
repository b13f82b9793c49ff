/** Topics between two daemons: told by subscription, stored once a subscriber, never waking. */

import { describe, expect, test } from "bun:test";
import { mailboxMax } from "../../../src/contract/messages/limits.ts";
import { subscribersMax, topicsMax } from "../../../src/contract/topics/limits.ts";
import type { Machine } from "../../support/daemon.ts";
import { until } from "../../support/until.ts";
import { agent, freePort, mailOf, model, person, stagesOf, two } from "./exchange.ts";

const subscribe = (on: Machine, topic: string, from: typeof person | ReturnType<typeof model>) =>
  on.calls["topics/subscribe"]({ topic, from });

const post = (on: Machine, topic: string, text = "api 2.4 is live") =>
  on.calls.send({ to: null, topic, text, from: person, agreed: true });

/** Grants laptop a topic of mini by its name alone. */
const grantTopic = (mini: Machine, topic: string) =>
  mini.calls["peers/grant"]({
    name: "laptop",
    entries: [{ scope: "message", names: [`@${topic}`] }],
    hold: false,
  });

/** Waits until a machine knows whether the other has a subscriber that it may send to. */
const known = (on: Machine, topic: string, isSubscribed: boolean) =>
  until(`${topic} is ${isSubscribed ? "" : "not "}subscribed there`, async () => {
    const sent = await post(on, topic, "probe").catch(() => null);
    return (sent !== null) === isSubscribed;
  });

describe("send() to a topic", () => {
  test("reaches each subscriber of a machine once, quietly, and nobody else", async () => {
    await using both = await two({ mine: true });
    const { laptop, mini } = both;
    await mini.calls.activate(agent("api"));
    await subscribe(mini, "deploys", model("hydrate"));
    await subscribe(mini, "deploys", person);
    await known(laptop, "deploys", true);
    const { sent, refused } = await post(laptop, "deploys");
    expect(refused).toEqual([]);
    expect(sent).toEqual([expect.objectContaining({ to: "mini/@deploys", stage: "stored" })]);
    const mail = (await mailOf(mini)).filter(({ excerpt }) => excerpt === "api 2.4 is live");
    expect(mail.map(({ mailbox, topic, quiet }) => [mailbox, topic, quiet])).toEqual([
      [null, "deploys", false],
      ["hydrate", "deploys", true],
    ]);
    // No receipt of a subscriber follows: its stages are told to nobody.
    await mini.calls["messages/take"]({ session: { session_id: "id-hydrate" } });
    const [own] = sent;
    expect(await stagesOf(laptop, own?.message_id ?? "")).toEqual([
      "queued: command",
      "stored: reply",
    ]);
  });

  test("a subscriber's reply reaches its writer, and says so", async () => {
    await using both = await two({ mine: true });
    const { laptop, mini } = both;
    await subscribe(mini, "deploys", model("hydrate"));
    await known(laptop, "deploys", true);
    const from = model("web");
    const asked = { to: null, topic: "deploys", text: "who?", agreed: true } as const;
    const { sent } = await laptop.calls.send({ ...asked, from });
    const copy = (await mailOf(mini)).find(({ excerpt }) => excerpt === "who?");
    const answer = { id: copy?.message_id ?? "", text: "I do", from: model("hydrate") };
    const { sent: answers } = await mini.calls.reply(answer);
    expect(answers[0]).toMatchObject({ stage: "stored", to: "laptop/web" });
    expect((await stagesOf(laptop, sent[0]?.message_id ?? "")).at(-1)).toStartWith("answered: ");
    expect((await mailOf(mini)).find(({ excerpt }) => excerpt === "who?")?.stage).toBe("answered");
  });

  test("a peer learns only of topics that its grant names and that have a subscriber", async () => {
    await using both = await two({ scopes: ["ask", "message"] });
    const { laptop, mini } = both;
    await subscribe(mini, "deploys", model("hydrate"));
    await subscribe(mini, "salaries", person);
    // An entry for every handle names no topic.
    await known(laptop, "deploys", false);
    await grantTopic(mini, "deploys");
    await known(laptop, "deploys", true);
    await known(laptop, "salaries", false);
    const out = await laptop.calls.topics({});
    expect(out.subscriptions).toEqual([]);
    const { subscriptions } = await mini.calls.topics({});
    expect(subscriptions).toEqual([
      { topic: "deploys", mailbox: "hydrate", senders: ["laptop"] },
      { topic: "salaries", mailbox: null, senders: [] },
    ]);
    await mini.calls["topics/unsubscribe"]({ topic: "deploys", from: model("hydrate") });
    await known(laptop, "deploys", false);
    // Nobody's words are written into a mailbox that the grant does not name.
    expect((await mailOf(mini)).every(({ topic }) => topic === "deploys")).toBe(true);
  });

  test("subscribers of this machine receive it too, but never its writer", async () => {
    await using both = await two();
    const { laptop } = both;
    await laptop.calls.activate(agent("api"));
    await subscribe(laptop, "deploys", model("web"));
    await subscribe(laptop, "deploys", model("api"));
    const from = model("web");
    const { sent } = await laptop.calls.send({ to: null, topic: "deploys", text: "up", from });
    expect(sent.map(({ to, stage }) => [to, stage])).toEqual([["laptop/api", "stored"]]);
  });

  test("a full mailbox takes no more, and the other subscribers still do", async () => {
    await using both = await two({ mine: true });
    const { laptop, mini } = both;
    await mini.calls.activate(agent("api"));
    await subscribe(mini, "deploys", model("api"));
    for (let each = 0; each < mailboxMax; each += 1) {
      await mini.calls.send({ to: "hydrate", text: `${each}`, from: person });
    }
    await subscribe(mini, "deploys", model("hydrate"));
    await known(laptop, "deploys", true);
    const { sent } = await post(laptop, "deploys");
    expect(sent[0]?.stage).toBe("stored");
    await mini.calls["topics/unsubscribe"]({ topic: "deploys", from: model("api") });
    const again = await post(laptop, "deploys", "again");
    expect(again.sent[0]).toMatchObject({ stage: "refused", reason: "full" });
  }, 30_000);
});

describe("a topic's message to a machine that is away", () => {
  test("is stored there once it is back, and after a restart here", async () => {
    await using both = await two({ mine: true }, { mini: { port: freePort() } });
    await subscribe(both.mini, "deploys", model("hydrate"));
    await known(both.laptop, "deploys", true);
    await both.mini.daemon.stop();
    const { sent } = await post(both.laptop, "deploys", "while you were out");
    expect(sent[0]?.stage).toBe("queued");
    const laptop = await both.laptop.restart();
    const mini = await both.mini.restart();
    await until("it is stored", async () => {
      const stages = await stagesOf(laptop, sent[0]?.message_id ?? "");
      return stages.at(-1) === "stored: reply";
    });
    const mail = (await mailOf(mini)).filter(({ excerpt }) => excerpt === "while you were out");
    expect(mail.map(({ mailbox }) => mailbox)).toEqual(["hydrate"]);
    await laptop.daemon.stop();
    await mini.daemon.stop();
  }, 30_000);

  test("does not leave if nobody there subscribes any more", async () => {
    await using both = await two({ mine: true }, { mini: { port: freePort() } });
    const { laptop } = both;
    await subscribe(both.mini, "deploys", model("hydrate"));
    await known(laptop, "deploys", true);
    await both.mini.daemon.stop();
    const { sent } = await post(laptop, "deploys", "for nobody");
    const { Database } = await import("bun:sqlite");
    using database = new Database(`${both.mini.home}/state.db`);
    database.run("DELETE FROM subscription");
    const mini = await both.mini.restart();
    await until("it has ended", async () => {
      const stages = await stagesOf(laptop, sent[0]?.message_id ?? "");
      return stages.at(-1) === "expired: outbox";
    });
    const { records } = await mini.calls.audit({ verb: "message" });
    expect(records.filter(({ outcome }) => outcome === "handle_unknown")).toEqual([]);
    await mini.daemon.stop();
  }, 30_000);
});

describe("topics/subscribe", () => {
  test(`holds ${topicsMax} topics, and ${subscribersMax} subscribers of each`, async () => {
    await using both = await two();
    const { mini } = both;
    for (let each = 0; each < topicsMax; each += 1) await subscribe(mini, `t${each}`, person);
    const over = subscribe(mini, "more", person);
    expect(over).rejects.toMatchObject({ code: "topic_limit" });
    await over.catch(() => null);
    expect(await subscribe(mini, "t0", person)).toMatchObject({ changed: false });
    for (let each = 1; each < subscribersMax; each += 1) {
      await mini.calls.activate(agent(`s${each}`));
      await subscribe(mini, "t0", model(`s${each}`));
    }
    const full = subscribe(mini, "t0", model("hydrate"));
    expect(full).rejects.toMatchObject({ code: "topic_limit" });
    await full.catch(() => null);
    expect((await subscribe(mini, "t1", model("hydrate"))).changed).toBe(true);
  }, 30_000);
});
