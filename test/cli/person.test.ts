import { expect, test } from "bun:test";
import { commands } from "../../src/cli/commands.ts";
import type { Act } from "../../src/contract/acts.ts";
import { PeernetError } from "../../src/contract/errors.ts";
import { peer, status } from "./samples.ts";
import { run } from "./support.ts";

for (const { name, person = false } of commands.filter(({ load }) => load !== null)) {
  test(`main() ${person ? "has" : "does not need"} a person for ${name}`, async () => {
    const asked: string[] = [];
    const requirePerson = async (typed: string): Promise<never> => {
      asked.push(typed);
      throw new PeernetError("not_a_person");
    };
    const { exit, calls } = await run(`${name} --help=x`, { requirePerson });
    expect([exit, calls, asked.length]).toEqual([person ? 4 : 2, [], person ? 1 : 0]);
  });
}

test("main() shows a person what was done without one, and says where the rest is", async () => {
  const act = { verb: "pair", at_ms: 0, name: "unnamed-0", fingerprint: "sha256:a", may: "ask" };
  const unseen: Act[] = Array.from({ length: 9 }, () => ({ ...act, verb: "unpair" }));
  const answers = {
    status: async () => status(),
    peers: async () => ({ peers: [peer({ name: "mini", fingerprint: "sha256:a" })] }),
  };
  const { err } = await run("status", { answers, unseen: [...unseen, { ...act, verb: "pair" }] });
  const lines = err.split("\n");
  expect(lines[0]).toBe("since your last command, without a person at a terminal:");
  expect(lines.at(-3)).toStartWith("paired with mini (sha256:a), which may ask, ");
  expect(lines.at(-2)).toBe("and 2 more: peernet audit");
});

test("main() shows a person the mail since the last command", async () => {
  const answers = { status: async () => status() };
  const unseenMail = { held: 2, person: 1, from: ["bob", "mini"], refused: [] };
  const { err } = await run("status", { answers, unseenMail });
  expect(err).toBe("new mail: 2 held for you, 1 for you from bob and mini: peernet inbox\n");
  expect((await run("status", { answers })).err).toBe("");
  const refused = { held: 0, person: 0, from: [], refused: ["bob"] };
  expect((await run("status", { answers, unseenMail: refused })).err).toBe(
    "a model's message to bob was refused: messages.to in config.toml\n",
  );
});
