/** Tasks that change a tree: real clients edit, build, go on in a second round, and are ended. */

import { test as any, describe, expect, setDefaultTimeout } from "bun:test";
import { join } from "node:path";
import { canDelegate } from "../support/delegated.ts";
import { until } from "../support/until.ts";
import { withClients } from "./support/driving.ts";
import { type Ended, type Scene, scene } from "./support/tasks.ts";

const withClaude = canDelegate ? withClients("claude") : any.skip;
const withCodex = canDelegate ? withClients("codex") : any.skip;
setDefaultTimeout(240_000);

/** The texts that the model received as results of its tools. */
const results = ({ stub }: Scene): string => stub.turns.flatMap((turn) => turn.results).join("\n");

/** The content of a file in a round's commit, which its bundle brings into the repository. */
function shown({ user, folder }: Scene, { order, result }: Ended, path: string): string {
  const bundle = join(user.round(order), "tree.bundle");
  const git = (...words: readonly string[]) => user.run(["git", ...words], folder);
  git("fetch", "-q", bundle, `+refs/heads/task:refs/heads/${order.task_id}`);
  return git("show", `${result.measured.commit}:${path}`);
}

const patch = `*** Begin Patch
*** Update File: a.txt
@@
-water
+wine
*** End Patch
`;

describe("an edit by Claude Code", () => {
  withClaude("becomes a commit on the base, and a second round goes on in it", async () => {
    await using at = scene("claude-code");
    const { place, base } = at.repository();
    const file = "/task/tree/a.txt";
    at.stub.next(
      { call: "Read", with: { file_path: file } },
      { call: "Edit", with: { file_path: file, old_string: "water", new_string: "wine" } },
      { call: "Write", with: { file_path: "/task/tree/.git/hooks/post-commit", content: "x" } },
      { call: "Write", with: { file_path: "/task/tree/.claude/settings.json", content: "{}" } },
      { call: "Write", with: { file_path: "/tmp/out.txt", content: "x" } },
      { say: "It is wine." },
    );
    const given = { place, base, profile: "edit", prompt: "turn water into wine" };
    const first = await at.ran(given);
    expect(first.result).toMatchObject({
      ...{ state: "completed", reason: null, claims: { text: "It is wine." } },
      measured: { base, files_count: 1, added: 1, deleted: 1 },
    });
    expect(shown(at, first, "a.txt")).toBe("wine\n");
    expect(first.result.claims.denials.length).toBeGreaterThan(0);

    const { session } = first.result.claims;
    expect(session).toBe(first.order.task_id);
    at.stub.next(
      { call: "Write", with: { file_path: "/task/tree/b.txt", content: "bread\n" } },
      { say: "And bread." },
    );
    const turns = at.stub.turns.length;
    const more = { task_id: first.order.task_id, round: 2, session, prompt: "and bread" };
    const second = await at.ran({ ...given, ...more });
    expect(second.result).toMatchObject({
      ...{ state: "completed", claims: { text: "And bread.", session } },
      measured: { base, files_count: 2 },
    });
    // The model was told of the first round.
    expect(at.stub.turns[turns]?.body).toContain("turn water into wine");
    expect(shown(at, second, "a.txt") + shown(at, second, "b.txt")).toBe("wine\nbread\n");
  });

  withClaude("runs commands as a build, which find no key and no network", async () => {
    await using at = scene("claude-code");
    const { place, base } = at.repository();
    const command =
      "env; cat /proc/*/environ | tr '\\0' '\\n'; curl -sS -m 3 https://example.com; " +
      "curl -sS -m 3 -H 'x-api-key: sk-other' http://127.0.0.1:8080/v1/files -d x; " +
      "git commit -qam x; echo built > out.txt";
    at.stub.next(
      { call: "Bash", with: { command, description: "build" } },
      { say: "It is built." },
    );
    const ended = await at.ran({ place, base, profile: "build", prompt: "build it" });
    expect(ended.result).toMatchObject({
      ...{ state: "completed", claims: { text: "It is built." } },
      measured: { files_count: 1, network: { refused: ["POST /v1/files"] } },
    });
    expect(results(at)).not.toContain("sk-real");
    expect(results(at)).toMatch(/[Rr]ead-only|[Uu]nable to create|fatal/);
    expect(shown(at, ended, "out.txt")).toBe("built\n");
  });
});

describe("an edit by Codex", () => {
  withCodex("becomes a commit on the base, and a second round goes on in it", async () => {
    await using at = scene("codex");
    const { place, base } = at.repository();
    const commands = `touch /task/tree/.git/x /usr/x; curl -sS -m 3 http://127.0.0.1:8080/v1/files`;
    const text =
      `text(await tools.apply_patch(${JSON.stringify(patch)})); ` +
      `text(await tools.exec_command({cmd: ${JSON.stringify(commands)}}))`;
    at.stub.next({ call: "exec", with: { text } }, { say: "It is wine." });
    const given = { place, base, profile: "edit", prompt: "turn water into wine" };
    const first = await at.ran(given);
    expect(first.result).toMatchObject({
      ...{ state: "completed", claims: { text: "It is wine." } },
      measured: { base, files_count: 1, added: 1, deleted: 1 },
    });
    expect(shown(at, first, "a.txt")).toBe("wine\n");

    const { session } = first.result.claims;
    const turns = at.stub.turns.length;
    const write = 'text(await tools.exec_command({cmd: "echo bread > b.txt"}))';
    at.stub.next({ call: "exec", with: { text: write } }, { say: "And bread." });
    const more = { task_id: first.order.task_id, round: 2, session, prompt: "and bread" };
    const second = await at.ran({ ...given, ...more });
    expect(second.result).toMatchObject({
      ...{ state: "completed", claims: { text: "And bread.", session } },
      measured: { base, files_count: 2 },
    });
    expect(at.stub.turns[turns]?.body).toContain("turn water into wine");
    expect(shown(at, second, "b.txt")).toBe("bread\n");
  });
});

describe("a client that is ended", () => {
  for (const [runner, define] of [
    ["claude-code", withClaude],
    ["codex", withCodex],
  ] as const) {
    define(`${runner} at its time, by a stop, and over its budget`, async () => {
      await using at = scene(runner);
      const answer = at.stub.hold();
      const late = await at.ran({ profile: "query", prompt: "hello", wallMs: 4_000 });
      expect(late.result).toMatchObject({ state: "timed_out", reason: "wall" });
      // Its reply was under way: it counts at its most.
      expect(late.result.measured.usd).toBeGreaterThan(0.3);

      const asked = at.asked.length;
      const order = await at.begin({ profile: "query", prompt: "hello" });
      await until("the model is asked", () => at.asked.length > asked);
      at.user.write(join(at.user.round(order), "stop"), "", 0o600);
      const { result: stopped } = await at.user.awaited(order, ["ended", "lost"]);
      expect(stopped?.short).toMatchObject({ state: "cancelled", reason: "stopped" });
      answer();

      const poor = await at.ran({ profile: "query", prompt: "hello", usd: 0.01 });
      expect(poor.result).toMatchObject({
        ...{ state: "over_budget" },
        measured: { usd: 0, requests: 0, network: { refused: ["over budget"] } },
      });
    });
  }

  withClaude("is refused when its version is too new for its manifest", async () => {
    const range = 'versions = { range = ">=9.0.0" }\n';
    await using at = scene("claude-code", range);
    const begun = at.begin({ profile: "query", prompt: "hello" });
    await expect(begun).rejects.toThrow("and its manifest is for >=9.0.0");
  });
});
