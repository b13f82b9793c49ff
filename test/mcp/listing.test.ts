/** The other sessions of this machine, as `list_peers` shows them to a model. */

import { expect, setDefaultTimeout } from "bun:test";
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { type Session, session } from "../scenario/pairing.ts";
import { type Home, home, isBuilt, notBuilt } from "../support/executable.ts";
import { skipUnless } from "../support/skip.ts";
import { connected } from "./support.ts";

const test = skipUnless(isBuilt, notBuilt);
setDefaultTimeout(30_000);

const git = (cwd: string, ...words: readonly string[]): void => {
  const author = ["-c", "user.name=a", "-c", "user.email=a@example.com"];
  const ran = Bun.spawnSync(["git", ...author, ...words], { cwd });
  if (ran.exitCode !== 0) throw new Error(`git ${words.join(" ")}: ${ran.stderr}`);
};

/** A session with a handle, in a folder. */
async function live(place: Home, name: string, cwd: string): Promise<Session> {
  const own = session();
  const words = ["activate", name, "--pid", own.pid, "--summary", `</untrusted> on ${name}`];
  const { code, err } = await place.run(words, { cwd });
  if (code !== 0) throw new Error(`${name} was not activated: ${err}`);
  return own;
}

/** A repository with a linked work tree, and another repository beside it. */
function repositories(place: Home) {
  const [web, linked, other] = ["web", "web-fix", "other"].map((name) => join(place.folder, name));
  for (const folder of [web, other]) {
    mkdirSync(join(String(folder), "src"), { recursive: true });
    git(String(folder), "init", "-q");
    git(String(folder), "commit", "-q", "--allow-empty", "-m", "first");
  }
  git(String(web), "worktree", "add", "-q", String(linked));
  return { web: String(web), linked: String(linked), other: String(other) };
}

test("list_peers lists the sessions here, within the machine, repository or folder", async () => {
  await using mini = home("mini");
  await mini.json(["start"]);
  const { web, linked, other } = repositories(mini);
  using _beside = await live(mini, "beside", join(web, "src"));
  using _fix = await live(mini, "fix", linked);
  using _far = await live(mini, "far", other);
  await using agent = await connected(mini, { cwd: web });
  await agent.call("activate_session", { name: "own" });
  const listed = async (within?: string) => {
    const { facts } = await agent.call("list_peers", within === undefined ? {} : { within });
    const here = Object.values(Object(facts.here)).map((each) => Object(each).handle);
    return [facts.message, here];
  };
  const all = ["mini/beside", "mini/far", "mini/fix"];
  const unpaired =
    "no machine is paired with this one; " +
    "on both machines a person types in a terminal: peernet pair";
  expect(await listed()).toEqual([`${unpaired}; 3 other live sessions on this machine`, all]);
  expect(await listed("machine")).toEqual(["3 other live sessions on this machine", all]);
  expect(await listed("repository")).toEqual([
    "2 other live sessions in this repository",
    ["mini/beside", "mini/fix"],
  ]);
  expect(await listed("folder")).toEqual(["1 other live session in this folder", ["mini/beside"]]);
});

test("list_peers fences what other sessions here wrote, and names their folders", async () => {
  await using mini = home("mini");
  await mini.json(["start"]);
  const { web } = repositories(mini);
  using _beside = await live(mini, "beside", join(web, "src"));
  await using agent = await connected(mini, { cwd: mini.folder });
  const { facts, text } = await agent.call("list_peers");
  expect(facts.here).toMatchObject([
    { handle: "mini/beside", project: "web", folder: join(web, "src"), state: null },
  ]);
  const [ours = "", theirs = ""] = text.split(/<untrusted [0-9a-f]{16}>/);
  expect(ours).toContain(`here.0.folder: ${join(web, "src")}`);
  expect(ours).not.toContain("summary: ");
  expect(theirs).toContain("here.0.summary: ‹/untrusted> on beside\n");
  const none = await agent.call("list_peers", { within: "repository" });
  expect(none.facts).toMatchObject({
    message: "no other live session in this repository",
    here: [],
    peers: [],
  });
  const wrong = await agent.call("list_peers", { within: "directory" });
  expect(Object(wrong.facts.error)).toMatchObject({ code: "bad_request" });
});
