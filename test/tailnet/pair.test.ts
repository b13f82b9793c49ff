/** Two machines of one tailnet that have never met: the built executable, and no address typed. */

import { afterAll, beforeAll, expect, setDefaultTimeout } from "bun:test";
import { AuditRecord } from "../../src/contract/audit.ts";
import { DiscoverOutput } from "../../src/contract/discovery.ts";
import { activate, type Opening, opening, type Place, type Session } from "../scenario/pairing.ts";
import { home, isBuilt, notBuilt } from "../support/executable.ts";
import { skipUnless } from "../support/skip.ts";
import { until } from "../support/until.ts";
import { canTailnet, type JoinOptions, noTailnet, start, type TailnetLab } from "./lab.ts";

const test = skipUnless(canTailnet && isBuilt, canTailnet ? notBuilt : noTailnet);
setDefaultTimeout(60_000);

/** A home on a host of the tailnet; nobody told it where to listen. */
interface Machine extends Place {
  /** Its addresses on the tailnet. */
  readonly addresses: readonly [string, string];
  /** The tailnet's name of its host. */
  readonly node: string;
}

const ada = "ada@lab.invalid";
const bob = "bob@lab.invalid";

let lab: TailnetLab;
let mini: Machine;
let laptop: Machine;
let container: Machine;
let server: Machine;
let stranger: Machine;
const sessions: Session[] = [];

beforeAll(async () => {
  if (!(canTailnet && isBuilt)) return;
  lab = await start();
  mini = await machine("mini");
  laptop = await machine("laptop");
  container = await machine("container", { userspace: true });
  server = await machine("server", { tag: "tag:server" });
  stranger = await machine("stranger");
  sessions.push(await activate(mini, "hydrate"), await activate(laptop, "sync"));
  sessions.push(await activate(container, "build"), await activate(server, "infra"));
});

afterAll(async () => {
  for (const session of sessions) session[Symbol.dispose]();
  for (const each of [mini, laptop, container, server, stranger]) {
    await each?.[Symbol.asyncDispose]();
  }
  await lab?.[Symbol.asyncDispose]();
});

async function machine(name: string, options: JoinOptions = {}): Promise<Machine> {
  const { before, addresses, run } = await lab.join(name, options);
  const inner = home(name, before);
  // A machine of the tailnet is looked for at the port that every machine has unless told.
  const environment = { ...inner.environment, PEERNET_LISTEN_PORT: "7337" };
  const given = (more: Parameters<Place["run"]>[1]) => ({
    ...more,
    environment: { ...environment, ...more?.environment },
  });
  const node: string = JSON.parse(run("tailscale", "status", "--json", "--peers=false")).Self.ID;
  return {
    ...inner,
    environment,
    before,
    addresses,
    node,
    run: (words, more) => inner.run(words, given(more)),
    json: (words, more) => inner.json(words, given(more)),
  };
}

/** Types a code, and nothing else unless words are given. */
const typing = (on: Place, { code }: Pick<Opening, "code">, ...words: readonly string[]) =>
  on.json(["pair", "-", ...words], { stdin: `${code}\n` });

/** Records of one verb that came in. */
async function incoming(on: Place, verb: string): Promise<readonly AuditRecord[]> {
  const { out } = await on.run(["audit", "--json", "--verb", verb]);
  return out
    .split("\n")
    .filter(Boolean)
    .map((line) => AuditRecord.parse(JSON.parse(line)))
    .filter(({ direction }) => direction === "in");
}

/** The origin in a record of whatever came from a machine over the tailnet. */
const originOf = ({ node }: Machine, login: string) => ({
  origin_transport: "tailnet",
  origin_node: node,
  origin_login: login,
});

test("a machine on a tailnet listens there, by itself, and nowhere else", async () => {
  for (const on of [mini, laptop, server]) {
    const bound = [`${on.addresses[0]}:7337`, `[${on.addresses[1]}]:7337`];
    expect(await on.json(["status"])).toMatchObject({ machine: { listen: bound } });
  }
  // Where tailscaled has no interface it carries the tailnet to loopback.
  const listen = ["127.0.0.1:7337"];
  expect(await container.json(["status"])).toMatchObject({ machine: { listen } });
});

