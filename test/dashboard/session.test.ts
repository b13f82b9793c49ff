/** The link, its one exchange, and how long a tab's session lives. */

import { describe, expect, test } from "bun:test";
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { basename, join } from "node:path";
import { sessionAwayMs } from "../../src/contract/limits/dashboard.ts";
import { secretBytes, secretLifeMs, sessionIdleMs } from "../../src/contract/limits.ts";
import { createSession } from "../../src/dashboard/session.ts";
import { fakeEffects } from "../support/effects.ts";
import { skipUnless } from "../support/skip.ts";
import { until } from "../support/until.ts";
import { registered, type Served, served } from "./served.ts";

const refused = {
  error: {
    code: "unauthenticated",
    message: "the link was used before, or is not one of this session",
    hint: "peernet dashboard",
  },
};

const onLinux = skipUnless(process.platform === "linux", "only Linux answers at all of 127/8");

/** The names in a state folder that lead to a link. */
const linkFiles = ({ home }: Served): string[] =>
  readdirSync(home).filter((name) => name.startsWith("dashboard"));

describe("a link", () => {
  test("P37: A link to the dashboard opens one tab, once; after it come only that tab's reloads and copies. A second use is told on the terminal", async () => {
    await using page = await served();
    const first = await page.post("/session", { secret: page.secret });
    const { bearer, ...rest } = Object(await first.json());
    const told = { tab: "1", command: "/opt/peernet", registrations: registered };
    expect([first.status, rest]).toEqual([200, told]);
    expect(bearer).toMatch(/^[A-Za-z0-9_-]{43}$/);
    expect(page.secondUses()).toBe(0);
    for (const times of [1, 2]) {
      const again = await page.post("/session", { secret: page.secret });
      expect([again.status, await again.json()]).toEqual([401, refused]);
      expect(page.secondUses()).toBe(times);
    }
    // The first holder goes on.
    expect((await page.post("/v1/status", {}, { bearer })).status).not.toBe(401);
  });

  test("lets its tab in again by the bearer, as another page of the same session", async () => {
    await using page = await served();
    await page.enter();
    const again = await page.post("/session", {});
    const told = { tab: "2", command: "/opt/peernet", registrations: registered };
    expect([again.status, await again.json()]).toEqual([200, told]);
    for (const bearer of [null, "", page.secret, "x".repeat(43)]) {
      const stranger = await page.post("/session", {}, { bearer });
      expect([stranger.status, await stranger.json()]).toEqual([401, refused]);
    }
    expect(page.secondUses()).toBe(0);
  });

  test("lets nobody say that its tab leaves without the bearer, and goes on after it", async () => {
    await using page = await served();
    await page.enter();
    const stranger = await page.post("/session", { leaving: true }, { bearer: null });
    expect([stranger.status, await stranger.json()]).toEqual([401, refused]);
    const left = await page.post("/session", { leaving: true }, { tab: "1" });
    expect([left.status, await left.json()]).toEqual([200, {}]);
    expect((await page.post("/session", {})).status).toBe(200);
  });

  test("used by two at the same moment lets in one", async () => {
    await using page = await served();
    const tries = Array.from({ length: 20 }, () => page.post("/session", { secret: page.secret }));
    const statuses = (await Promise.all(tries)).map(({ status }) => status);
    expect(statuses.filter((status) => status === 200).length).toBe(1);
    expect(page.secondUses()).toBe(19);
  });

  test("with another secret is refused, and the terminal shows nothing", async () => {
    await using page = await served();
    const secrets = ["", "x", page.secret.slice(1), `${page.secret}=`, page.secret.toLowerCase()];
    const bodies = [...secrets.map((secret) => ({ secret })), {}, [], null, { secret: null }];
    for (const body of [...bodies, "{", "[".repeat(10_000), { secret: [page.secret] }]) {
      const response = await page.post("/session", body);
      expect([response.status, await response.json()]).toEqual([401, refused]);
    }
    expect(page.secondUses()).toBe(0);
    await page.enter();
  });

  test("is a secret of 256 bits behind the #, and another each time", async () => {
    await using page = await served();
    await using other = await served();
    expect(page.dashboard.link).toBe(`${page.origin}/#${page.secret}`);
    expect(Buffer.from(page.secret, "base64url").length).toBe(secretBytes);
    expect(other.secret).not.toBe(page.secret);
  });

  test("lies in a 0600 file that goes when it is used", async () => {
    await using page = await served();
    const { file } = page.dashboard;
    expect(linkFiles(page)).toEqual([file.slice(page.home.length + 1)]);
    expect(file).not.toContain(page.secret);
    expect(statSync(file).mode & 0o777).toBe(0o600);
    expect(readFileSync(file, "utf8")).toContain(`url=${page.dashboard.link}"`);
    await page.enter();
    await until("the file is gone", () => !existsSync(file));
  });

  test("that is never used goes with its file when the page is closed", async () => {
    await using page = await served();
    await page.dashboard.close();
    expect(linkFiles(page)).toEqual([]);
    expect(await page.dashboard.ended).toBe("closed");
    expect(await page.dashboard.opened).toBe(false);
    await expect(fetch(page.origin)).rejects.toThrow();
  });

  test("of a server that was killed goes with the next, and no other does", async () => {
    await using page = await served();
    const left = readFileSync(page.dashboard.file, "utf8");
    // A port that was somebody's a moment ago, and is nobody's now.
    const gone = Bun.serve({ hostname: "127.0.0.1", port: 0, fetch: () => new Response() });
    await gone.stop(true);
    const stale = left.replace(page.origin, `http://127.0.0.1:${gone.port}`);
    const place = (name: string, text: string): void =>
      writeFileSync(join(page.home, name), text, { mode: 0o600 });
    place(`dashboard-${gone.port}.html`, stale);
    place(`dashboard-${gone.port}.html.next`, stale);
    place("dashboard-x.html", stale);
    place("dashboard-2.html.next", "<!doctype");
    mkdirSync(join(page.home, "dashboard-1.html"));
    await using next = await served(page);
    const links = [page, next].map(({ dashboard }) => basename(dashboard.file));
    const others = ["dashboard-1.html", "dashboard-2.html.next", "dashboard-x.html"];
    expect(linkFiles(page).sort()).toEqual([...links, ...others].sort());
  });

  onLinux("at another address of loopback is left while that is served", async () => {
    await using page = await served(null, { hostname: "127.9.8.7" });
    await using next = await served(page);
    const links = [page, next].map(({ dashboard }) => basename(dashboard.file));
    expect(linkFiles(page).sort()).toEqual(links.sort());
  });
});

