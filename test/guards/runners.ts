/** Guards of runners: their endpoint, its meter, and their keys. */

import type { Guard } from "./guard.ts";

const served = "test/keeper/tasks/endpoint/serve.test.ts";
const metered = "test/keeper/tasks/endpoint/metering.test.ts";
const tunnel = "test/keeper/tasks/endpoint/tunnel.test.ts";

/** Guards of runners. */
export const runnerGuards: readonly Guard[] = [
  {
    name: "the endpoint passes named requests alone",
    source: "src/keeper/tasks/endpoint/serve.ts",
    find: "if (plan.model === null || !(isMetered || isFree)) {",
    replace: "if (plan.model === null) {",
    file: served,
    test: "refuses an upload path",
  },
  {
    name: "the endpoint follows no other address",
    source: "src/keeper/tasks/endpoint/relay.ts",
    find: 'redirect: "manual",',
    replace: 'redirect: "follow",',
    file: served,
    test: "never asks another address that the origin names",
  },
  {
    name: "a model's server fetches nothing for a task",
    source: "src/keeper/tasks/endpoint/body.ts",
    find: "if (fetched.has(key)) {",
    replace: "if (false as boolean) {",
    file: "test/keeper/tasks/endpoint/body.test.ts",
    test: "refuses a URL without a type",
  },
  {
    name: "a model's server runs no tool for a task",
    source: "src/keeper/tasks/endpoint/body.ts",
    find: "const tools = misfitOfTools(walk, body.tools);",
    replace: "const tools = null;",
    file: "test/keeper/tasks/endpoint/body.test.ts",
    test: "refuses a search by the server",
  },
  {
    name: "a reply without its usage counts at the most",
    source: "src/keeper/tasks/endpoint/meter.ts",
    find: 'if (end === "unseen") spent += entry.reserved;',
    replace: 'if (end === "unseen") spent += 0;',
    file: metered,
    test: "counts the most when a client leaves before a reply begins",
  },
  {
    name: "a reply that was cut counts its output at the most",
    source: "src/keeper/tasks/endpoint/meter.ts",
    find: "): Counts => (isWhole ? counts : { ...counts, output });",
    replace: "): Counts => (isWhole || output > 0 ? counts : counts);",
    file: metered,
    test: "counts the most that a request allows when its client leaves first",
  },
  {
    name: "no tunnel leads to the model's host",
    source: "src/keeper/tasks/endpoint/tunnel.ts",
    find: " || name === ofModel",
    replace: "",
    file: tunnel,
    test: "is never to the model's host, where another's key would work",
  },
  {
    name: "no tunnel leads to this machine",
    source: "src/keeper/tasks/endpoint/tunnel.ts",
    find: "=> !near.test(address))",
    replace: "=> near.source.length > 0 || address === '')",
    file: tunnel,
    test: "is never to this machine, whatever a name leads to",
  },
  {
    name: "no line repeats a key that was typed as a word",
    source: "src/cli/runners/runner.ts",
    find: "if (more.length === 0 && isName(name)) return;",
    replace: "if (more.length >= 0 || isName(name)) return;",
    file: "test/cli/runners/runner.test.ts",
    test: "add refuses a name that no runner has, and a key among its words",
  },
];
