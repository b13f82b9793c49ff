import { describe, expect, test } from "bun:test";
import { scopes } from "../../../src/cli/frame/grammar.ts";
import { mineQuestion } from "../../../src/cli/pairing/mine.ts";
import type { Control } from "../../../src/contract/control.ts";
import { PeernetError } from "../../../src/contract/errors.ts";
import type { InputOf } from "../../../src/contract/operation/operation.ts";
import type { Paired, PairedPeer } from "../../../src/contract/pairing.ts";
import { fingerprint, opened, otherFingerprint, pairedMini, peer, status } from "../samples.ts";
import { run, type Scene } from "../support.ts";

const told: PairedPeer = { ...pairedMini, named_by: "itself", former: null };
const terminal = { stdin: true, stderr: true };
const probe = { address: "192.0.2.7:7337", fingerprint, open: true, paired: null };

/** A machine that pairs with one that names itself, and refuses the names that are taken. */
function scene(paired: PairedPeer, changed: Scene, taken: readonly string[] = []): Scene {
  const event: Paired = { event: "paired", peer: paired, visible: [] };
  return {
    ...changed,
    answers: {
      "pair/probe": async () => ({ ...probe }),
      pair: async () => event,
      "pair/open": async function* () {
        yield opened;
        yield event;
      },
      "peers/rename": async ({ to }: InputOf<Control["peers/rename"]>) => {
        if (!taken.includes(to)) return peer({ name: to, named_by: "person" });
        throw new PeernetError("bad_request", {
          message: `${to} is another machine's name here`,
          hint: "choose another name",
        });
      },
      status: async () => status(),
    },
  };
}

const renames = ({ calls }: { readonly calls: readonly (readonly [string, unknown])[] }) =>
  calls.filter(([path]) => path === "peers/rename").map(([, input]) => input);

describe("named() asks a person for the name of a machine", () => {
  const question = "Paired; its name here [mini]: ";

  for (const [side, command, lines] of [
    ["where the code is typed", "pair --to 192.0.2.7", ["027674"]],
    ["where the code is shown", "pair --open", []],
  ] as const) {
    test(`and one Enter takes the told one, ${side}`, async () => {
      const ran = await run(command, scene(told, { terminal, lines: [...lines, ""] }));
      const mine = mineQuestion("mini", { yours: false, scopes });
      expect(ran.err).toEndWith(`${question}${mine}`);
      expect([ran.exit, renames(ran)]).toEqual([0, [{ name: "mini", to: "mini" }]]);
      expect(ran.out).toContain("Paired with mini\n");
    });

    test(`and takes what is typed, once it is a free name, ${side}`, async () => {
      const typed = [...lines, "No Name", "studio", "Attic"];
      const ran = await run(command, scene(told, { terminal, lines: typed }, ["studio"]));
      expect(ran.err).toContain("A name has letters, digits and hyphens; its name here [mini]: ");
      expect(ran.err).toContain("studio is another machine's name here; its name here [mini]: ");
      expect(renames(ran).at(-1)).toEqual({ name: "mini", to: "attic" });
      expect(ran.out).toContain("Paired with attic\n");
    });

    test(`and leaves the told one where the terminal ends, ${side}`, async () => {
      const ran = await run(command, scene(told, { terminal, lines: [...lines] }));
      expect([ran.exit, renames(ran)]).toEqual([0, []]);
    });

    test(`and takes the one of --name without a question, ${side}`, async () => {
      const ran = await run(
        `${command} --name attic`,
        scene(told, { terminal, lines: [...lines] }),
      );
      expect(ran.err).not.toContain("its name here");
      expect(renames(ran)).toEqual([{ name: "mini", to: "attic" }]);
      expect(ran.out).toContain("Paired with attic\n");
    });
  }

  test("not where a person named it before, nor without a person", async () => {
    const lines = ["027674", ""];
    const before = { ...told, named_by: "person" as const };
    const asked = await run("pair --to 192.0.2.7", scene(before, { terminal, lines }));
    const script = await run("pair --to 192.0.2.7 -", scene(told, { lines }));
    const json = await run("pair --open --json", scene(told, { terminal, lines: [] }));
    for (const ran of [asked, script, json]) {
      expect([ran.exit, renames(ran), ran.err.includes("its name here")]).toEqual([0, [], false]);
    }
    expect(JSON.parse(json.out.trim().split("\n").at(-1) ?? "")).toMatchObject({
      event: "paired",
      peer: { name: "mini", named_by: "itself" },
    });
  });

  test("and says before whose name it was, where it is not the told one", async () => {
    const numbered = { ...told, name: "zed-2", told_name: "zed", former: otherFingerprint };
    const lines = ["027674", ""];
    const reason = `it calls itself zed, until lately another machine's here: ${otherFingerprint}`;
    const asked = await run("pair --to 192.0.2.7", scene(numbered, { terminal, lines }));
    expect(asked.err).toContain(`${reason}\nPaired; its name here [zed-2]: `);
    const script = await run("pair --to 192.0.2.7 -", scene(numbered, { lines }));
    expect(script.out).toContain(`  name          ${reason}\n`);
  });

  test("and refuses a word of --name that is none, before it pairs", async () => {
    const ran = await run("pair --to 192.0.2.7 - --name Ä", scene(told, { lines: ["027674"] }));
    expect([ran.exit, ran.calls]).toEqual([2, []]);
    expect(ran.err).toContain("--name does not take");
  });
});
