/** Mail at its limits: repeated ids, budgets, hops, full mailboxes, clocks, removed messages. */

import { describe, expect, test } from "bun:test";
import {
  hopsMax,
  mailboxMax,
  messageKeptMs,
  messageLifeMs,
  messagesAlone,
  nameKnownMs,
  threadAlone,
  tombstoneMs,
} from "../../../src/contract/messages/limits.ts";
import type { Scope } from "../../../src/contract/terms.ts";
import { type Machine, machine } from "../../support/daemon.ts";
import { until } from "../../support/until.ts";
import type { RawConnection } from "../attack/connection.ts";
import { type Moved, moved } from "../attack/moved.ts";
import { enrol } from "../attack/pairing.ts";
import { agent, model, rows } from "./exchange.ts";

/** A machine whose clocks stand still, and a peer by hand that may write to it. */
interface Desk extends AsyncDisposable {
  readonly on: Machine;
  readonly time: Moved;
  /** Sends a message; returns the code of its refusal, else its stage and what comes next. */
  leave(more?: object): Promise<string>;
}

async function desk(scopes: readonly Scope[] = ["ask", "message", "wake"]): Promise<Desk> {
  const time = moved();
  const on = await machine("mini", { effects: time.effects });
  const peer = await enrol(on);
  const entries = scopes.map((scope) => ({ scope, names: null }));
  await on.calls["peers/revoke"]({ name: "mallory", scopes: null });
  await on.calls["peers/grant"]({ name: "mallory", entries, hold: false });
  await on.calls.activate(agent("hydrate"));
  const connection: RawConnection = await peer.connect();
  const fields = {
    ...{ reply_to: null, from: "web", to: "hydrate", by: "person", text: "hello" },
    ...{ salt: "A".repeat(22), age_ms: 0, expires_in_ms: messageLifeMs },
  };
  const leave = async (more: object = {}): Promise<string> => {
    // The bucket of calls is full again after a second.
    time.move({ monotonicMs: 1_000 });
    const ids = { message_id: Bun.randomUUIDv7(), thread_id: Bun.randomUUIDv7() };
    const reply = await connection.post("message", { ...ids, ...fields, ...more }, peer);
    const body = JSON.parse(reply?.body ?? "{}");
    return reply?.status === 200 ? `${body.stage} ${body.next}` : body.error.code;
  };
  return {
    ...{ on, time, leave },
    [Symbol.asyncDispose]: async () => {
      connection[Symbol.dispose]();
      await on[Symbol.asyncDispose]();
    },
  };
}

describe("an id that was used before", () => {
  test("gets its first outcome again, and no fact of this moment; one row is there", async () => {
    await using here = await desk();
    const ids = { message_id: Bun.randomUUIDv7(), thread_id: Bun.randomUUIDv7() };
    expect(await here.leave(ids)).toBe("stored prompt");
    expect(await here.leave(ids)).toBe("stored null");
    await here.on.calls["peers/revoke"]({ name: "mallory", scopes: null });
    expect(await here.leave(ids)).toBe("stored null");
    expect(rows(here.on, "SELECT * FROM message")).toHaveLength(1);
  });

  test("with another text or reader is refused; the first is untouched", async () => {
    await using here = await desk();
    const ids = { message_id: Bun.randomUUIDv7(), thread_id: Bun.randomUUIDv7() };
    await here.leave(ids);
    expect(await here.leave({ ...ids, text: "other" })).toBe("id_conflict");
    expect(await here.leave({ ...ids, to: null })).toBe("id_conflict");
    const kept = await here.on.calls["inbox/show"]({ id: ids.message_id });
    expect(kept).toMatchObject({ text: "hello", stage: "stored", unread: true });
  });

  test("stays known for 90 days after its message was removed", async () => {
    await using here = await desk();
    const { on, time } = here;
    const ids = { message_id: Bun.randomUUIDv7(), thread_id: Bun.randomUUIDv7() };
    await here.leave({ ...ids, to: null });
    await on.calls["inbox/show"]({ id: ids.message_id, reads: true });
    // The wall clock, by which tokens end, stands still.
    time.move({ bootMs: messageKeptMs });
    time.sweep();
    const removed = () => rows(on, "SELECT * FROM message").length === 0;
    await until("the message is removed", async () => removed());
    expect(rows(on, "SELECT * FROM tombstone")).toHaveLength(1);
    expect(await here.leave({ ...ids, to: null })).toBe("stored null");
    expect(await here.leave({ ...ids, to: null, text: "other" })).toBe("id_conflict");
    expect(removed()).toBe(true);
    time.move({ bootMs: tombstoneMs });
    time.sweep();
    await until("it is forgotten", async () => rows(on, "SELECT * FROM tombstone").length === 0);
  });
});

