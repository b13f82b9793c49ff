/** The agents that have peernet's tools, and no hooks of it: their models ask, and read mail. */

import { expect, setDefaultTimeout } from "bun:test";
import { activate, pairTwo } from "../scenario/pairing.ts";
import type { Client } from "./support/clients.ts";
import { tell, withClients } from "./support/driving.ts";
import { type Machine, machine } from "./support/machine.ts";
import { type Model, model, type Reply } from "./support/model.ts";
import { setUp } from "./support/peernet.ts";

setDefaultTimeout(240_000);

/** The way to give an agent one prompt. */
interface Run {
  readonly words: readonly string[];
  readonly environment: Readonly<Record<string, string>>;
  /** The model's calls, when they are not the tool itself. */
  readonly calls?: readonly Reply[];
}

const prompt = "see what mini is at";
const asked = { handle: "mini/hydrate", question: "what are you working on?" };

/** The settings of each agent, so that it uses the stub and asks no person. */
const runs: Readonly<Record<string, (machine: Machine, stub: Model) => Run>> = {
  copilot: (_machine, stub) => ({
    words: ["-p", prompt, "--allow-all-tools", "--no-auto-update"],
    environment: {
      COPILOT_PROVIDER_BASE_URL: `${stub.url}/v1`,
      COPILOT_PROVIDER_API_KEY: "stub",
      COPILOT_MODEL: "stub",
      COPILOT_OFFLINE: "true",
    },
  }),
  gemini: (_machine, stub) => ({
    // A model by name, or it asks another one which to take.
    words: ["-p", prompt, "--yolo", "--skip-trust", "-m", "gemini-2.5-flash"],
    environment: {
      GEMINI_API_KEY: "stub",
      GOOGLE_GEMINI_BASE_URL: stub.url,
      GEMINI_CLI_NO_RELAUNCH: "true",
    },
  }),
  opencode: (machine) => ({
    words: ["run", prompt],
    environment: {
      OPENCODE_CONFIG: `${machine.folder}/stub.json`,
      OPENCODE_DISABLE_AUTOUPDATE: "1",
      OPENCODE_DISABLE_MODELS_FETCH: "1",
    },
  }),
  qwen: (_machine, stub) => ({
    words: [
      ...["-p", prompt, "--yolo", "--auth-type", "openai", "--openai-api-key", "stub"],
      ...["--openai-base-url", `${stub.url}/v1`, "--model", "stub"],
    ],
    environment: {},
    // It keeps tools of servers behind two of its own.
    calls: [
      { call: "tool_search", with: { query: "select:mcp__peernet__ask_peer" } },
      { call: "tool_call", with: { name: "mcp__peernet__ask_peer", arguments: asked } },
    ],
  }),
};

/** Settings without which some do not start. */
function seed(machine: Machine, stub: Model): void {
  const auth = { security: { auth: { selectedType: "gemini-api-key" } } };
  machine.write(".gemini/settings.json", JSON.stringify(auth, null, 2));
  const models = { stub: { name: "stub", tool_call: true } };
  const options = { baseURL: `${stub.url}/v1`, apiKey: "stub" };
  const provider = { stub: { npm: "@ai-sdk/openai-compatible", options, models } };
  machine.write("stub.json", JSON.stringify({ model: "stub/stub", provider }));
}

/** Gives an agent its prompt, and waits for the words by which it ends. */
async function prompted(
  name: Client,
  {
    laptop,
    words,
    environment,
    end,
  }: Pick<Run, "words" | "environment"> & { readonly laptop: Machine; readonly end: string },
): Promise<void> {
  const child = Bun.spawn([name, ...words], {
    cwd: laptop.tree,
    env: { ...laptop.clientEnvironment, ...environment },
    stdin: "ignore",
    stdout: "pipe",
    stderr: "pipe",
  });
  const [out, err] = await Promise.all([
    new Response(child.stdout).text(),
    new Response(child.stderr).text(),
  ]);
  if (!out.includes(end)) throw new Error(`${name}: ${out}${err}`);
}

/** A call of a tool as the model of this agent makes it. */
const callOf = (name: Client, call: string, given: Readonly<Record<string, unknown>>): Reply =>
  name === "qwen"
    ? { call: "tool_call", with: { name: `mcp__peernet__${call}`, arguments: given } }
    : { call, with: given };

const names: readonly Client[] = ["copilot", "gemini", "opencode", "qwen"];
for (const name of names) {
  const run = runs[name];
  if (run === undefined) throw new Error(`nobody knows how to run ${name}`);
  withClients(name)(`${name} asks a session on another machine`, async () => {
    using stub = model();
    await using mini = machine("mini", []);
    await using laptop = machine("laptop", [name]);
    seed(laptop, stub);
    await setUp(mini);
    await setUp(laptop);
    await pairTwo(mini, laptop);
    using _session = await activate(mini, "hydrate");
    const startedMs = performance.now();
    const { words, environment, calls } = run(laptop, stub);
    stub.next(...(calls ?? [{ call: "ask_peer", with: asked }]), { say: "It is at work." });
    await prompted(name, { laptop, words, environment, end: "It is at work." });
    const handed = stub.turns.at(-1)?.results.at(-1) ?? "";
    for (const fact of ["mini/hydrate", "main", "at work on hydrate", "untrusted"]) {
      expect(handed).toContain(fact);
    }
    tell(`${name} asks`, startedMs);
  });
}

for (const name of names) {
  const run = runs[name];
  if (run === undefined) throw new Error(`nobody knows how to run ${name}`);
  withClients(name)(`${name} reads each text of its mail once, when its model asks`, async () => {
    using stub = model();
    await using laptop = machine("laptop", [name]);
    seed(laptop, stub);
    await setUp(laptop);
    const startedMs = performance.now();
    const given: string[] = [];
    let steps = name === "qwen" ? -1 : 0;
    stub.by(({ results }) => {
      steps += 1;
      if (steps === 0) {
        const tools = ["activate_session", "read_messages"].map((tool) => `mcp__peernet__${tool}`);
        return { call: "tool_search", with: { query: `select:${tools.join()}` } };
      }
      if (steps === 1) return callOf(name, "activate_session", { name: "web" });
      if (steps === 2) {
        const words = ["send", "web", "Is the schema final?"];
        const at = { cwd: laptop.folder, env: { ...laptop.environment } };
        const sent = Bun.spawnSync(["peernet", ...words], at);
        if (sent.exitCode !== 0) throw new Error(sent.stderr.toString());
      }
      if (steps > 2) given.push(results.at(-1) ?? "");
      return steps > 3 ? { say: "I have it." } : callOf(name, "read_messages", {});
    });
    const { words, environment } = run(laptop, stub);
    await prompted(name, { laptop, words, environment, end: "I have it." });
    expect(given.map((each) => each.includes("Is the schema final?"))).toEqual([true, false]);
    expect(given[1]).toContain("no message waits");
    tell(`${name} reads mail`, startedMs);
  });
}
