/**
 * Reading a repository of another machine, with the built executable on two machines of an ordinary
 * user: the policy, the sandbox, the answers, their records, and their end.
 */

import { afterAll, beforeAll, expect, setDefaultTimeout } from "bun:test";
import { chmodSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { connected } from "../mcp/support.ts";
import { isBuilt } from "../support/executable.ts";
import { canBeOrdinary, giveTo } from "../support/ordinary.ts";
import { skipUnless } from "../support/skip.ts";
import { until } from "../support/until.ts";
import { commit, type Machine, machine, paired } from "./ordinary.ts";

const test = skipUnless(canBeOrdinary && isBuilt, "needs the built executable, and Linux");
setDefaultTimeout(60_000);

let mini: Machine;
let laptop: Machine;
let repository: string;

const files = {
  "README.md": "# hydrate\n",
  "src/sync.ts": "export const first = 1;\nconst backoff = 250;\nexport const last = 3;\n",
  "src/sync.test.ts": "test();\n",
  "src/long.txt": `${"x".repeat(100)}\n`.repeat(2_000),
  ".env": "TOKEN=secret\n",
  ".env.example": "TOKEN=\n",
  "ops/keys.txt": "ops\n",
  "binary.dat": "a\0b",
  "slow.txt": `${"a".repeat(40)}!a\n`,
};

if (canBeOrdinary && isBuilt) {
  beforeAll(async () => {
    [mini, laptop] = await Promise.all([machine("mini"), machine("laptop")]);
    repository = mini.repository("hydrate", files);
    await paired(mini, laptop);
  });
  afterAll(async () => {
    await mini[Symbol.asyncDispose]();
    await laptop[Symbol.asyncDispose]();
  });
}

/** Processes of readers of the machine's user. */
const readers = (): number =>
  mini
    .does("sh", "-c", 'ps -u "$(id -u)" -o args')
    .split("\n")
    .filter((line) => /^peernet reader$/.test(line)).length;

const cat = (...words: readonly string[]) => laptop.run(["cat", "mini:hydrate", ...words]);

test("a machine that no policy names reads nothing", async () => {
  const ran = await cat("README.md");
  expect(ran).toMatchObject({ code: 4, out: "" });
  expect(ran.err).toContain("mini lets this machine read nothing");
  expect(ran.err).toContain("on mini run: peernet policy allow laptop read FOLDER");
});

test("policy allow writes the rule, tries the sandbox, and a file can be read", async () => {
  const allowed = await mini.run(["policy", "allow", "laptop", "read", repository, "--yes"]);
  expect(allowed.out).toContain("laptop  may read hydrate at main");
  expect(allowed.out).toContain("sandbox");
  expect(allowed.code).toBe(0);
  const ran = await cat("src/sync.ts");
  expect(ran).toMatchObject({ code: 0, out: files["src/sync.ts"] });
  expect(ran.err).toMatch(/^main [0-9a-f]{7}, (just committed|.* old)\n$/);
  expect((await cat("src/sync.ts", "--lines", "2:2")).out).toBe("const backoff = 250;\n");
});

test("policy test explains a decision to the owner, and exits by it", async () => {
  const test = ["policy", "test", "read", "peer=laptop", "repository=hydrate"];
  const allowed = await mini.run([...test, "ref=main"]);
  expect(allowed).toMatchObject({ code: 0, out: "allow laptop-read-hydrate: applies\nallowed\n" });
  const refused = await mini.run([...test, "ref=other"]);
  expect(refused.code).toBe(4);
  expect(refused.out).toBe("allow laptop-read-hydrate: no, its ref is not other\nrefused\n");
});

test("without a terminal, policy allow changes nothing unless it is told to", async () => {
  const before = await Bun.file(join(mini.folder, ".p/policy.toml")).text();
  const ran = await mini.run(["policy", "deny", "laptop", "read", "hydrate"]);
  expect(ran.code).toBe(4);
  expect(ran.err).toContain("without a terminal nobody can agree to this change");
  expect(await Bun.file(join(mini.folder, ".p/policy.toml")).text()).toBe(before);
});

test("policy allow is refused to a coding agent", async () => {
  const agent = join(mini.folder, "claude");
  writeFileSync(agent, `#!/bin/sh\n"$@"\nexit $?\n`, { mode: 0o755 });
  giveTo(agent);
  const words = [...mini.command, "policy", "allow", "laptop", "read", repository, "--yes"];
  const child = Bun.spawn([agent, ...words], {
    ...{ cwd: mini.folder, env: { ...mini.environment }, stdio: ["ignore", "pipe", "pipe"] },
  });
  expect(await child.exited).toBe(4);
  expect(await new Response(child.stderr).text()).toContain("only a person may do that");
});

test("a file longer than one reply is read to its end", async () => {
  expect((await cat("src/long.txt")).out).toBe(files["src/long.txt"]);
});

test("P48: A path that is denied is answered like a path that does not exist.", async () => {
  const policy = join(mini.folder, ".p/policy.toml");
  const text = await Bun.file(policy).text();
  writeFileSync(policy, `${text}deny_path = ["ops/**"]\n`);
  const answers = await Promise.all(
    [".env", "ops/keys.txt", "nothing.txt"].map((path) => cat(path, "--json")),
  );
  const bodies = answers.map(({ code, out, err }) => ({ code, out, err }));
  expect(new Set(bodies.map((body) => JSON.stringify(body))).size).toBe(1);
  expect(bodies[0]?.out).toContain("no such path is in that commit");
  const listed = (await laptop.run(["ls", "mini:hydrate"])).out.split("\n");
  expect(listed).toContain(".env.example");
  for (const path of [".env", "ops/keys.txt"]) expect(listed).not.toContain(path);
  const found = await laptop.run(["grep", "mini:hydrate", "secret"]);
  expect(found.code).toBe(1);
  // The owner's own record tells them apart.
  const { out } = await mini.run(["audit", "export"]);
  const records = out.split("\n").filter((line) => line.includes('\\"path\\":\\".env\\"'));
  expect(records.some((line) => line.includes('"outcome":"policy_refused"'))).toBeTrue();
});

test("eight readings at once are each answered", async () => {
  const ran = await Promise.all(Array.from({ length: 8 }, () => cat("README.md")));
  expect(ran.map(({ code, out }) => [code, out])).toEqual(
    Array.from({ length: 8 }, () => [0, files["README.md"]]),
  );
  expect(readers()).toBe(1);
});

test("lists and searches, by folder and by pattern", async () => {
  const listed = await laptop.run(["ls", "mini:hydrate", "src/", "--glob", "**/*.test.ts"]);
  expect(listed.out).toBe("src/sync.test.ts\n");
  const found = await laptop.run(["grep", "mini:hydrate", "backoff", "-C", "1"]);
  expect(found.out).toBe(
    "src/sync.ts-1-export const first = 1;\n" +
      "src/sync.ts:2:const backoff = 250;\n" +
      "src/sync.ts-3-export const last = 3;\n",
  );
  expect((await laptop.run(["grep", "mini:hydrate", "nowhere"])).code).toBe(1);
});

test(
  "P49: An answer that is not whole says so: an expression that was too expensive is never told " +
    "as no match.",
  async () => {
    const ran = await laptop.run(["grep", "mini:hydrate", "(a+)+$", "--regexp"]);
    expect(ran).toMatchObject({ code: 5 });
    expect(ran.err).toContain("the pattern is too expensive on some line");
    expect(ran.err).not.toContain("no match");
    // The reader that was lost in it is replaced.
    expect((await cat("README.md")).out).toBe(files["README.md"]);
  },
);

test("a machine lists the repositories that its policy lets the other read", async () => {
  const ran = await laptop.run(["ls", "mini:"]);
  expect(ran).toMatchObject({ code: 0, out: "mini:hydrate   main\n" });
  const refused = await mini.run(["ls", "laptop:"]);
  expect(refused.err).toContain("laptop lets this machine read nothing");
});

test("an odd pattern, ref, repository and file are each refused by name", async () => {
  const refusals: readonly (readonly [readonly string[], number, string])[] = [
    [["grep", "mini:hydrate", "(", "--regexp"], 2, "that is no regular expression"],
    [["cat", "mini:hydrate", "README.md", "--at", "other"], 4, "read one of: main"],
    [["cat", "mini:hydrate", "README.md", "--at", "0".repeat(40)], 4, "read one of: main"],
    [["cat", "mini:secret", "README.md"], 1, "mini lets this machine read no repository secret"],
    [["cat", "other:hydrate", "README.md"], 1, "no peer is called other"],
    [["cat", "hydrate", "README.md"], 2, "a repository is written MACHINE:NAME"],
    [["cat", "mini:hydrate", "README.md", "--lines", "9:1"], 2, "--lines takes two numbers"],
  ];
  for (const [words, code, text] of refusals) {
    const ran = await laptop.run(words);
    expect([words, ran.code, ran.err.includes(text) ? text : ran.err]).toEqual([words, code, text]);
  }
});

test("a commit that moved on is read at its new tip, and named", async () => {
  writeFileSync(join(repository, "README.md"), "# moved\n");
  mini.does("git", "-C", repository, "add", "-A");
  commit(mini.does, repository, "second");
  const sha = mini.does("git", "-C", repository, "rev-parse", "HEAD");
  const ran = await cat("README.md", "--at", sha);
  expect(ran.out).toBe("# moved\n");
  expect(ran.err).toStartWith(`main ${sha.slice(0, 7)}, `);
  // Without a commit the same command takes the present one, too, once its reading is past.
  await until("the new tip is read", async () => (await cat("README.md")).out === "# moved\n");
});

test("a reading leaves a record at its opening and at each operation, on both sides", async () => {
  for (const [side, { out }] of [
    ["in", await mini.run(["audit", "export"])],
    ["out", await laptop.run(["audit", "export"])],
  ] as const) {
    const records = out
      .split("\n")
      .filter((line) => line.includes('"verb":"read"'))
      .map((line) => JSON.parse(line))
      .filter(({ direction }) => direction === side);
    const acts = records.map(({ details }) => JSON.parse(details ?? "{}").act);
    for (const act of ["list", "open", "file", "glob", "grep"]) expect(acts).toContain(act);
    expect(out).not.toContain("backoff");
    expect(out).not.toContain("TOKEN=");
  }
  const verified = await mini.run(["audit", "verify"]);
  expect(verified.code).toBe(0);
});

test("a model reads, searches and lists, in fenced pages of at most 9,000 characters", async () => {
  const command = [...laptop.command, "mcp"];
  await using agent = await connected(laptop, { command });
  const target = "mini:hydrate";
  const read = await agent.call("read_peer_file", { target, path: "src/sync.ts" });
  expect(read).toMatchObject({ isError: false });
  const lines = files["src/sync.ts"].trimEnd().split("\n");
  expect(read.facts).toMatchObject({ path: "src/sync.ts", lines, total: 3, incomplete: null });
  const fence =
    /<untrusted ([0-9a-f]{16})>\n(?:.*\n)*const backoff = 250;\n(?:.*\n)*<\/untrusted \1>$/;
  expect(read.text).toMatch(fence);
  // A longer file comes page by page, each line once.
  const seen: string[] = [];
  let cursor: unknown;
  do {
    const given = cursor === undefined ? {} : { cursor };
    const page = await agent.call("read_peer_file", { target, path: "src/long.txt", ...given });
    expect(page.text.length).toBeLessThanOrEqual(9_000);
    seen.push(...Object(page.facts).lines);
    ({ cursor } = Object(page.facts));
  } while (typeof cursor === "string");
  expect(`${seen.join("\n")}\n`).toBe(files["src/long.txt"]);
  const found = await agent.call("search_peer_files", { target, text: "backoff" });
  expect(Object(found.facts).lines).toEqual(["src/sync.ts:2:const backoff = 250;"]);
  const listed = await agent.call("list_peer_files", { target, glob: "src/*.ts" });
  expect(Object(listed.facts).lines).toEqual(["src/sync.test.ts", "src/sync.ts"]);
  const repositories = await agent.call("list_peer_files", { target: "mini:" });
  expect(Object(repositories.facts).lines).toEqual(["mini:hydrate main"]);
  const denied = await agent.call("read_peer_file", { target, path: ".env" });
  expect(denied).toMatchObject({ isError: true });
  expect(denied.text).toContain("no such path is in that commit");
});

test(
  "P50: A reading whose rule or pairing ends is refused from its next operation on, and its " +
    "reader is gone within one second.",
  async () => {
    expect((await cat("README.md")).code).toBe(0);
    expect(readers()).toBeGreaterThan(0);
    const denied = await mini.run(["policy", "deny", "laptop", "read", "hydrate", "--yes"]);
    expect(denied.code).toBe(0);
    const endedMs = performance.now();
    const ran = await cat("README.md");
    expect(ran).toMatchObject({ code: 4, out: "" });
    await until("no reader is left", () => readers() === 0);
    expect(performance.now() - endedMs).toBeLessThan(1_000);
  },
);

test(
  "P45: A policy that is absent, faulty, or open to others allows nothing, and a name in it " +
    "counts for the key that bore it at the last check alone.",
  async () => {
    const policy = join(mini.folder, ".p/policy.toml");
    await mini.run(["policy", "allow", "laptop", "read", repository, "--yes"]);
    const good = await Bun.file(policy).text();
    expect((await cat("README.md")).code).toBe(0);
    const write = (text: string): void => {
      writeFileSync(policy, text, { mode: 0o600 });
      giveTo(policy);
    };
    write(`${good}\nspelled = "wrong"\n`);
    expect((await cat("README.md")).code).toBe(4);
    const shown = await mini.run(["policy", "show"]);
    expect(shown.code).toBe(2);
    const line = good.split("\n").length + 1;
    expect(shown.err).toContain(`policy.toml, line ${line}: allow.read.0: spelled is not known`);
    write(good);
    expect((await cat("README.md")).code).toBe(0);
    chmodSync(policy, 0o644);
    expect((await cat("README.md")).code).toBe(4);
    chmodSync(policy, 0o600);
    // Another name for the same key counts only once a person has checked it.
    write(good.replaceAll('"laptop"', '"portable"'));
    expect((await cat("README.md")).code).toBe(4);
    await mini.run(["peers", "rename", "laptop", "portable"]);
    expect((await cat("README.md")).code).toBe(4);
    await mini.run(["policy", "check"]);
    expect((await cat("README.md")).code).toBe(0);
    await mini.run(["peers", "rename", "portable", "laptop"]);
  },
);