test("discover shows the same user's machines and tagged ones, each with its user", async () => {
  let found: DiscoverOutput = { candidates: [], unreachable: 0, searched: [], took_ms: 0 };
  await until("every host has heard of the others", async () => {
    found = DiscoverOutput.parse(await laptop.json(["discover"]));
    return found.candidates.length >= 3;
  });
  expect(found).toMatchObject({
    candidates: [
      { name: "container", source: "tailnet", login: ada, refusal: null, paired: null },
      { name: "mini", source: "tailnet", address: `${mini.addresses[0]}:7337`, login: ada },
      { name: "server", source: "tailnet", refusal: "tagged", window_open: false },
    ],
    unreachable: 0,
  });
  expect(found.searched).toContainEqual({ source: "tailnet", searched: true, why: null });
});

test("two machines pair with a code alone, and the first ask is answered", async () => {
  const window = await opening(mini);
  const paired = await typing(laptop, window);
  expect(paired).toMatchObject({ peer: { name: "mini", address: `${mini.addresses[0]}:7337` } });
  expect(await laptop.json(["ask", "mini/hydrate"])).toMatchObject({ status: "ok" });
  expect(await window.ended).toBe(0);
  expect(await mini.json(["ask", "laptop/sync"])).toMatchObject({ status: "ok" });
  const from = { origin_address: laptop.addresses[0], ...originOf(laptop, ada) };
  expect(await incoming(mini, "pair")).toMatchObject([from]);
  expect(await incoming(mini, "ask")).toMatchObject([{ peer_name: "laptop", ...from }]);
  expect(await incoming(laptop, "ask")).toMatchObject([originOf(mini, ada)]);
});

test("a machine behind userspace networking is found, paired with and asked", async () => {
  const window = await opening(container);
  expect(await typing(laptop, window)).toMatchObject({ peer: { name: "container" } });
  expect(await window.ended).toBe(0);
  expect(await laptop.json(["ask", "container/build"])).toMatchObject({ status: "ok" });
  const from = { origin_address: "127.0.0.1", ...originOf(laptop, ada) };
  expect(await incoming(container, "pair")).toMatchObject([from]);
  expect(await incoming(container, "ask")).toMatchObject([from]);
});

test("a tagged machine and another user's are refused but by a window for any user", async () => {
  const at = ["--to", `${mini.addresses[0]}:7337`];
  const closed = await opening(mini);
  for (const [joiner, login, reason] of [
    [server, "tag:server", "tagged"],
    [stranger, bob, "other_user"],
  ] as const) {
    const words = ["pair", "-", ...at, "--json"];
    const { code, out } = await joiner.run(words, { stdin: `${closed.code}\n` });
    expect(JSON.parse(out)).toMatchObject({ error: { code: "origin_unverified" } });
    expect(code).toBe(4);
    const [from] = joiner.addresses;
    const shown = { event: "origin_refused", from, login, reason } as const;
    await until("the opener is shown who", () =>
      closed.events.some((event) => event.event === "origin_refused" && event.reason === reason),
    );
    expect(closed.events.at(-1)).toEqual(shown);
  }
  expect(await mini.json(["status"])).toMatchObject({ window: { open: true, attempts_left: 3 } });
  closed.interrupt();
  await closed.ended;
  const before = (await incoming(mini, "pair")).length;
  const open = await opening(mini, "--any-user");
  expect(await typing(stranger, open, ...at)).toMatchObject({ peer: { name: "mini" } });
  expect(await open.ended).toBe(0);
  expect(await stranger.json(["ask", "mini/hydrate"])).toMatchObject({ status: "ok" });
  expect((await incoming(mini, "pair")).slice(before)).toMatchObject([originOf(stranger, bob)]);
});

test("a tagged machine's window for any user is found without an address", async () => {
  const window = await opening(server, "--any-user");
  expect(await typing(laptop, window)).toMatchObject({ peer: { name: "server" } });
  expect(await window.ended).toBe(0);
  expect(await laptop.json(["ask", "server/infra"])).toMatchObject({ status: "ok" });
});
