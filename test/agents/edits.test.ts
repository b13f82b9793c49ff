/**
 * A session is about to edit a file that a session of another machine has changed: it is warned
 * before that, once, and its edit goes on. Both are real sessions.
 */

import { expect, setDefaultTimeout } from "bun:test";
import { readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { patiently } from "../scenario/patience.ts";
import { plainEnvironment } from "../support/repository.ts";
import { seedClaude } from "./support/claude.ts";
import { seedCodex } from "./support/codex.ts";
import { withClients } from "./support/driving.ts";
import { type Machine, machine } from "./support/machine.ts";
import { greeted, opened, pairAsMine, type Woken } from "./support/mail.ts";
import { type Model, model, type Reply } from "./support/model.ts";
import { says, setUp } from "./support/peernet.ts";
import type { Terminal } from "./support/terminal.ts";

const test = withClients("claude", "codex");
setDefaultTimeout(600_000);

/** A keeper reads changed files every 30 s, or 50 times as long as the last reading took. */
const knownMsMax = 150_000;

const files = ["a.txt", "b.txt", "c.txt", "d.txt"] as const;
const warning = "peernet: another live session, on laptop, has changed this file";

/** Makes a machine whose client edits without a question. */
async function editing(name: string, client: Woken, stub: Model): Promise<Machine> {
  const made = machine(name, [client]);
  if (client === "claude") seedClaude(made);
  // A model of this name is offered the tool that patches.
  else seedCodex(made, stub, "gpt-5.5");
  await setUp(made);
  if (client === "claude") {
    const path = ".claude/settings.json";
    const settings = JSON.parse(made.read(path) ?? "{}");
    made.write(path, JSON.stringify({ ...settings, permissions: { allow: ["Edit"] } }));
  }
  return made;
}

function git(on: Machine, cwd: string, ...words: readonly string[]): void {
  const ran = Bun.spawnSync(["git", ...words], { cwd, env: plainEnvironment(on.folder) });
  if (ran.exitCode !== 0) throw new Error(`git ${words.join(" ")}: ${ran.stderr}`);
}

/** Gives both machines one repository with these files. */
function shareRepository(laptop: Machine, mini: Machine): void {
  for (const file of files) writeFileSync(join(laptop.tree, file), "water\n");
  git(laptop, laptop.tree, "add", ".");
  git(laptop, laptop.tree, "commit", "--quiet", "--message=Add more water");
  rmSync(mini.tree, { recursive: true });
  git(mini, mini.folder, "clone", "--quiet", "--no-local", laptop.tree, mini.tree);
}

/** The calls by which a client changes a file. */
function changing(client: Woken, on: Machine, file: string): readonly Reply[] {
  if (client === "codex") {
    const lines = [`*** Update File: ${file}`, "@@", "-water", "+wine"];
    const text = ["*** Begin Patch", ...lines, "*** End Patch", ""].join("\n");
    return [{ call: "apply_patch", with: { text } }];
  }
  const file_path = join(on.tree, file);
  const edit = { file_path, old_string: "water", new_string: "wine" };
  // It edits only files that it has read.
  return [
    { call: "Read", with: { file_path } },
    { call: "Edit", with: edit },
  ];
}

interface Editor {
  readonly client: Woken;
  readonly on: Machine;
  readonly stub: Model;
  readonly session: Terminal;
}

/** Lets a session edit a file; returns the last request of that turn. */
async function edits({ client, on, stub, session }: Editor, file: string): Promise<string> {
  const said = `${file} is changed`;
  stub.next(...changing(client, on, file), { say: said });
  await session.prompt(`change ${file}`, stub);
  await session.sees(said);
  expect(readFileSync(join(on.tree, file), "utf8")).toBe("wine\n");
  await says(on, "idle");
  return stub.turns.at(-1)?.body ?? "";
}

/** The files that a session of the laptop has changed, as mini knows. */
async function knownOf(mini: Machine): Promise<number> {
  const told = (await mini.json(["who-has", ...files])) as {
    readonly sessions: readonly { readonly machine: string; readonly paths: readonly number[] }[];
  };
  return told.sessions.find((session) => session.machine === "laptop")?.paths.length ?? 0;
}

for (const client of ["claude", "codex"] as const satisfies readonly Woken[]) {
  test(`${client}: the second of two sessions on two hosts is warned before its edit`, async () => {
    await using all = new AsyncDisposableStack();
    const [stub, other] = [all.use(model()), all.use(model())];
    const mini = all.use(await editing("mini", client, stub));
    const laptop = all.use(await editing("laptop", "claude", other));
    shareRepository(laptop, mini);
    await pairAsMine(mini, laptop);
    await mini.json(["peers", "rename", "laptop", "laptop"]);
    const words = client === "codex" ? ["--sandbox", "danger-full-access"] : [];
    const session = all.use(await opened(mini, client, { stub, words }));
    await greeted(session, stub);
    const first = all.use(await opened(laptop, "claude", { stub: other }));
    const editor = { client: "claude", on: laptop, stub: other, session: first } as const;
    for (const file of files) await edits(editor, file);
    await patiently(knownMsMax, "mini knows", async () => (await knownOf(mini)) === files.length);

    const second = { client, on: mini, stub, session };
    // A busy machine may answer too late for one edit, not for three.
    let request = "";
    let edited = 0;
    while (!request.includes(warning) && edited < 3) {
      request = await edits(second, files[edited] ?? "");
      edited += 1;
    }
    expect(request).toContain(warning);
    expect(session.text().replaceAll(/\s/g, "")).toContain(warning.replaceAll(" ", ""));

    await laptop.json(["peers", "revoke", "mini", "overlap"]);
    await patiently(knownMsMax, "mini knows no more", async () => (await knownOf(mini)) === 0);
    const before = request.split(warning).length;
    expect((await edits(second, "d.txt")).split(warning).length).toBe(before);
  });
}
