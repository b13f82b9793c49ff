/** Provisioning: homes that know each other by fingerprints that a tool collected. */

import { expect, setDefaultTimeout } from "bun:test";
import { type Home, home, isBuilt, notBuilt } from "../../support/executable.ts";
import { longWanted, skipUnless } from "../../support/skip.ts";
import { until } from "../../support/until.ts";

const test = skipUnless(isBuilt, notBuilt);
setDefaultTimeout(300_000);

/** Fifty daemons take minutes on a small machine. */
const count = longWanted ? 50 : 6;

/** A machine as the tool of a fleet knows it. */
interface Known {
  readonly on: Home;
  readonly name: string;
  readonly fingerprint: string;
  readonly address: string;
}

async function started(name: string): Promise<Known> {
  const on = home(name);
  await on.json(["start"]);
  const { fingerprint } = Object(await on.json(["id"]));
  const { machine } = Object(await on.json(["status"]));
  expect((await on.run(["id"])).out).toBe(`${fingerprint}\n`);
  return { on, name, fingerprint, address: machine.listen[0] };
}

const linksOf = async ({ on }: Known): Promise<readonly string[]> =>
  Object(await on.json(["peers"])).peers.map(({ link }: { readonly link: string }) => link);

test(`trust - provisions ${count} homes: each knows the hub, and the hub knows each`, async () => {
  const homes: Known[] = [];
  try {
    for (let at = 0; at < count; at += 1) homes.push(await started(`m${at}`));
    const [hub, ...others] = homes;
    if (hub === undefined) throw new Error("no home was started");
    const lines = others.map(({ fingerprint, name }) => `${fingerprint} ${name} ask`).join("\n");
    expect((await hub.on.run(["trust", "-"], { stdin: `# fleet\n${lines}\n` })).code).toBe(0);
    const bad = await hub.on.run(["trust", "-"], { stdin: `${lines}\nsha256:bad x\n` });
    expect([bad.code, bad.err.includes(`line ${count}`)]).toEqual([2, true]);
    for (const { on } of others) {
      // Loopback announces nothing: the tool tells where the hub is.
      const words = ["trust", hub.fingerprint, "--name", "hub", "--to", hub.address];
      expect((await on.run(words)).code).toBe(0);
    }
    const isUp = (links: readonly string[], wanted: number): boolean =>
      links.filter((link) => link === "up").length === wanted;
    await until("the hub knows all", async () => isUp(await linksOf(hub), count - 1), 200_000);
    for (const each of others) await until("it is up", async () => isUp(await linksOf(each), 1));
    expect(Object(await hub.on.json(["peers"]))).not.toHaveProperty("expected");
    const named = Object(await hub.on.json(["peers"])).peers;
    expect(named.map(({ name }: { readonly name: string }) => name).sort()).toEqual(
      others.map(({ name }) => name).sort(),
    );
  } finally {
    for (const { on } of homes) await on[Symbol.asyncDispose]();
  }
});
