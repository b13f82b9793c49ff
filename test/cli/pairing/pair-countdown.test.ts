import { expect, test } from "bun:test";
import { main } from "../../../src/cli/cli.ts";
import type { OpenEvent } from "../../../src/contract/pairing.ts";
import { settled } from "../../support/effects.ts";
import { opened, paired, peer, status } from "../samples.ts";
import { type Scene, stage, text } from "../support.ts";

/** A window that waits for events until its stream is aborted. */
function waiting(terminal: Scene["terminal"] = {}) {
  const queue: OpenEvent[] = [opened];
  let wake = () => {};
  let ended = false;
  const set = stage({
    terminal,
    answers: {
      "pair/open": async function* (_, options) {
        options?.signal?.addEventListener("abort", () => {
          ended = true;
          wake();
        });
        for (;;) {
          const event = queue.shift();
          if (event !== undefined) yield event;
          else if (ended) throw new DOMException("aborted", "AbortError");
          else {
            await new Promise<void>((resolve) => {
              wake = resolve;
            });
          }
        }
      },
      status: async () => status({ peers: [peer({ handles: [] })] }),
    },
  });
  const happen = async (event: OpenEvent): Promise<void> => {
    queue.push(event);
    wake();
    await settled();
  };
  return { ...set, happen, aborted: () => ended };
}

/** Its line, and the `^C` that a terminal may have written after it. */
const wipe = (columns: number): string => `\r${" ".repeat(columns + 2)}\r`;

test("pair --open counts down on a terminal, once a second, in one line", async () => {
  const set = waiting({ stderr: true, stdout: true });
  const running = main(["pair", "--open"], set.io);
  await settled();
  const first = "2:00 left · 3 attempts left · Ctrl-C closes the window";
  expect(set.err()).toBe(`\r${first}`);
  await set.effects.timers.advance(999);
  expect(set.err()).toBe(`\r${first}`);
  await set.effects.timers.advance(1);
  expect(set.err()).toBe(`\r${first}\r${first.replace("2:00", "1:59")}`);
  await set.effects.timers.advance(39_000);
  await set.happen({ event: "attempt_failed", from: "100.88.4.20", attempts_left: 2 });
  const second = "1:20 left · 2 attempts left · wrong code from 100.88.4.20";
  expect(set.err()).toEndWith(`\r${second}`);
  await set.happen(paired);
  expect(await running).toBe(0);
  expect(set.err()).toEndWith(`\r${second}${wipe(second.length)}`);
  expect(set.out()).toEndWith("  undo          peernet unpair mini\n");
  expect(set.effects.timers.pending()).toBe(0);
});

test("pair --open writes over what is left of a longer line", async () => {
  const set = waiting({ stderr: true });
  const running = main(["pair", "--open"], set.io);
  await settled();
  await set.happen({ event: "attempt_failed", from: "a".repeat(30), attempts_left: 2 });
  const before = `2:00 left · 2 attempts left · wrong code from ${"a".repeat(30)}`;
  await set.happen({ event: "attempt_failed", from: "a", attempts_left: 1 });
  expect(set.err()).toEndWith(
    `\r${before}\r2:00 left · 1 attempt left · wrong code from a${" ".repeat(30)}`,
  );
  await set.happen(paired);
  await running;
});

test("pair --open keeps its line within a narrow terminal", async () => {
  const set = waiting({ stderr: true, columns: 20 });
  const running = main(["pair", "--open"], set.io);
  await settled();
  expect(set.err()).toBe("\r2:00 left · 3 atte…");
  await set.happen(paired);
  await running;
});

test("pair --open closes the window and exits 130 when interrupted", async () => {
  for (const json of [false, true]) {
    const set = waiting();
    const running = main(["pair", "--open", ...(json ? ["--json"] : [])], set.io);
    await settled();
    expect(set.aborted()).toBe(false);
    set.interrupt();
    expect(await running).toBe(130);
    expect(set.aborted()).toBe(true);
    expect(set.err()).toBe(json ? "" : text("2:00 left · 3 attempts left", "the window is closed"));
  }
});

test("pair --open wipes its line when interrupted", async () => {
  const set = waiting({ stderr: true });
  const running = main(["pair", "--open"], set.io);
  await settled();
  set.interrupt();
  expect(await running).toBe(130);
  const line = "2:00 left · 3 attempts left · Ctrl-C closes the window";
  expect(set.err()).toBe(`\r${line}${wipe(line.length)}the window is closed\n`);
  expect(set.effects.timers.pending()).toBe(0);
});
