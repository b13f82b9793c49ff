import { describe, expect, test } from "bun:test";
import { symlinkSync } from "node:fs";
import { join } from "node:path";
import { leaseLifeMs } from "../../../src/contract/limits.ts";
import { type Machine, machine, pair, session } from "../../support/daemon.ts";
import { configure, everywhere, homeWith, told } from "../../support/hooks.ts";
import { until } from "../../support/until.ts";
import { moved } from "../attack/moved.ts";
import { refusalOf } from "../attack/refusal.ts";

const nothing = { handle: null, refused: null, taken: false, visible_to: [], live: [] };
const verbs = async ({ calls }: Machine): Promise<readonly string[]> =>
  (await calls.audit({ all: true })).records.flatMap(({ verb, handle }) =>
    handle === null ? [] : [`${verb} ${handle}`],
  );

describe("hook", () => {
  test("a session takes a handle at its start, works, and gives it up at its end", async () => {
    await using on = await machine("mini", { home: homeWith(everywhere) });
    expect(await on.calls.hook(told({ state: "idle" }))).toEqual({
      ...nothing,
      handle: "mini/hydrate",
      taken: true,
    });
    const working = await on.calls.hook(told({ event: "state", state: "working" }));
    expect(working).toEqual({ ...nothing, handle: "mini/hydrate" });
    expect((await on.calls.status({})).handles).toMatchObject([
      { handle: "mini/hydrate", harness: "claude-code", state: "working", git: null },
    ]);
    expect(await on.calls.hook(told({ event: "end" }))).toEqual(nothing);
    expect((await on.calls.status({})).handles).toEqual([]);
    expect(await on.calls.hook(told({ event: "end" }))).toEqual(nothing);
    expect(await verbs(on)).toEqual(["activate hydrate", "deactivate hydrate"]);
  });

  test("another session id in the same process takes the handle over, unrecorded", async () => {
    await using on = await machine("mini", { home: homeWith(everywhere) });
    await on.calls.hook(told({ state: "working" }));
    await on.calls.summary({ selector: { name: "hydrate" }, text: "backing off" });
    const [before] = (await on.calls.leases({})).leases;
    const next = told({ session_id: "session-b", cwd: "/home/ada/src/flow", project: "flow" });
    expect(await on.calls.hook(next)).toEqual({ ...nothing, handle: "mini/hydrate" });
    const [after] = (await on.calls.leases({})).leases;
    const changed = { session_id: "session-b", cwd: "/home/ada/src/flow", project: "flow" };
    const ages = { state_age_ms: 0, started_age_ms: 0 };
    expect({ ...after, ...ages }).toEqual({ ...before, ...changed, ...ages });
    expect((await on.calls.status({})).handles[0]?.summary).toBe("backing off");
    expect(await verbs(on)).toEqual(["activate hydrate"]);
    // The end of the one before comes late, and is not the end of this one.
    expect(await on.calls.hook(told({ event: "end" }))).toEqual(nothing);
    expect((await on.calls.leases({})).leases.length).toBe(1);
  });

  test("P27: A handle does not follow its session into a folder that is excluded, by whichever of its paths.", async () => {
    const settings = `${everywhere}\nsessions.exclude = ["/home/ada/secret"]`;
    await using on = await machine("mini", { home: homeWith(settings) });
    await on.calls.hook(told());
    const secret = { root: "/home/ada/secret", cwd: "/home/ada/secret/src", project: "secret" };
    const moved = told({ ...secret, session_id: "session-b" });
    expect(await on.calls.hook(moved)).toEqual({ ...nothing, refused: "folder" });
    expect((await on.calls.status({})).handles).toEqual([]);
    // Written otherwise in the settings: the hook, which follows links, has seen what it is.
    await on.calls.hook(told());
    const linked = { root: "/data/s", cwd: "/data/s/src", project: "s", excluded: true };
    const there = await on.calls.hook(told({ ...linked, session_id: "session-b" }));
    expect(there).toEqual({ ...nothing, refused: "folder" });
    expect((await on.calls.status({})).handles).toEqual([]);
    // One that a person took there stays, and comes back with its session from elsewhere.
    await on.calls.activate(
      session({ harness: "claude-code", session_id: "session-a", ...secret }),
    );
    expect(await on.calls.hook(told(secret))).toMatchObject({ refused: null, taken: false });
  });

  test("a session that resumes in another process keeps its handle, or has its name", async () => {
    await using on = await machine("mini", { home: homeWith(everywhere) });
    await on.calls.activate(session({ name: "own", harness: "claude-code", session_id: "a" }));
    const resumed = told({ session_id: "a", process: { pid: 9, start_time: "9" } });
    expect(await on.calls.hook(resumed)).toMatchObject({ handle: "mini/own", taken: false });
    expect((await on.calls.leases({})).leases[0]?.process).toEqual({ pid: 9, start_time: "9" });
    await on.calls.hook({ ...resumed, event: "end" });
    const again = { ...resumed, process: { pid: 10, start_time: "9" } };
    expect(await on.calls.hook(again)).toMatchObject({ handle: "mini/own", taken: true });
    await on.calls.hook({ ...again, event: "end" });
    await on.calls.activate(session({ name: "own" }));
    expect(await on.calls.hook(again)).toMatchObject({ handle: "mini/hydrate", taken: true });
  });

  test("a session that its user released takes no handle until it is activated", async () => {
    await using on = await machine("mini", { home: homeWith(everywhere) });
    await on.calls.hook(told());
    await on.calls.deactivate({ session_id: "session-a" });
    const left = { ...nothing, refused: "left" } as const;
    expect(await on.calls.hook(told())).toEqual(left);
    expect(await on.calls.hook(told({ event: "state", state: "working" }))).toEqual(left);
    // Neither does what follows it in its process, nor does it after the daemon started again.
    expect(await on.calls.hook(told({ session_id: "session-b" }))).toEqual(left);
    await using again = await on.restart();
    expect(await again.calls.hook(told())).toEqual(left);
    const { process } = told();
    if (process === null) throw new Error("no process");
    const own = session({ harness: "claude-code", session_id: "session-a", process });
    await again.calls.activate(own);
    expect(await again.calls.hook(told())).toMatchObject({ handle: "mini/hydrate" });
    await again.calls.hook(told({ event: "end" }));
    expect(await again.calls.hook(told())).toMatchObject({ handle: "mini/hydrate", taken: true });
  });

  test("a session whose process was found gone has not left", async () => {
    await using on = await machine("mini", { home: homeWith(everywhere) });
    await on.calls.hook(told());
    const [kept] = (await on.calls.leases({})).leases;
    if (kept === undefined) throw new Error("no lease");
    const { name, generation } = kept;
    await on.calls.deactivate({ name, generation, gone: true });
    expect(await on.calls.hook(told())).toMatchObject({ handle: "mini/hydrate", taken: true });
  });

  test("a start after the daemon started again makes the held handle live", async () => {
    await using on = await machine("mini", { home: homeWith(everywhere) });
    await on.calls.hook(told());
    await using again = await on.restart();
    expect((await again.calls.status({})).handles).toEqual([]);
    expect(await again.calls.hook(told())).toMatchObject({ handle: "mini/hydrate", taken: false });
    expect((await again.calls.status({})).handles.length).toBe(1);
  });

  test("a state takes the handle again of a session that had one, and of no other", async () => {
    const time = moved();
    await using on = await machine("mini", { ...time, home: homeWith(everywhere) });
    const working = told({ event: "state", state: "working" });
    expect(await on.calls.hook(working)).toEqual(nothing);
    await on.calls.hook(told());
    time.pass(leaseLifeMs);
    expect(await on.calls.hook(working)).toMatchObject({ handle: "mini/hydrate", taken: true });
    expect((await on.calls.status({})).handles[0]?.state).toBe("working");
    expect(await verbs(on)).toEqual(["activate hydrate", "expire hydrate", "activate hydrate"]);
  });

  test("fifty sessions that start at once have fifty handles", async () => {
    await using on = await machine("mini", { home: homeWith(everywhere) });
    const starts = Array.from({ length: 50 }, (_, at) =>
      on.calls.hook(told({ session_id: `s-${at}`, process: { pid: 100 + at, start_time: "1" } })),
    );
    const handles = (await Promise.all(starts)).map(({ handle }) => handle);
    expect(new Set(handles).size).toBe(50);
    expect(handles.toSorted()).toContain("mini/hydrate-50");
    expect((await on.calls.leases({})).leases.length).toBe(50);
  });

  test("what no hook tells is refused by what is wrong in it", async () => {
    await using on = await machine("mini", { home: homeWith(everywhere) });
    const garbage: readonly (readonly [key: string, value: unknown])[] = [
      ["harness", "Claude Code"],
      ["session_id", ""],
      ["session_id", "x".repeat(129)],
      ["event", "stop"],
      ["state", "thinking"],
      ["process", { pid: 0, start_time: "1" }],
      ["cwd", "a\0b"],
      ["root", "/x".repeat(3_000)],
      ["sole", "yes"],
    ];
    for (const [key, value] of garbage) {
      // What a client of another version sends is not what the types say.
      const call = on.calls.hook({ ...told(), [key]: value } as ReturnType<typeof told>);
      const { code, message } = await refusalOf(call);
      expect([code, message.startsWith(key)]).toEqual(["bad_request", true]);
    }
    expect((await on.calls.leases({})).leases).toEqual([]);
  });

  test("a start receives the live handles of the machines that it may ask", async () => {
    await using mini = await machine("mini", { home: homeWith(everywhere) });
    await using laptop = await machine("laptop", { home: homeWith(everywhere) });
    await laptop.calls.activate(session({ name: "flow" }));
    await pair(mini, laptop);
    await until("mini knows laptop's handles", async () => {
      const [peer] = (await mini.calls.peers({})).peers;
      return peer?.handles.length === 1;
    });
    const given = { visible_to: ["laptop"], live: ["laptop/flow"] };
    expect(await mini.calls.hook(told())).toMatchObject(given);
    const unasked = { visible_to: [], live: [] };
    expect(await mini.calls.hook(told({ event: "state" }))).toMatchObject(unasked);
  });
});

