/** A machine behind an address translation lets another one read a repository. */

import { expect, setDefaultTimeout } from "bun:test";
import { Status } from "../../src/contract/peer.ts";
import { machine as ordinary } from "../scenario/ordinary.ts";
import { opening } from "../scenario/pairing.ts";
import { canBeOrdinary } from "../support/ordinary.ts";
import { skipUnless } from "../support/skip.ts";
import { until } from "../support/until.ts";
import { machine, port } from "./hosts.ts";
import { canLab, lab, noLab } from "./lab.ts";
import { behind } from "./nat.ts";

const test = skipUnless(canLab && canBeOrdinary, canLab ? "needs setpriv" : noLab);
setDefaultTimeout(120_000);

test("files behind an address translation are read over its connections", async () => {
  using hosts = lab();
  using hidden = behind(hosts, "c");
  await using mini = await machine(hosts, { host: "a", name: "mini", address: "lan" });
  await using laptop = await ordinary("laptop", {
    before: hidden.on,
    environment: { PEERNET_LISTEN_ADDRESSES: "lan", PEERNET_LISTEN_PORT: String(port) },
  });
  const window = await opening(mini);
  const typed = ["pair", "-", "--to", `${hosts.address("a")}:${port}`];
  expect((await laptop.run(typed, window.code)).code).toBe(0);
  expect(await window.ended).toBe(0);
  const reason = async () => Status.parse(await mini.json(["status"])).peers[0]?.link_reason;
  await until("it is joined", async () => (await reason()) === "its_connections", 60_000);
  const repository = laptop.repository("hydrate", {
    "README.md": "# hydrate\n",
    "a.ts": "water\n",
  });
  const allowed = await laptop.run(["policy", "allow", "mini", "read", repository, "--yes"]);
  expect(allowed.code).toBe(0);
  await until("it may read", async () => {
    const { code, out } = await mini.run(["cat", "laptop:hydrate", "README.md"]);
    return code === 0 && out === "# hydrate\n";
  });
  const found = await mini.run(["grep", "laptop:hydrate", "water"]);
  expect([found.code, found.out]).toEqual([0, expect.stringContaining("a.ts")]);
  // Nobody can dial it: the reading went over a connection that it keeps.
  expect(await reason()).toBe("its_connections");
});
