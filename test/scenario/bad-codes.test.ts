/** Pairing codes that are wrong, malformed, given away or worth nothing any more. */

import { expect, setDefaultTimeout } from "bun:test";
import { home, isBuilt, notBuilt } from "../support/executable.ts";
import { skipUnless } from "../support/skip.ts";
import { until } from "../support/until.ts";
import { failed, recorded, trail } from "./failing.ts";
import { announced, type Opening, opening } from "./pairing.ts";

const test = skipUnless(isBuilt, notBuilt);
setDefaultTimeout(30_000);

/** A code that is not the one shown. */
const wrong = ({ code }: Opening): string => (code === "000000" ? "000001" : "000000");

/** A joiner's lines before the code is used, then its failure. */
const afterwards = (window: Opening, code: number, texts: readonly [string, string]) => {
  const ran = failed(code, ...texts);
  return { ...ran, err: `${announced(window)}${ran.err}` };
};

const left = { event: "attempt_failed", from: "127.0.0.1" } as const;

test("pair refuses a code among the arguments, at no cost, and does not repeat it", async () => {
  await using mini = home("mini");
  await using laptop = home("laptop");
  const window = await opening(mini);
  const [first, second] = [window.code.slice(0, 3), window.code.slice(3)];
  const to = ["--to", window.address];
  for (const words of [
    [window.code],
    [`${first}-${second}`],
    [first, second],
    [window.code, ...to],
    ["-", ...to, window.code],
    ["--to", window.code],
    [`--to=${first}-${second}`],
    ["--", window.code],
  ]) {
    const ran = await laptop.run(["pair", ...words], { stdin: window.code });
    expect({ words: words.length, ...ran }).toEqual({
      words: words.length,
      ...failed(
        2,
        "a code is not given as an argument: any user of this machine can read it there",
        "type it when asked, or give it on stdin: peernet pair -",
      ),
    });
  }
  expect(await mini.json(["status"])).toMatchObject({ window: { open: true, attempts_left: 3 } });
  expect((await trail(mini)).map(({ verb }) => verb)).toEqual(["trail", "window_open"]);
});

test("pair refuses a malformed code, and that costs no attempt", async () => {
  await using mini = home("mini");
  await using laptop = home("laptop");
  const window = await opening(mini);
  for (const stdin of ["", "\n", "12345", "1234567", "abcdef", "１２３４５６", `${window.code}0`]) {
    const ran = await laptop.run(["pair", "-", "--to", window.address], { stdin });
    const hint = `peernet pair --to ${window.address} -`;
    expect(ran).toEqual(afterwards(window, 2, ["the code on stdin is not 6 digits", hint]));
  }
  expect(await mini.json(["status"])).toMatchObject({ window: { open: true, attempts_left: 3 } });
  expect((await trail(mini)).map(({ verb }) => verb)).toEqual(["trail", "window_open"]);
  const spaced = `${window.code.slice(0, 3)} - ${window.code.slice(3)}\n`;
  const words = ["pair", "-", "--to", window.address, "--json"];
  const { code, out } = await laptop.run(words, { stdin: spaced });
  expect(code).toBe(0);
  expect(JSON.parse(out)).toMatchObject({ event: "paired", peer: { name: "mini" } });
  expect(await window.ended).toBe(0);
});

test("pair tells both machines of a wrong code, and each records it once", async () => {
  await using mini = home("mini");
  await using laptop = home("laptop");
  await laptop.run(["start"]);
  const window = await opening(mini);
  const words = ["pair", "-", "--to", window.address];
  const typing = { stdin: wrong(window) };
  const added = await recorded(laptop, async () => {
    const texts = ["that is not the code shown there", "peernet pair"] as const;
    expect(await laptop.run(words, typing)).toEqual(afterwards(window, 4, texts));
  });
  expect(added).toEqual([{ direction: "out", verb: "confirm", outcome: "code_rejected" }]);
  const { code, out } = await laptop.run([...words, "--json"], typing);
  expect(code).toBe(4);
  expect(JSON.parse(out).error).toMatchObject({
    code: "code_rejected",
    details: { attempts_left: 1 },
  });
  await until("mini tells of both", () => window.events.length > 2);
  const told = [2, 1].map((attempts_left) => ({ ...left, attempts_left }));
  expect(window.events.slice(1)).toEqual(told);
  const kept = (await trail(mini)).map(({ verb, outcome }) => `${verb} ${outcome}`);
  expect(kept).toEqual([
    "trail ok",
    "window_open ok",
    "confirm code_rejected",
    "confirm code_rejected",
  ]);
  expect(await mini.json(["peers"])).toEqual({ peers: [] });
  expect(await laptop.json(["peers"])).toEqual({ peers: [] });
});

