/**
 * Readings over real TLS, with a keeper of the test's own on the control socket: what ends while
 * the keeper reads is not told, though it was read.
 */

import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Errand, ErrandOutcome } from "../../../src/contract/errands/errands.ts";
import { PeernetError } from "../../../src/contract/errors.ts";
import { type Machine, machine, pair } from "../../support/daemon.ts";
import { until } from "../../support/until.ts";

setDefaultTimeout(30_000);

let mini: Machine;
let laptop: Machine;
const leaving = new AbortController();
/** Called when the keeper gets an operation, before it answers. */
let meanwhile: () => Promise<unknown> = async () => {};
const closed: string[] = [];

const policy = `version = 1
[repositories.hydrate]
path = "/src/hydrate"
[[allow.read]]
name = "laptop-reads"
peer = ["laptop"]
repository = ["hydrate"]
ref = ["main"]
`;

/** The outcome of an errand, as a keeper with a reader tells it. */
async function outcomeOf(errand: Errand): Promise<ErrandOutcome> {
  switch (errand.kind) {
    case "read_open": {
      const at = { sha: "1".repeat(40), ref: "refs/heads/main", files: 1, age_ms: 5 };
      return { kind: errand.kind, output: { opened: true, ...at, wall: "landlock" } } as const;
    }
    case "read": {
      await meanwhile();
      const value = {
        path: "a.txt",
        kind: "text",
        bytes: 7,
        first_line: 1,
        text: "secret\n",
        incomplete: null,
        total: 1,
        cursor: null,
      } as const;
      return { kind: errand.kind, output: { result: { end: "file", value } } } as const;
    }
    case "read_close":
      closed.push(String(Object(errand.input).reading_id));
      return { kind: errand.kind, output: {} } as const;
    default:
      return { kind: "failed", reason: "unsupported" } as const;
  }
}

async function keep(): Promise<void> {
  const kinds = ["read_open", "read", "read_close"];
  const { calls } = mini;
  for await (const event of calls.errands({ version: "9", kinds }, { signal: leaving.signal })) {
    if (event.event !== "errand") continue;
    const { errand } = event;
    void outcomeOf(errand).then((outcome) => calls.errand({ id: errand.id, outcome }));
  }
}

const write = async (text: string): Promise<void> => {
  const { digest } = await mini.calls.policy({});
  await mini.calls["policy/write"]({ text, replaces: digest });
};

const read = () =>
  laptop.calls
    .read({
      ...{ machine: "mini", repository: "hydrate", handle: null, at: null },
      operation: { op: "file", path: "a.txt" },
    })
    .then(
      ({ answer }) => (answer.op === "file" ? answer.text : null),
      (error: unknown) => (error instanceof PeernetError ? error.code : "other"),
    );

beforeAll(async () => {
  [mini, laptop] = await Promise.all([machine("mini"), machine("laptop")]);
  await pair(mini, laptop);
  keep().catch(() => {});
  await write(policy);
});
afterAll(async () => {
  leaving.abort();
  await mini[Symbol.asyncDispose]();
  await laptop[Symbol.asyncDispose]();
});

const edited = (text: string) => async (): Promise<void> => {
  writeFileSync(join(mini.home, "policy.toml"), text, { mode: 0o600 });
};

test("a repository that is not readable is refused with the names of those that are", async () => {
  const input = { machine: "mini", repository: "nope", handle: null, at: null };
  const operation = { op: "file", path: "a.txt" } as const;
  const refused = laptop.calls.read({ ...input, operation });
  await expect(refused).rejects.toMatchObject({
    code: "repository_unknown",
    hint: "read one of: mini:hydrate",
  });
});

