/** Each tool against a real daemon that is paired with a second one, by the SDK's own client. */

import { afterAll, beforeAll, describe, expect, setDefaultTimeout } from "bun:test";
import { join } from "node:path";
import { connect } from "../../src/client.ts";
import { untrustedFields, untrustedNotice } from "../../src/contract/ask.ts";
import { untrustedPeerFields } from "../../src/contract/mcp.ts";
import { timers } from "../../src/platform/clock/timers.ts";
import { processOf } from "../../src/session/process.ts";
import { activate, pairTwo, root, type Session } from "../scenario/pairing.ts";
import { type Home, home, isBuilt, notBuilt } from "../support/executable.ts";
import { skipUnless } from "../support/skip.ts";
import { until } from "../support/until.ts";
import { type Connected, connected } from "./support.ts";

const test = skipUnless(isBuilt, notBuilt);
setDefaultTimeout(30_000);

let mini: Home;
let laptop: Home;
let hydrate: Session;
let agent: Connected;

beforeAll(async () => {
  if (!isBuilt) return;
  mini = home("mini");
  laptop = home("laptop");
  await mini.json(["start"]);
  await laptop.json(["start"]);
  // Before they are paired, so that the first hello carries it.
  hydrate = await activate(mini, "hydrate");
  await pairTwo(mini, laptop);
  agent = await connected(laptop, { cwd: root });
});

afterAll(async () => {
  if (!isBuilt) return;
  await agent[Symbol.asyncDispose]();
  hydrate.end();
  await mini[Symbol.asyncDispose]();
  await laptop[Symbol.asyncDispose]();
});

describe("ask_peer", () => {
  test("answers with the facts of a session, fenced, and the same in both forms", async () => {
    const { isError, text, facts } = await agent.call("ask_peer", { handle: "mini/hydrate" });
    expect(isError).toBe(false);
    expect(facts).toMatchObject({
      status: "ok",
      handle: "mini/hydrate",
      message: "mini/hydrate: state not told. Facts held by mini's daemon.",
      summary: { text: "at work on hydrate" },
      untrusted: [...untrustedFields],
      notice: untrustedNotice,
    });
    expect(text).toContain(`\nnotice: ${untrustedNotice}\n`);
    expect(text).toMatch(
      /<untrusted ([0-9a-f]{16})>\n(.*\n)*summary\.text: at work on hydrate\n<\/untrusted \1>$/,
    );
  });

  test("says that no model read the question, and puts it on record on both machines", async () => {
    const question = "is retry.ts free?";
    const { facts } = await agent.call("ask_peer", { handle: "mini/hydrate", question });
    expect(facts.message).toEndWith("Your question is on record there; no model read it.");
    for (const place of [mini, laptop]) {
      const { out } = await place.run(["audit", "--verb", "ask", "--json"]);
      expect(out).toContain(question);
    }
  });

  test("names the handles that are live where one is not", async () => {
    const { isError, text, facts } = await agent.call("ask_peer", { handle: "mini/gone" });
    expect(isError).toBe(true);
    expect(facts).toEqual({
      error: {
        code: "handle_unknown",
        message: "mini/gone is not live",
        hint: "choose one of those in details, or call the tool list_peers",
        details: { live: ["mini/hydrate"] },
      },
    });
    // 42: text that another machine chose stands in the block alone.
    expect(text).toMatch(
      /\n<untrusted ([0-9a-f]{16})>\ndetails\.live: mini\/hydrate\n<\/untrusted \1>$/,
    );
    expect(text.slice(0, text.indexOf("<untrusted"))).not.toContain("hydrate");
  });

  test("names the machines that are paired where one is not", async () => {
    const { isError, facts } = await agent.call("ask_peer", { handle: "server/api" });
    expect(isError).toBe(true);
    expect(facts.error).toEqual({
      code: "peer_unknown",
      message: "no peer is called server",
      hint: "call the tool list_peers",
      details: { peers: ["mini"] },
    });
  });

  test("checks the bounds that a client dropped from the schema", async () => {
    for (const [given, message] of [
      [{}, "handle: a text is missing"],
      [{ handle: "Mini_1/x" }, "handle: a handle is name or machine/name"],
      [{ handle: "mini/" }, "handle: a handle is name or machine/name"],
      [
        { handle: "mini/hydrate", question: "x".repeat(1_025) },
        "question: at most 1,024 characters; 1,025 were given",
      ],
      [{ handle: "mini/hydrate", question: "a\0b" }, "question: text must be well-formed"],
      [{ handle: 5 }, "handle: a text is taken; a number was given"],
    ] as const) {
      const { isError, facts } = await agent.call("ask_peer", given);
      expect([given, isError, Object(facts.error).code]).toEqual([given, true, "bad_request"]);
      expect(Object(facts.error).message).toStartWith(message);
    }
  });

  test("takes null for what is left out", async () => {
    const { isError } = await agent.call("ask_peer", { handle: "mini/hydrate", question: null });
    expect(isError).toBe(false);
  });
});