test("a window burns at the third wrong code, and the right one comes too late", async () => {
  await using mini = home("mini");
  await using laptop = home("laptop");
  const window = await opening(mini);
  const words = ["pair", "-", "--to", window.address];
  for (const _ of [1, 2]) await laptop.run(words, { stdin: wrong(window) });
  const { address } = window;
  expect(await laptop.run(words, { stdin: wrong(window) })).toEqual(
    afterwards(window, 4, [
      `${address}'s window burned after 3 wrong codes`,
      `on ${address} run: peernet pair --open`,
    ]),
  );
  expect(await window.ended).toBe(4);
  const from = ["127.0.0.1", "127.0.0.1", "127.0.0.1"];
  expect(window.events.at(-1)).toEqual({ event: "burned", from });
  const closed = failed(
    1,
    `no pairing window is open at ${address}`,
    `on ${address} run: peernet pair --open`,
  );
  expect(await laptop.run(words, { stdin: window.code })).toEqual(closed);
  const last = (await trail(mini)).at(-1);
  expect(last).toMatchObject({ verb: "window_close", outcome: "code_burned" });
  expect(await mini.json(["peers"])).toEqual({ peers: [] });
});

test("a code is worth nothing once it paired a machine", async () => {
  await using mini = home("mini");
  await using laptop = home("laptop");
  await using server = home("server");
  const window = await opening(mini);
  const words = ["pair", "-", "--to", window.address];
  expect((await laptop.run(words, { stdin: window.code })).code).toBe(0);
  expect(await window.ended).toBe(0);
  expect(await server.run(words, { stdin: window.code })).toMatchObject({ code: 1, out: "" });
  expect(await mini.json(["peers"])).toMatchObject({ peers: [{ name: "laptop" }] });
});

test("opening a window ends the one before, whose code is worth nothing then", async () => {
  await using mini = home("mini");
  await using laptop = home("laptop");
  const before = await opening(mini);
  const after = await opening(mini);
  expect(await before.ended).toBe(1);
  expect(before.events.at(-1)).toEqual({ event: "closed" });
  const words = ["pair", "-", "--to", after.address];
  if (before.code !== after.code) {
    expect((await laptop.run(words, { stdin: before.code })).code).toBe(4);
  }
  expect((await laptop.run(words, { stdin: after.code })).code).toBe(0);
  expect(await after.ended).toBe(0);
});

test("pair says that nothing answers, that no window is open, or that it met itself", async () => {
  await using mini = home("mini");
  await using laptop = home("laptop");
  await mini.run(["start"]);
  const none = await laptop.run(["pair", "-", "--to", "127.0.0.1:1"], { stdin: "123456" });
  expect(none.code).toBe(5);
  expect(none.err).toStartWith(
    "peernet: error: 127.0.0.1:1 cannot be reached: nothing listens there\n",
  );
  const lost = await laptop.run(["pair", "-", "--to", "nowhere.invalid"], { stdin: "123456" });
  expect(lost).toMatchObject({
    code: 5,
    err:
      "peernet: error: no network here knows an address of nowhere.invalid\n" +
      "peernet: hint: give the address that it shows there: peernet pair --open\n",
  });
  const window = await opening(mini);
  const words = ["pair", "-", "--to", window.address];
  const itself = await mini.run(words, { stdin: window.code });
  expect(itself).toMatchObject({ code: 2, out: "" });
  expect(itself.err).toEndWith(
    "peernet: error: a machine cannot pair with itself\n" +
      "peernet: hint: run peernet pair --open on the other machine\n",
  );
  window.interrupt();
  expect(await window.ended).toBe(130);
  expect(await laptop.run(words, { stdin: window.code })).toMatchObject({ code: 1, out: "" });
  const last = (await trail(mini)).at(-1);
  expect(last).toMatchObject({ verb: "window_close", outcome: "closed" });
});
