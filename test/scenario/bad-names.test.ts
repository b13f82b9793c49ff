/** Names and words that are refused, and names that two would have. */

import { afterAll, beforeAll, expect, setDefaultTimeout } from "bun:test";
import { Scope } from "../../src/contract/terms.ts";
import { type Home, home, isBuilt, notBuilt } from "../support/executable.ts";
import { skipUnless } from "../support/skip.ts";
import { failed, recorded, trail } from "./failing.ts";
import { activate, opening, pairTwo, type Session, session } from "./pairing.ts";

const test = skipUnless(isBuilt, notBuilt);
setDefaultTimeout(30_000);

let mini: Home;
let laptop: Home;
let working: Session;

beforeAll(async () => {
  if (!isBuilt) return;
  mini = home("mini");
  laptop = home("laptop");
  working = await activate(mini, "hydrate");
  await pairTwo(mini, laptop);
});

afterAll(async () => {
  if (!isBuilt) return;
  working[Symbol.dispose]();
  await laptop[Symbol.asyncDispose]();
  await mini[Symbol.asyncDispose]();
});

/** Names that no grammar of ours allows, and the hint for each. */
const badNames = [
  ["hy_drate", "peernet activate hy-drate"],
  ["hy.drate", "peernet activate hy-drate"],
  ["hydr\u0430te", "peernet activate hydr-te"],
  ["hy drate", "peernet activate hy-drate"],
  ["..", "peernet help activate"],
  ["a".repeat(32), `peernet activate ${"a".repeat(31)}`],
] as const;

test("activate refuses a name outside the grammar, and takes none like it", async () => {
  using other = session();
  const added = await recorded(mini, async () => {
    for (const [name, hint] of [
      ...badNames,
      ...([
        ["-x", "peernet activate x"],
        ["mini/x", "peernet activate mini-x"],
        ["x\u200dy", "peernet activate x-y"],
      ] as const),
    ]) {
      const ran = await mini.run(["activate", "--pid", other.pid, "--", name]);
      expect({ name, ...ran }).toEqual({
        name,
        ...failed(
          2,
          "name: a name is 1 to 31 of a-z, 0-9 and -, and starts with a letter or digit",
          hint,
        ),
      });
    }
  });
  expect(added).toEqual([]);
  const { handles } = (await mini.json(["status"])) as { handles: unknown[] };
  expect(handles).toHaveLength(1);
});

test("activate takes a name of 31 characters", async () => {
  using other = session();
  const name = "a".repeat(31);
  expect((await mini.run(["activate", name, "--pid", other.pid])).code).toBe(0);
  expect((await laptop.run(["ask", `mini/${name}`])).code).toBe(0);
  expect((await mini.run(["deactivate", name])).code).toBe(0);
});

test("activate refuses a handle that another session holds, and names a free one", async () => {
  using other = session();
  const added = await recorded(mini, async () => {
    expect(await mini.run(["activate", "hydrate", "--pid", other.pid])).toEqual(
      failed(1, "another session holds hydrate", "peernet activate hydrate-2"),
    );
  });
  expect(added).toEqual([]);
  const words = ["activate", "hydrate", "--pid", other.pid, "--json"];
  const { details } = JSON.parse((await mini.run(words)).out).error;
  expect(details).toMatchObject({ name: "hydrate", process: { pid: Number(working.pid) } });
});

test("ask refuses what is no handle, and sends and records nothing", async () => {
  const added = await recorded(mini, async () => {
    const own = await recorded(laptop, async () => {
      // Upper case alone is folded, and an underscore is named.
      const bad = badNames.map(([name]) => name).filter((name) => !/^[a-z0-9-]+$/i.test(name));
      for (const handle of [...bad, "mini//hydrate", "/hydrate", "a/b/c"]) {
        const ran = await laptop.run(["ask", "--", handle, "why?"]);
        expect(ran).toMatchObject({ code: 2, out: "" });
        expect(ran.err).toMatch(/^peernet: error: a (question needs a HANDLE|name has no _)/);
      }
    });
    expect(own).toEqual([]);
  });
  expect(added).toEqual([]);
});

