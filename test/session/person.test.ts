/** Who runs a command: a person, or a coding agent above it. */

import { describe, expect, test } from "bun:test";
import { copyFileSync } from "node:fs";
import { join } from "node:path";
import { personNames, unseenName } from "../../src/contract/acts.ts";
import { type Above, agentAmong } from "../../src/session/person.ts";
import { onTerminal, plainText } from "../scenario/terminal.ts";
import { executable, home } from "../support/executable.ts";
import { temporaryFolder } from "../support/repository.ts";

const above = (
  name: string,
  given: readonly string[],
  executable: string | null = null,
): Above => ({
  name,
  executable,
  arguments: given,
});

const shells = [
  above("bash", ["-bash"], "/bin/bash"),
  above("sshd", ["sshd: me"], "/usr/bin/sshd"),
];

describe("agentAmong() finds an agent", () => {
  for (const [what, found, one] of [
    ["a program of its own", "Codex", above("codex", ["codex", "exec"], "/opt/codex/bin/codex")],
    ["a program that was renamed", "Claude Code", above("2.1.329", ["claude"], "/a/2.1.329")],
    ["a version folder", "Claude Code", above("2.1", ["x"], "/h/.local/share/claude/versions/2.1")],
    ["a script", "Gemini CLI", above("node", ["node", "--no-warnings", "/usr/bin/gemini"])],
    ["a script's file", "opencode", above("bun", ["/usr/bin/bun", "/a/opencode.js"])],
    ["a package", "Qwen Code", above("node", ["node", "/l/@qwen-code/qwen-code/dist/i.js"])],
    ["a python script", "aider", above("python3.12", ["python3.12", "/usr/bin/aider"])],
  ] as const) {
    test(what, () => {
      expect(agentAmong([...shells, one])).toBe(found);
    });
  }

  test("and none where a person's shell, editor or file is only named like a part of one", () => {
    const others = [
      ...shells,
      above("vim", ["vim", "claude"], "/usr/bin/vim"),
      above("code", ["code", "/home/me/codex"], "/usr/share/code/code"),
      above("node", ["node", "/srv/server.js", "claude"], "/usr/bin/node"),
      above("claudette", ["claudette"], "/usr/bin/claudette"),
    ];
    expect(agentAmong(others)).toBeNull();
    expect(agentAmong([])).toBeNull();
  });
});

const promise =
  "P39: What a known coding agent runs is refused where only a person may act, and an act " +
  "without a person at a terminal is shown at the next command on one.";

describe(`43: ${promise}`, () => {
  test("below what looks like an agent each act is refused, on a terminal too", async () => {
    await using mini = home("mini");
    using folder = temporaryFolder();
    const agent = join(folder.path, "claude");
    copyFileSync("/bin/sh", agent);
    expect((await mini.run(["start"])).code).toBe(0);
    // A shell with the agent's name, which waits for its command.
    const below = [agent, "-c", '"$@"; exit $?', "sh"];
    for (const [words, typed] of [
      [["pair"], "peernet pair [MACHINE] [-]"],
      [["pair", "-"], "peernet pair [MACHINE] [-]"],
      [["pair", "--open"], "peernet pair [MACHINE] [-]"],
      [["unpair", "laptop", "--yes"], "peernet unpair NAME"],
      [["peers", "rename", "laptop", "attic"], "peernet peers rename NAME NEW"],
      [["peers", "grant", "laptop", "ask"], "peernet peers grant NAME [ENTRY…]"],
    ] as const) {
      const ran = await mini.run(words, { before: below });
      expect([words, ran]).toEqual([
        words,
        {
          code: 4,
          out: "",
          err:
            "peernet: error: Claude Code runs this command, and only a person may do that\n" +
            `peernet: hint: in a terminal of your own type: ${typed}\n`,
        },
      ]);
    }
    const shown = onTerminal({ ...mini, before: below }, ["pair"]);
    expect([await shown.ended, plainText(shown.shown())]).toEqual([
      4,
      expect.stringContaining("only a person may do that"),
    ]);
    // Anybody may run a command that only shows.
    expect((await mini.run(["peers"], { before: below })).code).toBe(0);
    expect((await mini.run(["pair", "--help"], { before: below })).code).toBe(0);
  });

  test("a call of each such row by the client is refused there as well", async () => {
    const { attends } = await import("../../src/session/person.ts");
    using folder = temporaryFolder();
    const agent = join(folder.path, "claude");
    copyFileSync("/bin/sh", agent);
    const child = Bun.spawn([agent, "-c", "sleep 60 & echo $!; wait"], { stdout: "pipe" });
    const { value } = await child.stdout.getReader().read();
    const pid = Number(new TextDecoder().decode(value));
    try {
      const caller = { environment: {}, pid };
      for (const name of personNames) {
        const asks = () => attends(caller, name, () => true);
        expect(asks).toThrow("Claude Code runs this command");
        const hint = expect.stringMatching(/type: peernet [a-z]+/);
        expect(asks).toThrow(expect.objectContaining({ code: "not_a_person", hint }));
      }
    } finally {
      process.kill(pid, "SIGKILL");
      await child.exited;
    }
  });

  test("acts without a terminal are shown once, at the next command on one", async () => {
    await using mini = home("mini");
    await using laptop = home("laptop");
    const opened = Bun.spawn([executable, "pair", "--open", "--json"], {
      env: mini.environment,
      stdout: "pipe",
    });
    const { value } = await opened.stdout.getReader().read();
    const { code, addresses } = JSON.parse(new TextDecoder().decode(value).split("\n")[0] ?? "");
    const joined = await laptop.run(["pair", "--to", addresses[0], "-"], { stdin: `${code}\n` });
    expect([joined.code, await opened.exited]).toEqual([0, 0]);
    expect((await laptop.run(["peers", "revoke", "mini", "--all"])).code).toBe(0);
    for (const [on, lines] of [
      [mini, ["paired with laptop (sha256:", "which may ask, now"]],
      [laptop, ["paired with mini (sha256:", "mini may do nothing, now"]],
    ] as const) {
      // Without a terminal nothing is shown, and nothing counts as shown.
      expect((await on.run(["peers"])).err).toBe("");
      const first = onTerminal(on, ["peers"]);
      expect(await first.ended).toBe(0);
      for (const line of ["since your last command, without a person at a terminal:", ...lines]) {
        expect(plainText(first.shown())).toContain(line);
      }
      const second = onTerminal(on, ["peers"]);
      expect(await second.ended).toBe(0);
      expect(plainText(second.shown())).not.toContain("since your last command");
    }
    // A person's act at a terminal is not shown again.
    const grant = onTerminal(laptop, ["peers", "grant", "mini", "ask"]);
    expect(await grant.ended).toBe(0);
    expect(await Bun.file(`${laptop.folder}/${unseenName}`).exists()).toBe(false);
  });
});
