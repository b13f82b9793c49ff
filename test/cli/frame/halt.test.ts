/** Ending a daemon that does not answer, and no other process in its place. */

import { expect, test } from "bun:test";
import { stopDaemon } from "../../../src/cli/frame/halt.ts";
import type { Control } from "../../../src/contract/control.ts";
import { PeernetError } from "../../../src/contract/errors.ts";
import type { Calls } from "../../../src/contract/operation/operation.ts";
import { fakeEffects } from "../../support/effects.ts";

interface Scene {
  readonly note: string | null;
  /** True for a signal that ends the process. */
  readonly ends?: (signal: string) => boolean;
  /** The start time that the process of the number has, at each look. */
  readonly startTimes?: readonly string[];
}

/** Stops a silent daemon; returns the signals sent, and the outcome. */
async function stopping({ note, ends = () => false, startTimes = ["7"] }: Scene) {
  const { files, clock, timers } = fakeEffects();
  if (note !== null) files.write("process.json", note);
  const signals: string[] = [];
  const looks = [...startTimes];
  let isHeld = true;
  const silent = async (): Promise<never> => {
    throw new PeernetError("daemon_silent");
  };
  // Of the daemon's calls stopping makes this one alone.
  const calls = { stop: silent } as unknown as Calls<Control>;
  const stopped = stopDaemon({
    ...{ calls, files, clock, timers },
    isHeld: () => isHeld,
    isAlive: ({ start_time }) => (looks.length > 1 ? looks.shift() : looks[0]) === start_time,
    signal: (pid, name) => {
      signals.push(`${name} ${pid}`);
      if (ends(name)) isHeld = false;
    },
  }).catch((error: unknown) => error);
  await timers.advance(60_000);
  return { signals, stopped: await stopped };
}

const note = JSON.stringify({ pid: 71, start_time: "7" });

test("stopDaemon() lets a daemon go on and end, and kills it where it does not", async () => {
  const gently = await stopping({ note, ends: (name) => name === "SIGCONT" });
  expect(gently).toEqual({
    signals: ["SIGTERM 71", "SIGCONT 71"],
    stopped: { unremembered: null },
  });
  const hard = await stopping({ note, ends: (name) => name === "SIGKILL" });
  expect(hard.signals).toEqual(["SIGTERM 71", "SIGCONT 71", "SIGKILL 71"]);
  expect(hard.stopped).toEqual({ unremembered: null });
});

test("stopDaemon() says that a process cannot be ended when no signal ends it", async () => {
  const { stopped } = await stopping({ note });
  expect(stopped).toMatchObject({
    code: "daemon_silent",
    message: "the daemon does not answer, and the system does not end its process 71",
  });
});

test("stopDaemon() kills no process that has the daemon's number since a moment ago", async () => {
  const { signals } = await stopping({ note, startTimes: ["7", "8"] });
  expect(signals).toEqual(["SIGTERM 71", "SIGCONT 71"]);
});

test("stopDaemon() signals nothing when the note is not of a living process", async () => {
  const notes = ["null", "not JSON", "[]", '{"pid":-1,"start_time":"7"}', '{"pid":71}'];
  const wrong = ['{"pid":0,"start_time":"7"}', '{"pid":1.5,"start_time":"7"}'];
  const others = ['{"pid":71,"start_time":7}', '{"pid":71,"start_time":"8"}'];
  for (const text of [null, ...notes, ...wrong, ...others]) {
    const { signals, stopped } = await stopping({ note: text });
    expect({ text, signals }).toEqual({ text, signals: [] });
    expect(stopped).toMatchObject({
      code: "daemon_silent",
      hint: 'fuser -k "/nonexistent/peernet/lock.db"',
    });
  }
});