test("ask takes a question of 1 KiB and refuses one byte more, recording nothing", async () => {
  const kept = "é".repeat(512);
  expect((await laptop.run(["ask", "mini/hydrate", kept])).code).toBe(0);
  expect((await trail(mini)).at(-1)).toMatchObject({ verb: "ask", text: kept });
  const added = await recorded(mini, async () => {
    const own = await recorded(laptop, async () => {
      expect(await laptop.run(["ask", "mini/hydrate", `${kept}!`])).toEqual(
        failed(
          ...([2, "QUESTION: at most 1,024 bytes; 1,025 were given"] as const),
          "peernet ask [HANDLE] [QUESTION…]",
        ),
      );
    });
    expect(own).toEqual([]);
  });
  expect(added).toEqual([]);
});

test("peers rename refuses a bad name, this machine's own, and one that a peer has", async () => {
  await using server = home("server");
  await pairTwo(server, laptop);
  const before = await laptop.json(["peers"]);
  const grammar = "NEW: a name is 1 to 31 of a-z, 0-9 and -, and starts with a letter or digit";
  for (const [to, message, hint] of [
    ["mini_2", grammar, "peernet peers rename NAME NEW"],
    ["laptop", "laptop is another machine's name here", "choose another name"],
    ["server", "server is another machine's name here", "choose another name"],
  ] as const) {
    expect(await laptop.run(["peers", "rename", "mini", to])).toEqual(failed(2, message, hint));
  }
  expect(before).toMatchObject({ peers: [{ name: "mini" }, { name: "server" }] });
  const after = (await laptop.json(["peers"])) as { peers: { name: string }[] };
  expect(after.peers.map(({ name }) => name)).toEqual(["mini", "server"]);
});

test("a second machine of one name gets another here, and is shown as a look-alike", async () => {
  await using second = home("mini");
  using _other = await activate(second, "hydrate");
  const window = await opening(second);
  const words = ["pair", "-", "--to", window.address];
  const { code, out } = await laptop.run(words, { stdin: window.code });
  expect(code).toBe(0);
  expect(await window.ended).toBe(0);
  const peers = (await laptop.json(["peers"])) as {
    peers: { name: string; fingerprint: string }[];
  };
  const first = peers.peers.find(({ name }) => name === "mini");
  expect(first?.fingerprint).not.toBe(window.fingerprint);
  expect(out).toBe(
    [
      "Paired with mini-2",
      `  identity      ${window.fingerprint}`,
      "  mini-2 may    ask laptop:  no live handles yet",
      "  laptop may    ask mini-2:  hydrate",
      "  undo          peernet unpair mini-2",
      "  name          it calls itself mini, taken here",
      "  rename        peernet peers rename mini-2 NEW",
      `  look-alike    mini is another: ${first?.fingerprint}`,
      "",
    ].join("\n"),
  );
  expect((await laptop.run(["ask", "mini/hydrate"])).code).toBe(0);
  expect((await trail(mini)).at(-1)).toMatchObject({ verb: "ask", direction: "in" });
  expect((await laptop.run(["ask", "mini-2/hydrate"])).code).toBe(0);
  expect((await trail(second)).at(-1)).toMatchObject({ verb: "ask", direction: "in" });
});

const scopes = `the scopes are ${Scope.options.join(", ")}`;
const scopesHint = `give ${Scope.options.join(",")} or none`;

test("commands refuse what they do not know, and say what was meant", async () => {
  for (const [words, message, hint] of [
    [["aks"], "there is no command aks", "did you mean peernet ask"],
    [["ask", "--timout", "5s"], "ask has no flag --timout", "did you mean --timeout"],
    [["ask", "--timeout", "61s"], "--timeout is at most 60s", "peernet ask --timeout 60s"],
    [["pair", "--open", "--grant", "run"], "this version has no scope run", scopesHint],
    [["peers", "grant", "mini", "read"], "this version has no scope read", scopes],
    [["unpair"], "unpair needs NAME", "peernet unpair NAME"],
  ] as const) {
    expect(await laptop.run(words)).toEqual(failed(2, message, hint));
  }
  expect(await laptop.run(["unpair", "mini"])).toEqual(
    failed(2, "unpair asks first, and there is no terminal to ask at", "peernet unpair mini --yes"),
  );
});