test("a list holds what the policy lets this peer read; a paused peer gets none", async () => {
  const list = () =>
    laptop.calls["read/repositories"]({ machine: "mini" }).then(
      ({ repositories }) => repositories.map(({ name, refs }) => `${name} ${refs.join(",")}`),
      (error: unknown) => (error instanceof PeernetError ? error.code : "other"),
    );
  const secret = '[repositories.secret]\npath = "/src/secret"\n[[allow.read]]\nname = "bob"\n';
  const ofBob = `${secret}peer = ["bob"]\nrepository = ["secret"]\nref = ["main"]\n`;
  await write(`${policy}${ofBob}`);
  expect(await list()).toEqual(["hydrate main"]);
  await mini.calls["peers/pause"]({ name: "laptop" });
  expect(await list()).toBe("scope_denied");
  await mini.calls["peers/resume"]({ name: "laptop" });
  await write(policy.replace('"laptop"', '"bob"'));
  expect(await list()).toBe("scope_denied");
  await write(policy);
});

test("a list of long patterns is cut to what a message holds, and says so", async () => {
  const refs = Array.from({ length: 8 }, (_, at) => `${at}${"x".repeat(250)}`);
  const names = Array.from({ length: 40 }, (_, at) => `r${at}`);
  const places = names.map((name) => `[repositories.${name}]\npath = "/src/${name}"\n`);
  const rule = `[[allow.read]]\nname = "all"\npeer = ["laptop"]\n`;
  const of = `repository = ${JSON.stringify(names)}\nref = ${JSON.stringify(refs)}\n`;
  await write(`version = 1\n${places.join("")}${rule}${of}`);
  const { repositories, more } = await laptop.calls["read/repositories"]({ machine: "mini" });
  expect(repositories.length).toBeGreaterThan(8);
  expect([more, repositories.length < 40]).toEqual([true, true]);
  await write(policy);
});

describe("an operation", () => {
  test("is answered while its rule holds", async () => {
    expect(await read()).toBe("secret\n");
  });

  const ends: readonly (readonly [string, () => Promise<unknown>, string])[] = [
    ["a rule ends", edited(policy.replace('"laptop"', '"other"')), "scope_denied"],
    ["the policy gets a fault", edited(`${policy}odd = 1\n`), "scope_denied"],
    ["its repository gets another path", edited(policy.replace("/src", "/other")), "scope_denied"],
    ["the peer is paused", () => mini.calls["peers/pause"]({ name: "laptop" }), "scope_denied"],
  ];
  for (const [what, run, code] of ends) {
    test(`tells nothing when ${what} while the keeper reads`, async () => {
      expect(await read()).toBe("secret\n");
      meanwhile = run;
      expect(await read()).toBe(code);
      meanwhile = async () => {};
      await mini.calls["peers/resume"]({ name: "laptop" });
      await edited(policy)();
      expect(await read()).toBe("secret\n");
    });
  }

  test("is read again when a path is denied while the keeper reads", async () => {
    const denying = `${policy}deny_path = ["a.txt"]\n`;
    let asked = 0;
    meanwhile = async () => {
      asked += 1;
      await edited(denying)();
    };
    await read();
    meanwhile = async () => {};
    // The first answer was dropped, and the reading opened once more under the new rule.
    expect(asked).toBe(2);
    await edited(policy)();
  });

  test("ends, with its reader, when its rule ends", async () => {
    expect(await read()).toBe("secret\n");
    const before = closed.length;
    await write(policy.replace('"main"', '"other"'));
    await until("the reader is told to end", () => closed.length > before);
    await write(policy);
  });
});

describe("the scope read", () => {
  const rights = async () => {
    const { grants } = await laptop.calls["peers/show"]({ name: "mini" });
    return grants.ours;
  };

  test("is told to the peer as its rule begins and ends, and is no grant", async () => {
    await write(policy);
    await until("the laptop knows it", async () => (await rights()).includes("read"));
    const { grants } = await mini.calls["peers/show"]({ name: "laptop" });
    expect(grants.theirs).toEqual(["ask"]);
    await write(policy.replace('"laptop"', '"other"'));
    await until("the laptop knows its end", async () => !(await rights()).includes("read"));
  });

  test("is not told while the peer is paused", async () => {
    await mini.calls["peers/pause"]({ name: "laptop" });
    await write(policy);
    expect(await read()).toBe("scope_denied");
    await mini.calls["peers/resume"]({ name: "laptop" });
  });
});