describe("hook asks the settings each time", () => {
  const asked = async (on: Machine, more: Parameters<typeof told>[0] = {}) =>
    (await on.calls.hook(told(more))).refused;

  test("an edit of config.toml holds for the next session", async () => {
    const home = homeWith("");
    await using on = await machine("mini", { home });
    expect(await asked(on)).toBe("off");
    configure(home, everywhere);
    expect(await asked(on, { root: null })).toBe("no_repository");
    expect(await asked(on, { headless: true })).toBe("headless");
    expect(await asked(on, { process: null })).toBe("no_process");
    configure(home, `${everywhere}\nsessions.exclude = ["/home/ada/src"]`);
    expect(await asked(on)).toBe("folder");
    configure(home, `${everywhere}\nsessions.headless = true`);
    expect(await on.calls.hook(told({ headless: true }))).toMatchObject({ taken: true });
    // A handle that a session has is its own, whatever comes later.
    configure(home, "");
    expect(await on.calls.hook(told())).toMatchObject({ handle: "mini/hydrate", refused: null });
  });

  test("unreadable settings give no session a handle, and are logged once", async () => {
    const home = homeWith("sessions = 3");
    const logged: unknown[] = [];
    const effects = (real: Parameters<NonNullable<Watched>>[0]) => ({
      ...real,
      log: { ...real.log, error: (...entry: unknown[]) => logged.push(entry) },
    });
    await using on = await machine("mini", { home, effects });
    expect([await asked(on), await asked(on)]).toEqual(["config", "config"]);
    expect(logged.length).toBe(1);
    expect(JSON.stringify(logged)).toContain("config.toml: sessions");
    const path = join(home, "config.toml");
    const other = homeWith(everywhere);
    await Bun.file(path).delete();
    symlinkSync(join(other, "config.toml"), path);
    expect(await asked(on)).toBe("config");
    expect(logged.length).toBe(2);
    await Bun.file(path).delete();
    expect(Bun.spawnSync(["mkfifo", path]).exitCode).toBe(0);
    expect(await asked(on)).toBe("config");
    expect((await on.calls.leases({})).leases).toEqual([]);
  });
});

type Watched = NonNullable<Parameters<typeof machine>[1]>["effects"];