describe("createSession()", () => {
  const session = () => {
    const effects = fakeEffects();
    return { effects, session: createSession(effects) };
  };

  test("ends when its link was not used in time, on both sides of the instant", async () => {
    const { effects, session: unused } = session();
    let why = "";
    void unused.ended.then((end) => {
      why = end;
    });
    await effects.timers.advance(secretLifeMs - 1);
    expect(why).toBe("");
    await effects.timers.advance(1);
    expect(why).toBe("unused");
  });

  test("ends a minute after its tab has left, not while it is there", async () => {
    const { effects, session: used } = session();
    let why = "";
    void used.ended.then((end) => {
      why = end;
    });
    expect(used.exchange(used.secret)).toHaveProperty("bearer");
    expect(await used.opened).toBe(true);
    const leave = used.presence.enter("1");
    await effects.timers.advance(10 * secretLifeMs);
    const leaveOther = used.presence.enter("1");
    leave();
    leave();
    await effects.timers.advance(10 * sessionIdleMs);
    expect(why).toBe("");
    used.presence.leave("1");
    leaveOther();
    await effects.timers.advance(sessionIdleMs - 1);
    expect(why).toBe("");
    await effects.timers.advance(1);
    expect(why).toBe("left");
  });

  test("keeps the session of a tab that its browser discarded, until the tab is back", async () => {
    const { effects, session: used } = session();
    let why = "";
    void used.ended.then((end) => {
      why = end;
    });
    used.exchange(used.secret);
    // A discarded tab ends without a word.
    used.presence.enter("1")();
    await effects.timers.advance(sessionAwayMs - 1);
    expect(why).toBe("");
    used.presence.comeBack();
    const leave = used.presence.enter("2");
    await effects.timers.advance(2 * sessionAwayMs);
    used.presence.leave("2");
    leave();
    await effects.timers.advance(sessionIdleMs - 1);
    expect(why).toBe("");
    await effects.timers.advance(1);
    expect(why).toBe("left");
  });

  test("ends 12 h after a discarded tab, when it does not come back", async () => {
    const { effects, session: used } = session();
    let why = "";
    void used.ended.then((end) => {
      why = end;
    });
    used.exchange(used.secret);
    const leaves = [used.presence.enter("1"), used.presence.enter("2")];
    used.presence.leave("2");
    for (const leave of leaves) leave();
    await effects.timers.advance(sessionAwayMs - 1);
    expect(why).toBe("");
    await effects.timers.advance(1);
    expect(why).toBe("left");
  });

  test("admits nothing before its exchange, its bearer alone after it, nothing at its end", () => {
    const { session: used } = session();
    const offers = [null, "", "Bearer ", "Bearer null", `Bearer ${used.secret}`];
    expect(offers.map((offer) => used.admits(offer))).not.toContain(true);
    const exchanged = used.exchange(used.secret);
    const bearer = typeof exchanged === "string" ? "" : exchanged.bearer;
    expect(offers.map((offer) => used.admits(offer))).not.toContain(true);
    expect(used.admits(`Bearer ${bearer}`)).toBe(true);
    expect(used.admits(bearer)).toBe(false);
    used.end("closed");
    expect(used.admits(`Bearer ${bearer}`)).toBe(false);
    expect(used.exchange(used.secret)).toBe("used");
  });

  test("exchanges no secret after its time", async () => {
    const { effects, session: late } = session();
    await effects.timers.advance(secretLifeMs);
    expect(late.exchange(late.secret)).toBe("wrong");
  });
});
