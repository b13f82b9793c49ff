/** `peernet dashboard` on its terminal: the page that it opens, its output, and its end. */

import { describe, expect, test } from "bun:test";
import { main } from "../../src/cli/cli.ts";
import type { ServedPage, ServedPageOptions } from "../../src/cli/terminal/io.ts";
import { browserPatienceMs } from "../../src/contract/limits.ts";
import { noDaemon, type Scene, type Stage, stage, text } from "../cli/support.ts";
import { until } from "../support/until.ts";

interface FakePage extends ServedPage {
  readonly open: (came: boolean) => void;
  readonly end: (why: "unused" | "left" | "closed") => void;
  useAgain(): void;
}

/** Pages that a test opens and ends by hand. */
function pages(): { readonly served: FakePage[]; readonly serve: Scene["serveDashboard"] } {
  const served: FakePage[] = [];
  const serve = async ({ onSecondUse, opens }: ServedPageOptions): Promise<ServedPage> => {
    const host = opens ? "127.9.8.7" : "127.0.0.1";
    const port = 40_000 + served.length;
    const opened = Promise.withResolvers<boolean>();
    const ended = Promise.withResolvers<"unused" | "left" | "closed">();
    const page: FakePage = {
      port,
      link: `http://${host}:${port}/#secret-${served.length}`,
      file: `/home/u/.peernet/dashboard-${port}.html`,
      opened: opened.promise,
      ended: ended.promise,
      close: async () => ended.resolve("closed"),
      open: opened.resolve,
      end: ended.resolve,
      useAgain: onSecondUse,
    };
    served.push(page);
    return page;
  };
  return { served, serve };
}

interface Running extends Stage {
  readonly served: readonly FakePage[];
  readonly exit: Promise<number>;
}

/** Starts the command and waits for its first page. */
async function running(line: string, scene: Scene = {}): Promise<Running> {
  const { served, serve } = pages();
  const answers = { status: async () => ({}) as never };
  const set = stage({
    answers,
    ...scene,
    ...(serve === undefined ? {} : { serveDashboard: serve }),
  });
  const exit = main(line.split(" "), set.io);
  await until("it has printed", () => set.out() !== "" || set.err() !== "");
  return { ...set, served, exit };
}

const opens = text("the dashboard opens in your browser, from 127.9.8.7:40000");

describe("peernet dashboard", () => {
  test("opens the file, never the link, and ends when the tab is closed", async () => {
    const run = await running("dashboard");
    expect(run.done).toEqual(["serveDashboard", "openFile /home/u/.peernet/dashboard-40000.html"]);
    run.served[0]?.end("left");
    expect(await run.exit).toBe(0);
    expect([run.out(), run.err()]).toEqual([opens, text("the tab is closed")]);
  });

  test("starts the daemon where none runs, and fails with it", async () => {
    const { serve } = pages();
    const set = stage({
      answers: { status: noDaemon },
      ensureDaemon: noDaemon,
      ...(serve === undefined ? {} : { serveDashboard: serve }),
    });
    expect(await main(["dashboard"], set.io)).toBe(3);
    expect(set.done).toEqual(["ensureDaemon"]);
  });

  test("shows the link when no browser comes in time, and not when one does", async () => {
    const run = await running("dashboard");
    await run.effects.timers.advance(browserPatienceMs);
    expect(run.err()).toBe(
      text(
        "no browser has come yet; this link works in any on this machine, once:",
        "http://127.9.8.7:40000/#secret-0",
      ),
    );
    run.served[0]?.end("unused");
    expect(await run.exit).toBe(0);
    const other = await running("dashboard");
    other.served[0]?.open(true);
    await other.effects.timers.advance(browserPatienceMs);
    expect(other.err()).toBe("");
    other.interrupt();
    expect(await other.exit).toBe(130);
  });

  test("prints the link when nothing can open it", async () => {
    const run = await running("dashboard", { openFile: async () => false });
    run.interrupt();
    await run.exit;
    // Served again at the address that a tunnel can lead to; the first is served no more.
    expect(run.out()).toBe(text("http://127.0.0.1:40001/#secret-1"));
    expect(await run.served[0]?.ended).toBe("closed");
    expect(run.err()).toStartWith(text("no browser could be opened from here"));
  });

  test("--no-open prints the link and how to reach it from another machine", async () => {
    const run = await running("dashboard --no-open");
    run.interrupt();
    expect(await run.exit).toBe(130);
    expect(run.done).toEqual(["serveDashboard"]);
    expect(run.out()).toBe(text("http://127.0.0.1:40000/#secret-0"));
    expect(run.err()).toBe(
      text(
        "the link works once, in a browser on this machine; for one on another, run there:",
        "ssh -N -L 40000:127.0.0.1:40000 HOST",
      ),
    );
  });

  test("over SSH opens nothing, and says how this very login reaches it", async () => {
    const environment = { SSH_CONNECTION: "10.0.0.9 50000 10.0.0.7 2222", USER: "ada" };
    const run = await running("dashboard", { environment });
    run.interrupt();
    await run.exit;
    expect(run.done).toEqual(["serveDashboard"]);
    expect(run.err()).toContain("ssh -N -L 40000:127.0.0.1:40000 -p 2222 ada@10.0.0.7\n");
  });

  test("--json says one object, with the link only where it was not opened", async () => {
    const shown = await running("dashboard --no-open --json");
    shown.interrupt();
    await shown.exit;
    expect(JSON.parse(shown.out())).toEqual({
      url: "http://127.0.0.1:40000/#secret-0",
      port: 40_000,
      opened: false,
    });
    expect(shown.err()).toBe("");
    const opened = await running("dashboard --json");
    opened.interrupt();
    await opened.exit;
    expect(JSON.parse(opened.out())).toEqual({ url: null, port: 40_000, opened: true });
  });

  test("gives another tab for each Enter, and ends with the last", async () => {
    const run = await running("dashboard", { terminal: { stdin: true }, lines: ["", ""] });
    await until("three are served", () => run.served.length === 3);
    run.served[0]?.end("left");
    run.served[2]?.end("left");
    await until("it says so", () => run.err().split("the tab is closed").length === 3);
    run.served[1]?.end("left");
    expect(await run.exit).toBe(0);
  });

  test("says that a link was used twice", async () => {
    const run = await running("dashboard");
    run.served[0]?.useAgain();
    expect(run.err()).toBe(
      text(
        "a link was used a second time, which was refused; if you see no page, someone else has " +
          "it: end this by Ctrl-C",
      ),
    );
    run.interrupt();
    expect(await run.exit).toBe(130);
  });

  test("closes every page when it is interrupted", async () => {
    const run = await running("dashboard", { terminal: { stdin: true }, lines: [""] });
    await until("two are served", () => run.served.length === 2);
    run.interrupt();
    expect(await run.exit).toBe(130);
    expect(await Promise.all(run.served.map(({ ended }) => ended))).toEqual(["closed", "closed"]);
  });
});