describe("what a peer learns", () => {
  test("a handle that never was, is not granted, or is long gone", async () => {
    await using here = await desk(["message"]);
    const { on, time } = here;
    expect(await here.leave()).toBe("stored null");
    expect(await here.leave({ to: "nobody" })).toBe("handle_unknown");
    await on.calls["peers/grant"]({
      ...{ name: "mallory", hold: false },
      entries: [{ scope: "message", names: ["api"] }],
    });
    expect(await here.leave()).toBe("handle_unknown");
    // The person is no handle: a grant of handles does not name the person.
    expect(await here.leave({ to: null })).toBe("handle_unknown");
    await on.calls["peers/grant"]({
      ...{ name: "mallory", hold: false },
      entries: [{ scope: "message", names: null }],
    });
    time.sweep();
    await until("it is noted", async () => rows(on, "SELECT * FROM known_handle").length === 1);
    await on.calls.deactivate({ name: "hydrate" });
    time.pass(nameKnownMs);
    expect(await here.leave()).toBe("stored null");
    time.pass(1);
    expect(await here.leave()).toBe("handle_unknown");
  });

  test("a name from before the grant is unknown", async () => {
    await using here = await desk(["ask"]);
    const { on, time } = here;
    time.sweep();
    await until("it is noted", async () => rows(on, "SELECT * FROM known_handle").length === 1);
    await on.calls.deactivate({ name: "hydrate" });
    time.pass(60_000);
    await on.calls["peers/grant"]({
      ...{ name: "mallory", hold: false },
      entries: [{ scope: "message", names: null }],
    });
    time.pass(1_000);
    expect(await here.leave()).toBe("handle_unknown");
  });

  test("without the scope the refusal is open, and no text is stored", async () => {
    await using here = await desk(["ask"]);
    expect(await here.leave()).toBe("scope_denied");
    expect(rows(here.on, "SELECT * FROM message")).toEqual([]);
  });
});

describe("budgets", () => {
  test("the 49th message without a person is quiet, by any sender", async () => {
    await using here = await desk();
    for (let nth = 0; nth < messagesAlone; nth += 1) {
      expect(await here.leave({ from: `s${nth}` })).toBe("stored prompt");
    }
    expect(await here.leave({ from: "other" })).toBe("stored quiet");
    // A person's answer there lets a further 48 through.
    const [first] = (await here.on.calls.inbox({})).messages;
    const from = { by: "person" as const };
    const id = first?.message_id ?? "";
    await here.on.calls.reply({ id, text: "yes", from }).catch(() => null);
    here.time.pass(1);
    expect(await here.leave({ from: "other" })).toBe("stored prompt");
  });

  test("the 25th message of a thread in an hour is quiet", async () => {
    await using here = await desk();
    const thread_id = Bun.randomUUIDv7();
    for (let nth = 0; nth < threadAlone; nth += 1) {
      expect(await here.leave({ thread_id })).toBe("stored prompt");
    }
    expect(await here.leave({ thread_id })).toBe("stored quiet");
    expect(await here.leave()).toBe("stored prompt");
  });

  test("the 201st message that waits is refused", async () => {
    await using here = await desk();
    for (let nth = 0; nth < mailboxMax; nth += 1) await here.leave({ to: null });
    expect(await here.leave({ to: null })).toBe("inbox_full");
    expect(await here.leave()).toBe("stored prompt");
  });

  test("a chain of seven answers is refused, by replies and by new threads", async () => {
    await using on = await machine("mini");
    await on.calls.activate(agent("api", { cwd: "/src/api" }));
    await on.calls.activate(agent("web"));
    for (const byReply of [true, false]) {
      const ends = ["api", "web"] as const;
      let last: string | null = null;
      let count = 0;
      const next = async (): Promise<boolean> => {
        const to = ends[(count + 1) % 2] ?? "api";
        const from = model(ends[count % 2] ?? "web");
        const reply_to = byReply ? last : null;
        const output = await on.calls
          .send({ to, text: "thanks", from, reply_to })
          .catch((error: unknown) => {
            expect(error).toMatchObject({ code: "message_refused", details: { reason: "hops" } });
            return null;
          });
        last = output?.sent[0]?.message_id ?? null;
        count += 1;
        return output !== null;
      };
      while (await next());
      expect(count - 1).toBe(hopsMax + 1);
      // A person acts at both.
      for (const name of ends) {
        const mail = (await on.calls.inbox({ handle: name })).messages;
        const id = mail[0]?.message_id ?? "";
        await on.calls.reply({ id, text: "go on", from: { by: "person" } });
      }
    }
  });
});

describe("time", () => {
  test("unread mail expires after 7 days, and its sender is told", async () => {
    await using here = await desk();
    const { on, time } = here;
    await here.leave();
    time.pass(messageLifeMs - 1);
    time.sweep();
    await on.calls.status({});
    expect((await on.calls.inbox({ all: true })).messages[0]).toMatchObject({ stage: "stored" });
    time.pass(1);
    time.sweep();
    await until("it is expired", async () => {
      const [mail] = (await on.calls.inbox({ all: true })).messages;
      return mail?.stage === "expired" && mail.reason === "unread" && !mail.unread;
    });
    const due = rows(on, "SELECT * FROM outbox WHERE kind = 'receipt'");
    expect(due).toHaveLength(1);
  });

  test("a wall clock that is a year off, and back again, expires nothing", async () => {
    await using here = await desk();
    const { on, time } = here;
    await here.leave();
    for (const wallMs of [365 * 86_400_000, -2 * 365 * 86_400_000, 365 * 86_400_000]) {
      time.move({ wallMs });
      time.sweep();
      await on.calls.status({});
      const [mail] = (await on.calls.inbox({ all: true })).messages;
      expect(mail).toMatchObject({ stage: "stored", unread: true });
    }
  });

  test("a message that its sender no longer wants to be read is refused", async () => {
    await using here = await desk();
    expect(await here.leave({ expires_in_ms: 0 })).toBe("message_expired");
    expect(await here.leave({ expires_in_ms: 1 })).toBe("stored prompt");
  });
});
