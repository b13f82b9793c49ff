/** Pairing as two people do it, each at a terminal: their view, their input, and their exit. */

import { expect, setDefaultTimeout } from "bun:test";
import { type Home, home, isBuilt, notBuilt } from "../support/executable.ts";
import { skipUnless } from "../support/skip.ts";
import { until } from "../support/until.ts";
import { trail } from "./failing.ts";
import { activate, opening, pairTwo } from "./pairing.ts";
import { type OnTerminal, onTerminal, plainText } from "./terminal.ts";

const test = skipUnless(isBuilt, notBuilt);
setDefaultTimeout(30_000);

/** Opens a window of a home that listens to itself alone, as its settings say: none is offered. */
const opens = ({ environment, ...rest }: Parameters<typeof onTerminal>[0]) =>
  onTerminal({ ...rest, environment: { ...environment, PEERNET_LISTEN_ADDRESSES: "127.0.0.1" } }, [
    "pair",
    "--open",
  ]);

/** Waits until a window's code is on its terminal; returns it with the address and fingerprint. */
async function codeOn(shows: ReturnType<typeof onTerminal>) {
  await shows.sees("Ctrl-C closes the window");
  const text = plainText(shows.shown());
  const read = (pattern: RegExp): string => pattern.exec(text)?.[1] ?? "";
  return {
    text,
    code: read(/^ {4}(\d{3}-\d{3})$/m),
    address: read(/peernet pair --to (\S+)/),
    fingerprint: read(/this machine is +(sha256:\S+)/),
  };
}

interface Answers {
  readonly told: string;
  /** The name that the line gives. */
  readonly name: string;
  readonly line: string;
  readonly mine: string;
}

/** Answers the questions after a pairing: the name, and whether the machine is one's own. */
async function answers(shows: OnTerminal, { told, name, line, mine }: Answers): Promise<void> {
  await shows.sees(`Paired; its name here [${told}]: `);
  shows.type(`${line}\r`);
  await shows.sees(`If ${name} is yours: let it also `);
  shows.type(`${mine}\r`);
  expect(await shows.ended).toBe(0);
}

const isOpen = async (home: Home): Promise<boolean> =>
  ((await home.json(["status"])) as { window: { open: boolean } }).window.open;

test("pair shows a code on one terminal and takes it on the other, at the second try", async () => {
  await using mini = home("mini");
  await using laptop = home("laptop");
  using _working = await activate(mini, "hydrate");
  const shows = opens(mini);
  const { text, code, address, fingerprint } = await codeOn(shows);
  expect(text.split("\n").slice(0, 6)).toEqual([
    "on the other machine   peernet pair",
    `or, by address         peernet pair --to ${address}`,
    `this machine is        ${fingerprint}`,
    "",
    `    ${code}`,
    "",
  ]);
  expect(text).toMatch(/\r(2:00|1:59) left · 3 attempts left · Ctrl-C closes the window *$/);

  const types = onTerminal(laptop, ["pair", "--to", address]);
  await types.sees(`Code shown on ${address}: `);
  types.type(code === "000-000" ? "000001\r" : "000000\r");
  await types.sees(`Not the code shown on ${address}; 2 attempts left. Code shown on ${address}: `);
  await shows.sees("2 attempts left · wrong code from 127.0.0.1");
  types.type("12\r");
  await types.sees(`A code is 6 digits, as 027-674. Code shown on ${address}: `);
  types.type(`${code}\r`);
  await answers(types, { told: "mini", name: "mini", line: "", mine: "" });
  await answers(shows, { told: "laptop", name: "attic", line: "attic", mine: "y" });

  const { machine } = (await laptop.json(["status"])) as { machine: { fingerprint: string } };
  expect(plainText(types.shown()).split("\n").slice(-6, -1)).toEqual([
    "Paired with mini",
    `  identity      ${fingerprint}`,
    "  mini may      ask laptop:  no live handles yet",
    "  laptop may    ask mini:    hydrate",
    "  undo          peernet unpair mini",
  ]);
  expect(plainText(shows.shown()).split("\n").slice(-7, -1)).toEqual([
    "Paired with attic",
    `  identity     ${machine.fingerprint}`,
    "  attic may    ask; overlap; message; wake (a machine of your own)",
    "               now: hydrate",
    "  mini may     ask attic:  no live handles yet",
    "  undo         peernet unpair attic",
  ]);
  const here = { named_by: "person", grants: { mine: false } };
  expect(await laptop.json(["peers"])).toMatchObject({ peers: [here] });
  const there = { name: "attic", grants: { mine: true } };
  expect(await mini.json(["peers"])).toMatchObject({ peers: [there] });
  expect(plainText(types.shown())).not.toContain(code.replace("-", ""));
});

test("Ctrl-C on pair --open closes the window, and says so", async () => {
  await using mini = home("mini");
  await using laptop = home("laptop");
  const shows = opens(mini);
  const { code, address } = await codeOn(shows);
  expect(await isOpen(mini)).toBe(true);
  shows.type("\x03");
  expect(await shows.ended).toBe(130);
  expect(plainText(shows.shown())).toEndWith("the window is closed\n");
  expect(await isOpen(mini)).toBe(false);
  expect(await laptop.run(["pair", "-", "--to", address], { stdin: code })).toMatchObject({
    code: 1,
  });
  expect((await trail(mini)).at(-1)).toMatchObject({ verb: "window_close", outcome: "closed" });
});

test("Ctrl-C at the prompt for a code leaves the window there as it is", async () => {
  await using mini = home("mini");
  await using laptop = home("laptop");
  const window = await opening(mini);
  const types = onTerminal(laptop, ["pair", "--to", window.address]);
  await types.sees(`Code shown on ${window.address}: `);
  types.type("\x03");
  expect(await types.ended).toBe(130);
  expect(await mini.json(["status"])).toMatchObject({ window: { open: true, attempts_left: 3 } });
});

test("a window closes with the terminal that opened it", async () => {
  await using mini = home("mini");
  await mini.json(["start"]);
  const shell = ["bash", "-c", '"$@" & echo $!; wait', "bash"];
  const shows = opens({ ...mini, before: shell });
  await codeOn(shows);
  process.kill(Number(/^(\d+)\r?\n/.exec(shows.shown())?.[1]), "SIGKILL");
  await until("the window is closed", async () => !(await isOpen(mini)));
  expect((await trail(mini)).at(-1)).toMatchObject({ verb: "window_close", outcome: "closed" });
});

test("unpair asks on a terminal, and changes nothing without a yes", async () => {
  await using mini = home("mini");
  await using laptop = home("laptop");
  await pairTwo(mini, laptop);
  const refuses = onTerminal(mini, ["unpair", "laptop"]);
  await refuses.sees("Unpair laptop? Its connections close at once. [y/N] ");
  refuses.type("\r");
  expect(await refuses.ended).toBe(1);
  expect(await mini.json(["peers"])).toMatchObject({ peers: [{ name: "laptop" }] });
  const agrees = onTerminal(mini, ["unpair", "laptop"]);
  await agrees.sees("[y/N] ");
  agrees.type("y\r");
  expect(await agrees.ended).toBe(0);
  expect(plainText(agrees.shown())).toContain("laptop may no longer ask; ");
  expect(await mini.json(["peers"])).toEqual({ peers: [] });
});