describe("wait_for_peer", () => {
  test("says that the time is over, and whom nobody can wait for", async () => {
    const input = { handle: "mini/hydrate", until: "commit", timeout_s: 1 };
    const waited = await agent.call("wait_for_peer", input);
    expect(waited.facts).toMatchObject({
      ...{ waiting: false, outcome: "timeout", reason: null, answer: null },
    });
    const nobody = await agent.call("wait_for_peer", { handle: "mini/nobody" });
    expect(nobody.facts.error).toMatchObject({ code: "handle_unknown" });
  });
});

describe("list_peers", () => {
  test("lists the machines and what is live on them", async () => {
    await until("laptop has heard of hydrate", async () => {
      const { facts } = await agent.call("list_peers");
      return JSON.stringify(facts).includes("mini/hydrate");
    });
    const { isError, text, facts } = await agent.call("list_peers");
    expect(isError).toBe(false);
    expect(facts).toMatchObject({
      message: "1 paired machine: 1 up, 1 live handle",
      peers: [{ name: "mini", link: "up", handles: [{ handle: "mini/hydrate" }] }],
      untrusted: [...untrustedPeerFields],
    });
    // 42: names, handles and projects of other machines stand in the block alone.
    expect(text).toMatch(
      /<untrusted ([0-9a-f]{16})>\npeers\.0\.name: mini\n(.*\n)*.*summary: .*\n<\/untrusted \1>$/,
    );
    const ours = text.slice(0, text.indexOf("<untrusted"));
    expect(ours).not.toMatch(/mini|hydrate/);
  });
});

describe("the resource and the prompt", () => {
  test("peernet://peers is what list_peers tells in text", async () => {
    const { resources } = await agent.client.listResources();
    expect(resources.map(({ uri }) => uri)).toEqual(["peernet://peers"]);
    const { contents } = await agent.client.readResource({ uri: "peernet://peers" });
    expect(contents).toMatchObject([{ uri: "peernet://peers", mimeType: "text/plain" }]);
    expect(JSON.stringify(contents)).toContain("peers.0.name: mini");
    expect(agent.client.readResource({ uri: "peernet://x\u202e" })).rejects.toThrow(
      "there is no resource peernet://x\ufffd",
    );
  });

  test("ask says which tool to call with what, and refuses what is no handle", async () => {
    const { prompts } = await agent.client.listPrompts();
    expect(prompts.map(({ name }) => name)).toEqual(["ask"]);
    const { messages } = await agent.client.getPrompt({
      name: "ask",
      arguments: { handle: "mini/hydrate", question: "free?" },
    });
    expect(JSON.stringify(messages)).toContain("Call ask_peer with the handle mini/hydrate");
    expect(agent.client.getPrompt({ name: "ask", arguments: { handle: "../x" } })).rejects.toThrow(
      "handle: a handle is",
    );
    expect(agent.client.getPrompt({ name: "tell" })).rejects.toThrow("there is no prompt tell");
  });

  test("a tool that is not there is an error of the protocol", async () => {
    expect(agent.client.callTool({ name: "pair" })).rejects.toThrow("there is no tool pair");
    expect(agent.client.callTool({ name: "toString" })).rejects.toThrow("there is no tool");
  });
});

