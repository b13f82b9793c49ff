/** `peernet dashboard`: opens the page, and serves it for as long as a tab uses it. */

import { browserPatienceMs } from "../../contract/limits.ts";
import { started } from "../../session/started.ts";
import { type Context, command } from "../frame/command.ts";
import type { Flags } from "../frame/flags.ts";
import { interruptible } from "../terminal/interrupt.ts";
import type { Io, ServedPage } from "../terminal/io.ts";
import { note, printJson, printLine } from "../terminal/output.ts";

const flags = {
  "no-open": { kind: "switch", summary: "print the link, which works once, instead" },
} as const satisfies Flags;

type DashboardContext = Context<typeof flags>;

/** Serves the page until its last tab is gone. */
export const dashboard = command({
  flags,
  examples: ["peernet dashboard", "peernet dashboard --no-open"],
  async run({ io, flags: { "no-open": noOpen }, json }: DashboardContext) {
    await started(io, () => io.calls().status({}));
    // The browser would open where nobody sees it.
    const isRemote = io.environment.SSH_CONNECTION !== undefined;
    return serve(io, { opens: !noOpen && !isRemote, json });
  },
});

interface Serving {
  /** True when a browser shall open the page. */
  readonly opens: boolean;
  readonly json: boolean;
}

function serve(io: Io, serving: Serving): Promise<number> {
  return interruptible(io, async (signal) => {
    const pages = new Set<ServedPage>();
    const over = Promise.withResolvers<void>();
    signal.addEventListener("abort", () => over.resolve(), { once: true });
    const add = async (): Promise<void> => {
      const { page, opened } = await servedAndOpened(io, serving);
      pages.add(page);
      void page.ended.then((why) => {
        pages.delete(page);
        if (!signal.aborted && !serving.json) note(io, ends[why]);
        if (pages.size === 0) over.resolve();
      });
      show(io, page, { ...serving, opened });
    };
    try {
      await add();
      if (!serving.json && io.terminal().stdin) addOnEnter(io, add, over);
      await over.promise;
      signal.throwIfAborted();
      return 0;
    } finally {
      await Promise.all([...pages].map((page) => page.close()));
    }
  });
}

const usedTwice =
  "a link was used a second time, which was refused; if you see no page, someone else has it: " +
  "end this by Ctrl-C";

const ends = {
  left: "the tab is closed",
  unused: "the link was not used in time, and works no more",
  closed: "the page is no longer served",
} as const;

/** Gives the page another tab on Enter: a link opens only one. */
function addOnEnter(
  io: Io,
  add: () => Promise<void>,
  over: Pick<PromiseWithResolvers<void>, "reject">,
): void {
  note(io, "Enter opens another tab, Ctrl-C ends all");
  const read = async (): Promise<void> => {
    while ((await io.readLine()) !== null) await add();
  };
  read().catch(over.reject);
}

/**
 * Serves the page and opens it. Without a browser here, it is served on an address that a remote
 * browser can be forwarded to.
 */
async function servedAndOpened(io: Io, { opens }: Serving) {
  const serve = (isOpened: boolean): Promise<ServedPage> =>
    io.serveDashboard({ onSecondUse: () => note(io, usedTwice), opens: isOpened });
  if (opens) {
    const page = await serve(true);
    if (await io.openFile(page.file)) return { page, opened: true };
    await page.close();
  }
  return { page: await serve(false), opened: false };
}

interface Shown extends Serving {
  readonly opened: boolean;
}

function show(io: Io, page: ServedPage, { opens, opened, json }: Shown): void {
  if (json) {
    printJson(io, { url: opened ? null : page.link, port: page.port, opened });
    return;
  }
  if (!opened) {
    if (opens) note(io, "no browser could be opened from here");
    printLink(io, page);
    return;
  }
  printLine(io, `the dashboard opens in your browser, from ${new URL(page.link).host}`);
  const cancel = io.timers.after(browserPatienceMs, () => {
    note(io, "no browser has come yet; this link works in any on this machine, once:");
    note(io, page.link);
  });
  void page.opened.then(cancel);
}

function printLink(io: Io, { link, port }: ServedPage): void {
  printLine(io, link);
  note(io, "the link works once, in a browser on this machine; for one on another, run there:");
  note(io, `ssh -N -L ${port}:127.0.0.1:${port} ${sshTarget(io)}`);
}

/** The user and host for ssh, as in the login that runs this. */
function sshTarget({ environment }: Io): string {
  const [, , host = "HOST", port = "22"] = (environment.SSH_CONNECTION ?? "").split(" ");
  const user = environment.USER ?? environment.LOGNAME;
  const target = user === undefined ? host : `${user}@${host}`;
  return port === "22" ? target : `-p ${port} ${target}`;
}
