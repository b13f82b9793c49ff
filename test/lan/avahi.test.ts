/** Checks that real Avahi and this machine see each other, and neither is in the other's way. */

import { afterAll, beforeAll, describe, expect, setDefaultTimeout } from "bun:test";
import { canLab, type Lab, lab, noLab } from "../network/lab.ts";
import { skipUnless } from "../support/skip.ts";
import { until } from "../support/until.ts";
import { type Avahi, avahi, canAvahi, noAvahi } from "./avahi.ts";
import { announcer, browsing, fingerprintOf, heard } from "./programs.ts";

setDefaultTimeout(30_000);

const can = canLab && canAvahi;
const test = skipUnless(can, canLab ? noAvahi : noLab);

let hosts: Lab;
let there: Avahi;
beforeAll(async () => {
  if (!can) return;
  hosts = lab();
  there = await avahi(hosts, "b", "avahi-host");
});
afterAll(() => {
  if (!can) return;
  there[Symbol.dispose]();
  hosts[Symbol.dispose]();
});

/** Avahi's results for a name. */
const found = async (name: string) => (await there.browse()).filter((one) => one.name === name);

describe("announce() and Avahi", () => {
  test("announce() is seen by avahi-browse with its address, port and text", async () => {
    const fingerprint = fingerprintOf("SeenByAvahi_-");
    await using _ = announcer(hosts, "a", { name: "mini", port: 7337, fingerprint });
    await until("both families are seen", async () => (await found("mini")).length === 2);
    const resolved = await found("mini");
    const link = (await heard(hosts, "c", { name: "mini" })).addresses.map(({ host }) => host);
    expect(link).toEqual([hosts.address("a"), expect.stringMatching(/^fe80::.*%eth0$/)]);
    const [, six = ""] = link;
    const common = {
      interface: "eth0",
      name: "mini",
      host: "peernet-seenbyavahi000.local",
      port: 7337,
      txt: ["fp=SeenByAvahi_-000", "v=1"],
    };
    const addresses = [hosts.address("a"), six.replace("%eth0", "")];
    expect(resolved.map(({ protocol }) => protocol).sort()).toEqual(["IPv4", "IPv6"]);
    for (const { address, protocol, ...rest } of resolved) {
      expect(rest).toEqual(common);
      expect(addresses).toContain(address);
      expect(["IPv4", "IPv6"]).toContain(protocol);
    }
  });

  test("announce() says goodbye when it is stopped, and Avahi forgets it at once", async () => {
    const fingerprint = fingerprintOf("Goodbye");
    using watch = there.watch();
    const announced = announcer(hosts, "a", { name: "leaver", port: 7337, fingerprint });
    await until("it is seen", () => /^\+;eth0;IPv4;leaver;/m.test(watch.said()));
    expect(await announced.stop()).toBe("");
    await until("it is gone", () => /^-;eth0;IPv4;leaver;/m.test(watch.said()));
    expect(await found("leaver")).toEqual([]);
  });

  test("announce() takes another name when Avahi holds the one it wants", async () => {
    const txt = ["v=1", "fp=HeldByAvahi00000"];
    using _published = await there.publish("studio", 7000, ...txt);
    const fingerprint = fingerprintOf("Newcomer");
    await using _ = announcer(hosts, "a", { name: "studio", port: 7337, fingerprint });
    const renamed = await heardAs("Newcomer00000000");
    expect(renamed.name).toMatch(/^studio \([0-9A-F]{4}\)$/);
    const held = await heard(hosts, "c", { name: "studio" });
    expect(held).toMatchObject({ prefix: "HeldByAvahi00000" });
    expect(held.addresses).toContainEqual({ host: hosts.address("b"), port: 7000 });
    expect(new Set((await found("studio")).map(({ port }) => port))).toEqual(new Set([7000]));
    expect(await found(renamed.name)).not.toBeEmpty();
  });

  test("announce() keeps its name when Avahi comes later and wants it", async () => {
    const fingerprint = fingerprintOf("First");
    await using _ = announcer(hosts, "a", { name: "wanted", port: 7337, fingerprint });
    // Each family probes by itself: Avahi could take the name where one still does.
    await until("both families have the name", async () => {
      const { addresses } = await heard(hosts, "c", { name: "wanted" });
      return addresses.length === 2;
    });
    using _published = await there.publish("wanted", 7000, "v=1", "fp=SecondOfThatName");
    const [second, first] = [await heardAs("SecondOfThatName"), await heardAs("First00000000000")];
    expect(first.name).toBe("wanted");
    expect(second.name).toBe("wanted #2");
  });

  const heardAs = async (prefix: string) => {
    let seen: Awaited<ReturnType<typeof browsing>>["announced"][number] | undefined;
    await until(`${prefix} is heard`, async () => {
      seen = (await browsing(hosts, "c")).announced.find((one) => one.prefix === prefix);
      return seen !== undefined;
    });
    if (seen === undefined) throw new Error(`${prefix} is not there`);
    return seen;
  };
});

describe("browse() and Avahi", () => {
  test("browse() sees what avahi-publish tells, at once and however often it asks", async () => {
    using _published = await there.publish("server", 7338, "v=1", "fp=PublishedByAvahi");
    for (let count = 0; count < 5; count += 1) {
      const { announced, deaf } = await browsing(hosts, "c", { ms: 500 });
      const server = announced.find(({ name }) => name === "server");
      expect(server?.prefix).toBe("PublishedByAvahi");
      expect(server?.addresses).toContainEqual({ host: hosts.address("b"), port: 7338 });
      expect(deaf).toEqual([]);
    }
  });

  test("browse() and announce() share port 5353 with Avahi on one host", async () => {
    using _published = await there.publish("ours", 7338, "v=1", "fp=OnTheSameHost000");
    const fingerprint = fingerprintOf("Beside");
    await using _ = announcer(hosts, "b", { name: "beside", port: 7337, fingerprint });
    for (const host of ["b", "c"] as const) {
      await heard(hosts, host, { name: "beside", at: hosts.address("b") });
      await heard(hosts, host, { name: "ours", at: hosts.address("b") });
    }
    expect(await found("ours")).not.toBeEmpty();
    expect(await found("beside")).not.toBeEmpty();
  });
});