describe("a session", () => {
  const handles = async (): Promise<readonly string[]> => {
    const status = Object(await laptop.json(["status"]));
    return status.handles.map(({ handle }: { handle: string }) => handle);
  };

  test("takes no handle because its client started a server", async () => {
    expect(await handles()).toEqual([]);
  });

  test("gets the first step when it has no handle", async () => {
    for (const [name, given] of [
      ["set_summary", { summary: "x" }],
      ["deactivate_session", {}],
    ] as const) {
      const { isError, facts } = await agent.call(name, given);
      expect(isError).toBe(true);
      expect(facts.error).toEqual({
        code: "handle_unknown",
        message: "this session has no handle",
        hint: "call the tool activate_session",
      });
    }
  });

  test("takes a handle, renames it, says what it does, and leaves", async () => {
    const taken = await agent.call("activate_session", { name: "web", summary: "first" });
    expect(taken.isError).toBe(false);
    expect(taken.facts).toMatchObject({
      message: "live as laptop/web, mini may ask; to leave: peernet deactivate web",
      handle: "laptop/web",
      renamed_from: null,
      visible_to: ["mini"],
    });
    expect(taken.text).toStartWith(String(taken.facts.message));
    const again = await agent.call("activate_session", { name: "site" });
    expect(again.facts).toMatchObject({ handle: "laptop/site", renamed_from: "web" });
    expect(await handles()).toEqual(["laptop/site"]);
    const said = await agent.call("set_summary", { summary: "port the client" });
    expect(said.facts).toEqual({
      message: "laptop/site has a new summary",
      handle: "laptop/site",
      summary: "port the client",
    });
    const asked = Object(await mini.json(["ask", "laptop/site"]));
    expect(asked.summary.text).toBe("port the client");
    expect(asked.session.harness).toBe("test-client");
    expect((await agent.call("peernet_status")).facts).toMatchObject({ handle: "laptop/site" });
    expect((await agent.call("deactivate_session")).facts).toEqual({
      message: "laptop/site is no longer live",
      handle: "laptop/site",
    });
    expect(await handles()).toEqual([]);
  });

  test("learns of a name that another session holds", async () => {
    using _other = await activate(laptop, "held");
    const { isError, facts } = await agent.call("activate_session", { name: "held" });
    expect(isError).toBe(true);
    expect(facts.error).toMatchObject({
      code: "handle_held",
      message: "another session holds held",
      hint: "call the tool activate_session with the name held-2",
    });
    await laptop.run(["deactivate", "held"]);
  });

  test("of Codex is the one that the call names, several in one process", async () => {
    await using codex = await connected(laptop, { name: "codex-mcp-client", cwd: root });
    const turn = (id: string) => ({ sessionId: id, threadId: `${id}-thread` });
    const one = await codex.call("activate_session", { name: "one" }, turn("s-1"));
    const two = await codex.call("activate_session", { name: "two" }, turn("s-2"));
    expect([one.facts.handle, two.facts.handle]).toEqual(["laptop/one", "laptop/two"]);
    const said = await codex.call("set_summary", { summary: "second" }, turn("s-2"));
    expect(said.facts.handle).toBe("laptop/two");
    const other = await codex.call("deactivate_session", {}, turn("s-3"));
    expect(Object(other.facts.error).code).toBe("handle_unknown");
    for (const id of ["s-1", "s-2"]) await codex.call("deactivate_session", {}, turn(id));
    expect(await handles()).toEqual([]);
  });

  test("of Claude Code is its process, whatever session its environment names", async () => {
    const environment = { CLAUDE_CODE_SESSION_ID: "stale", CLAUDE_PROJECT_DIR: root };
    await using claude = await connected(laptop, { name: "claude-code", environment });
    const { facts } = await claude.call("activate_session", { name: "claude" });
    expect(facts.handle).toBe("laptop/claude");
    expect(Object(await laptop.json(["status"])).handles).toMatchObject([
      { handle: "laptop/claude", harness: "claude-code" },
    ]);
    expect((await claude.call("deactivate_session")).isError).toBe(false);
    expect(await handles()).toEqual([]);
  });

  test("of Claude Code has the handle that a hook took for it under its session's id", async () => {
    const { calls } = connect(join(laptop.folder, "control.sock"), { timers });
    const own = processOf(process.pid);
    if (own === null) throw new Error("this process cannot be seen");
    const session = { harness: "claude-code", session_id: "by-a-hook", process: own, sole: true };
    await calls.activate({ ...session, name: "hooked", cwd: root, project: "peernet" });
    await using claude = await connected(laptop, { name: "claude-code" });
    expect((await claude.call("peernet_status")).facts.handle).toBe("laptop/hooked");
    const said = await claude.call("set_summary", { summary: "at it" });
    expect(said.facts.handle).toBe("laptop/hooked");
    const { facts } = await claude.call("activate_session", { name: "renamed" });
    expect(facts).toMatchObject({ handle: "laptop/renamed", renamed_from: "hooked" });
    const { leases } = await calls.leases({});
    expect(leases).toMatchObject([{ name: "renamed", session_id: "by-a-hook" }]);
    expect((await claude.call("deactivate_session")).isError).toBe(false);
  });
});
