/** The dashboard's server inside the test's own process, and a tab that has its link. */

import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { registrations } from "../../src/dashboard/registrations.ts";
import { type Dashboard, serveDashboard } from "../../src/dashboard/server.ts";
import { timers } from "../../src/platform/clock/timers.ts";
import type { Timers } from "../../src/platform/effects.ts";
import { stateFiles } from "../../src/platform/files.ts";
import { random } from "../../src/platform/real.ts";
import type { Machine } from "../support/daemon.ts";
import { daemonUmask } from "../support/umask.ts";

/** The registrations that the page shows. */
export const registered = registrations({ command: ["/opt/peernet"], home: "/srv/peernet" }, {});

/** A served page, and the acts of its tab. */
export interface Served extends AsyncDisposable {
  readonly dashboard: Dashboard;
  readonly home: string;
  readonly origin: string;
  readonly secret: string;
  /** Times that the terminal reported a second use. */
  secondUses(): number;
  /** Posts as the page does, with the bearer where there is one. */
  post(path: string, body: unknown, options?: PostOptions): Promise<Response>;
  /** Exchanges the secret; the bearer is used from then on, and returned. */
  enter(): Promise<string>;
}

/** The unusual properties of a request. */
export interface PostOptions {
  readonly bearer?: string | null;
  readonly signal?: AbortSignal;
  /** The number of the page, as the server gave it. */
  readonly tab?: string;
}

/** Serves the page over a machine's daemon, or over none. */
export async function served(
  over: Pick<Machine, "home"> | null = null,
  options: { readonly timers?: Timers; readonly hostname?: string } = {},
): Promise<Served> {
  const umask = daemonUmask();
  const home = over?.home ?? mkdtempSync(join(tmpdir(), "peernet-page-"));
  let uses = 0;
  const dashboard = await serveDashboard({
    socketPath: join(home, "control.sock"),
    files: stateFiles(home),
    random,
    hostname: options.hostname ?? "127.0.0.1",
    timers: options.timers ?? timers,
    command: "/opt/peernet",
    registrations: registered,
    onSecondUse: () => {
      uses += 1;
    },
  }).catch((error: unknown) => {
    umask[Symbol.dispose]();
    throw error;
  });
  const { origin, hash } = new URL(dashboard.link);
  return {
    dashboard,
    home,
    origin,
    secret: hash.slice(1),
    secondUses: () => uses,
    ...tabOf(origin, hash.slice(1)),
    [Symbol.asyncDispose]: async () => {
      await dashboard.close();
      umask[Symbol.dispose]();
      if (over === null) rmSync(home, { recursive: true, force: true });
    },
  };
}

/** A tab: it posts as the page does, and keeps its bearer. */
function tabOf(origin: string, secret: string): Pick<Served, "post" | "enter"> {
  let own: string | null = null;
  const post: Served["post"] = (path, body, { bearer = own, signal, tab } = {}) =>
    fetch(`${origin}${path}`, {
      method: "POST",
      headers: {
        "content-type": "application/json",
        origin,
        ...(bearer === null ? {} : { authorization: `Bearer ${bearer}` }),
        ...(tab === undefined ? {} : { "x-peernet-tab": tab }),
      },
      body: typeof body === "string" ? body : JSON.stringify(body),
      timeout: false,
      ...(signal === undefined ? {} : { signal }),
    });
  const enter = async (): Promise<string> => {
    const response = await post("/session", { secret });
    if (!response.ok) throw new Error(`the link is refused: ${response.status}`);
    const { bearer } = Object(await response.json());
    own = bearer;
    return bearer;
  };
  return { post, enter };
}

/** The lines of a stream that have come so far; reading goes on by itself. */
export function linesOf(response: Response): { readonly lines: string[]; hasEnded(): boolean } {
  const lines: string[] = [];
  let isOver = false;
  const read = async (): Promise<void> => {
    let pending = "";
    for await (const text of response.body?.pipeThrough(new TextDecoderStream()) ?? []) {
      const whole = `${pending}${text}`.split("\n");
      pending = whole.pop() ?? "";
      lines.push(...whole.filter((line) => line !== ""));
    }
    if (pending !== "") lines.push(`half a line: ${pending}`);
  };
  const end = (): void => {
    isOver = true;
  };
  read().then(end, end);
  return { lines, hasEnded: () => isOver };
}
