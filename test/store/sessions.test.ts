import { Database } from "bun:sqlite";
import { describe, expect, test } from "bun:test";
import { sessionsRememberedMax } from "../../src/contract/limits.ts";
import { Id } from "../../src/contract/terms.ts";
import type { RememberedSession } from "../../src/core/sessions/hook.ts";
import { migrations } from "../../src/store/schema.ts";
import type { SessionTable } from "../../src/store/sessions.ts";
import { lease } from "../core/samples.ts";
import { folder, type Opened, open, opened } from "./opened.ts";

const session = (more: Partial<RememberedSession> = {}): RememberedSession => ({
  harness: "claude-code",
  session_id: "a",
  name: "hydrate",
  process: { pid: 7, start_time: "1" },
  left: false,
  ...more,
});

/** Commits what is done to the sessions. */
async function doing(of: Opened, run: (sessions: SessionTable) => void): Promise<SessionTable> {
  const done = of.store.transact(({ sessions }) => ({ value: run(sessions) }));
  of.flush();
  await done;
  return of.store.tables.sessions;
}

describe("sessions", () => {
  test("put() keeps a session by its harness and id, get() has every field of it", async () => {
    using of = opened();
    const other = session({ harness: "codex", name: "flow", left: true });
    const sessions = await doing(of, ({ put }) => [session(), other].forEach(put));
    expect(sessions.get("claude-code", "a")).toStrictEqual(session());
    expect(sessions.get("codex", "a")).toStrictEqual(other);
    expect(sessions.get("claude-code", "b")).toBeNull();
    const again = open(of.path);
    expect(again.tables.sessions.get("codex", "a")).toStrictEqual(other);
    again.close();
  });

  test("put() replaces what was known of a session", async () => {
    using of = opened();
    const changed = session({ name: "flow", left: true });
    const sessions = await doing(of, ({ put }) => [session(), changed].forEach(put));
    expect(sessions.get("claude-code", "a")).toStrictEqual(changed);
    expect(of.seen("SELECT count(*) FROM session")).toEqual([1]);
  });

  test("ofProcess() has the newest session of exactly that process", async () => {
    using of = opened();
    const second = session({ session_id: "b" });
    const sessions = await doing(of, ({ put }) => [session(), second, session()].forEach(put));
    expect(sessions.ofProcess("claude-code", { pid: 7, start_time: "1" })).toStrictEqual(session());
    expect(sessions.ofProcess("claude-code", { pid: 7, start_time: "2" })).toBeNull();
    expect(sessions.ofProcess("codex", { pid: 7, start_time: "1" })).toBeNull();
  });

  test("rejoin() takes back that the sessions of a process left, and of no other", async () => {
    using of = opened();
    const left = session({ left: true });
    const other = session({ session_id: "b", left: true, process: { pid: 8, start_time: "1" } });
    const sessions = await doing(of, ({ put, rejoin }) => {
      put(left);
      put(other);
      rejoin("claude-code", left.process);
    });
    expect(sessions.get("claude-code", "a")?.left).toBe(false);
    expect(sessions.get("claude-code", "b")?.left).toBe(true);
  });

  test("put() forgets the session that was put longest ago for one too many", async () => {
    using of = opened();
    const ids = Array.from({ length: sessionsRememberedMax }, (_, at) => `s-${at}`);
    const sessions = await doing(of, ({ put }) => {
      for (const session_id of ids) put(session({ session_id }));
      put(session({ session_id: "s-0" }));
    });
    expect(sessions.get("claude-code", "s-1")).not.toBeNull();
    await doing(of, ({ put }) => put(session({ session_id: "one-more" })));
    expect(of.seen("SELECT count(*) FROM session")).toEqual([sessionsRememberedMax]);
    expect(sessions.get("claude-code", "s-0")).not.toBeNull();
    expect(sessions.get("claude-code", "s-1")).toBeNull();
  });
});

describe("openStore() of a database of the first schema", () => {
  test("openStore() keeps what is in it, and remembers sessions from then on", async () => {
    using home = folder();
    const old = new Database(home.database, { create: true, strict: true });
    for (const statement of migrations[0] ?? []) old.run(statement);
    old.run("UPDATE generation SET last = 41");
    old.run(
      `INSERT INTO lease VALUES ('hydrate', 41, 'claude-code', 'session-a', 4242, '111',
        '/home/ada/src/hydrate', 'hydrate', 'run-1', 1, 2, NULL, 3, 'backing off', 4, 'working',
        5, 6)`,
    );
    old.run("PRAGMA user_version = 1");
    old.close();
    const { tables, transact, close } = open(home.database);
    const dates = { started_boot_ms: 1, renewed_boot_ms: 2, git_boot_ms: 3, summary_boot_ms: 4 };
    const states = { state_since_boot_ms: 5, state_boot_ms: 6 };
    const before = { generation: 41, run: "run-1", git: null };
    const [lease_id = ""] = tables.leases.all().map((each) => each.lease_id);
    expect(Id.parse(lease_id)).toBe(lease_id);
    const kept = lease({ ...before, ...dates, ...states, lease_id });
    expect(tables.leases.all()).toStrictEqual([kept]);
    await transact(({ sessions }) => ({ value: sessions.put(session()) }));
    expect(tables.sessions.get("claude-code", "a")).toStrictEqual(session());
    expect(await transact(({ leases }) => ({ value: leases.nextGeneration() }))).toBe(42);
    close();
  });

  test("openStore() opens what it migrated once more, as it is", () => {
    using home = folder();
    open(home.database).close();
    open(home.database).close();
    const looked = new Database(home.database, { readonly: true });
    expect(looked.query("PRAGMA user_version").values()).toEqual([[migrations.length]]);
    looked.close();
  });
});
