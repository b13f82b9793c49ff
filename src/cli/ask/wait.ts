/** `peernet wait`: waits for a session, and prints the answer that an ask would give then. */

import { PeernetError } from "../../contract/errors.ts";
import { waitMs, waitMsMax } from "../../contract/reach/limits.ts";
import type { Until, WaitEnd, WaitEvent } from "../../contract/reach/waits.ts";
import { leftText } from "../../contract/text/words.ts";
import { asMeant } from "../../session/handles/meant.ts";
import { started } from "../../session/started.ts";
import { type Context, command } from "../frame/command.ts";
import type { Flags } from "../frame/flags.ts";
import { isHandle } from "../frame/grammar.ts";
import { nearest } from "../frame/suggest.ts";
import { interruptible } from "../terminal/interrupt.ts";
import type { Io } from "../terminal/io.ts";
import { note, printJson } from "../terminal/output.ts";
import { printAnswer } from "./ask.ts";

const flags = {
  until: {
    kind: "text",
    value: "CHANGE",
    summary: "idle, waiting, changed, commit or gone; idle unless given",
  },
  timeout: {
    kind: "duration",
    value: "DURATION",
    summary: "how long to wait, up to 24h; 30m unless given",
  },
} as const satisfies Flags;

type WaitContext = Context<typeof flags>;

/** Waits, and shows the outcome: 0 reached, 1 the handle ended, 5 the time is up. */
export const wait = command({
  flags,
  examples: [
    "peernet wait mini/hydrate",
    "peernet wait mini/hydrate --until commit --timeout 2h",
    "peernet wait mini/hydrate && git fetch mini",
  ],
  async run({ io, flags: given, words: [handle = ""], json }: WaitContext) {
    const until = untilOf(given.until);
    const for_ms = given.timeout ?? waitMs;
    if (for_ms > waitMsMax || for_ms < 1_000) {
      throw new PeernetError("bad_request", {
        message: "--timeout is 1s to 24h",
        hint: "peernet wait HANDLE --timeout 30m",
      });
    }
    const asked = { handle: handleOf(handle), until, for_ms };
    return interruptible(io, async (signal) => {
      const end = await asMeant(io.calls(), asked.handle, {
        run: (handle) => waited(io, { ...asked, handle }, { signal, json }),
        onMeant: (meant) => note(io, `${asked.handle} is ${meant} here`),
      });
      if (json) printJson(io, end);
      return json ? exitOf(end) : shown(io, end, asked);
    });
  },
});

interface Asked {
  readonly handle: string;
  readonly until: Until;
  readonly for_ms: number;
}

function handleOf(word: string): string {
  const handle = word.toLowerCase();
  if (isHandle(handle) && !handle.endsWith("/")) return handle;
  throw new PeernetError("bad_request", {
    message: `this is no handle: ${word}`,
    hint: "peernet wait HANDLE, where HANDLE is as mini/hydrate",
  });
}

const changes: Readonly<Record<Until, string>> = {
  idle: "become idle",
  waiting: "begin to wait for its user",
  changed: "change",
  commit: "commit",
  gone: "end",
};

const isUntil = (word: string): word is Until => Object.hasOwn(changes, word);

function untilOf(word: string | null): Until {
  if (word === null) return "idle";
  if (isUntil(word)) return word;
  const known = Object.keys(changes);
  const meant = nearest(word, known);
  throw new PeernetError("bad_request", {
    message: `nobody can wait until ${word}`,
    hint: meant === null ? `give one of ${known.join(", ")}` : `did you mean --until ${meant}`,
  });
}

/** Waits to the end; when the daemon restarts meanwhile, it continues the same wait. */
async function waited(
  io: Io,
  asked: Asked,
  { signal, json }: { readonly signal: AbortSignal; readonly json: boolean },
): Promise<WaitEnd> {
  let wait_id: string | null = null;
  const from = await io.session();
  const caller = from === undefined ? {} : { from };
  const onEvent = (event: WaitEvent): WaitEnd | null => {
    if (event.event === "ended") return event;
    if (wait_id === null && !json) note(io, `waiting until ${event.handle} ${goal(asked.until)} …`);
    wait_id = event.wait_id;
    return null;
  };
  const listened = async (): Promise<WaitEnd> => {
    const input = { ...asked, ...caller, ...(wait_id === null ? {} : { wait_id }) };
    for await (const event of io.calls().wait(input, { signal })) {
      const end = onEvent(event);
      if (end !== null) return end;
    }
    throw new PeernetError("daemon_not_running", { message: "the daemon ended" });
  };
  for (;;) {
    try {
      return await started(io, listened);
    } catch (error) {
      // A daemon that cannot start ends the wait.
      const isRestart = error instanceof PeernetError && error.code === "daemon_not_running";
      if (!isRestart || wait_id === null || signal.aborted) throw error;
      await io.ensureDaemon();
    }
  }
}

const goals: Readonly<Record<Until, string>> = {
  idle: "is idle",
  waiting: "waits for its user",
  changed: "changes",
  commit: "commits",
  gone: "ends",
};
const goal = (until: Until): string => goals[until];

function exitOf({ outcome, reason }: WaitEnd): number {
  if (outcome === "reached") return 0;
  if (outcome === "timeout") return 5;
  return reason === "hidden" ? 4 : 1;
}

/** Shows the end of a wait. @throws {scope_denied} {handle_unknown} {peer_timeout} */
function shown(io: Io, end: WaitEnd, { until, for_ms }: Asked): number {
  const { handle, outcome, reason, answer } = end;
  const [machine = ""] = handle.split("/");
  if (answer !== null) printAnswer(io, answer, false);
  if (outcome === "reached") {
    if (answer === null) note(io, `${handle} ${reason === "gone" ? "has ended" : goal(until)}`);
    return 0;
  }
  if (outcome === "timeout") {
    throw new PeernetError("peer_timeout", {
      message: `${handle} did not ${changes[until]} within ${leftText(for_ms)}`,
      hint: `peernet ask ${handle}`,
    });
  }
  if (reason === "hidden") {
    throw new PeernetError("scope_denied", {
      message: `${machine} hides the state of ${handle}, so it cannot be waited for`,
      hint: `peernet wait ${handle} --until commit`,
    });
  }
  throw new PeernetError("handle_unknown", {
    message: `${handle} has ended`,
    hint: `peernet ask ${machine}`,
  });
}
