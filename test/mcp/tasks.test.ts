/** The tools about tasks, against a real daemon and a peer that lets it run nothing. */

import { afterAll, beforeAll, expect, setDefaultTimeout } from "bun:test";
import { activate, pairTwo, root, type Session } from "../scenario/pairing.ts";
import { type Home, home, isBuilt, notBuilt } from "../support/executable.ts";
import { skipUnless } from "../support/skip.ts";
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

const asked = { machine: "mini", repository: "hydrate", prompt: "Port the loader" };

test("delegate_task is refused without a handle, and where no rule lets it", async () => {
  const before = await agent.call("delegate_task", asked);
  expect(before.facts).toMatchObject({ error: { code: "no_handle" } });
  await agent.call("activate_session", { name: "delegator" });
  const { isError, text, facts } = await agent.call("delegate_task", asked);
  expect(isError).toBe(true);
  expect(facts).toMatchObject({ error: { code: "outbound_refused" } });
  expect(text).not.toMatch(/task approve|peers grant/);
  const { out } = await mini.run(["tasks", "--all", "--json"]);
  expect(JSON.parse(out)).toMatchObject({ tasks: [] });
});

test("get_task and stop_task know no task that this machine did not ask for", async () => {
  for (const tool of ["get_task", "stop_task"]) {
    const { isError, facts } = await agent.call(tool, { task: "loader" });
    expect([isError, facts]).toMatchObject([true, { error: { code: "id_unknown" } }]);
  }
});

test("no tool approves a task, or decides about one of a peer's", async () => {
  const names = (await agent.client.listTools()).tools.map(({ name }) => name);
  expect(names).toContain("delegate_task");
  expect(names.filter((name) => /approve|refuse|grant|pair$/.test(name))).toEqual([]);
});
