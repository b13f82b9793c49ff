import { describe, expect, test } from "bun:test";
import { scopes } from "../../../src/cli/frame/grammar.ts";
import { mineQuestion } from "../../../src/cli/pairing/mine.ts";
import { PeernetError } from "../../../src/contract/errors.ts";
import type { Paired, PairedPeer } from "../../../src/contract/pairing.ts";
import { Scope } from "../../../src/contract/terms.ts";
import { both } from "../../support/grants.ts";
import { fingerprint, opened, pairedMini, peer, status } from "../samples.ts";
import { run, type Scene } from "../support.ts";

const terminal = { stdin: true, stderr: true };
const own = { ...both(["ask"], ["ask"]), mine: true };

/** A machine that pairs with mini; a grant makes mini the person's own. */
function scene(about: Partial<PairedPeer>, changed: Scene): Scene {
  const event: Paired = { event: "paired", peer: { ...pairedMini, ...about }, visible: [] };
  return {
    ...changed,
    answers: {
      "pair/probe": async () => ({
        ...{ address: "192.0.2.7:7337", fingerprint, open: true, paired: null },
      }),
      pair: async () => event,
      "pair/open": async function* () {
        yield opened;
        yield event;
      },
      "peers/grant": async ({ name }: { readonly name: string }) => peer({ name, grants: own }),
      status: async () => status(),
      ...changed.answers,
    },
  };
}

const grantsGiven = ({ calls }: { readonly calls: readonly (readonly [string, unknown])[] }) =>
  calls.filter(([path]) => path === "peers/grant").map(([, input]) => input);

const all = { name: "mini", mine: true, entries: [], hide: [], for_ms: null };

describe("mineQuestion()", () => {
  const later = ["ask", "overlap", "message", "wake"];

  test("mineQuestion() proposes yes for a machine that the tailnet shows as one's own", () => {
    expect(mineQuestion("laptop", { yours: true, scopes: later })).toBe(
      "laptop is yours. Let it also message and wake sessions here, and compare changed files? " +
        "[Y/n] ",
    );
  });

  test("mineQuestion() proposes no for any other, and claims nothing", () => {
    expect(mineQuestion("laptop", { yours: false, scopes: later })).toBe(
      "If laptop is yours: let it also message and wake sessions here, and compare changed " +
        "files? [y/N] ",
    );
  });

  test("mineQuestion() names the rights of this version alone", () => {
    const rights = (has: readonly string[]): string =>
      mineQuestion("x", { yours: true, scopes: has }).slice("x is yours. Let it also ".length, -7);
    expect(rights(["ask"])).toBe("see each change here at once?");
    expect(rights(["ask", "message"])).toBe("message sessions here?");
    expect(rights(["ask", "overlap"])).toBe("compare changed files?");
    expect(rights(["ask", "message", "wake"])).toBe("message and wake sessions here?");
  });

  test("the scopes of the command line are those of the schema", () => {
    expect([...scopes].sort()).toEqual([...Scope.options].sort());
  });
});

describe("askedMine() asks a person whether a machine is their own", () => {
  for (const [side, command, before] of [
    ["where the code is typed", "pair --to 192.0.2.7", ["027674"]],
    ["where the code is shown", "pair --open", []],
  ] as const) {
    test(`and one Enter is yes where the tailnet says so, ${side}`, async () => {
      const ran = await run(command, scene({ yours: true }, { terminal, lines: [...before, ""] }));
      expect(ran.err).toEndWith(mineQuestion("mini", { yours: true, scopes }));
      expect([ran.exit, grantsGiven(ran)]).toEqual([0, [all]]);
    });

    test(`and one Enter is no where nothing says so, ${side}`, async () => {
      const ran = await run(command, scene({}, { terminal, lines: [...before, ""] }));
      expect(ran.err).toEndWith(mineQuestion("mini", { yours: false, scopes }));
      expect([ran.exit, grantsGiven(ran)]).toEqual([0, []]);
    });

    for (const [typed, wanted] of [
      ["y", true],
      ["YES", true],
      ["n", false],
      ["no", false],
      ["what?", false],
    ] as const) {
      test(`and takes ${typed} as ${wanted ? "yes" : "no"}, ${side}`, async () => {
        for (const yours of [true, false]) {
          const lines = [...before, typed];
          const ran = await run(command, scene({ yours }, { terminal, lines }));
          expect(grantsGiven(ran)).toEqual(wanted ? [all] : []);
        }
      });
    }

    test(`but not where the terminal ends, ${side}`, async () => {
      const ran = await run(command, scene({ yours: true }, { terminal, lines: [...before] }));
      expect([ran.exit, grantsGiven(ran)]).toEqual([0, []]);
    });

    test(`but not for a machine that may nothing here, ${side}`, async () => {
      const grants = both([], ["ask"]);
      const lines = [...before, "y"];
      const ran = await run(command, scene({ grants, yours: true }, { terminal, lines }));
      expect(ran.err).not.toContain("is yours");
      expect(grantsGiven(ran)).toEqual([]);
    });
  }

  for (const [why, command, lines] of [
    ["without a terminal, where the code is shown", "pair --open", []],
    ["without a terminal, where the code is given", "pair --to 192.0.2.7 -", ["027674"]],
    ["for a program that reads JSON", "pair --open --json", []],
  ] as const) {
    test(`but never ${why}`, async () => {
      const at = command.endsWith("--json") ? { terminal } : {};
      const ran = await run(command, scene({ yours: true }, { ...at, lines: [...lines, "y"] }));
      expect([ran.exit, grantsGiven(ran)]).toEqual([0, []]);
      expect(ran.err).not.toContain("is yours");
    });
  }

  test("and passes on the refusal when a coding agent answers", async () => {
    const refused = new PeernetError("not_a_person");
    const answers = { "peers/grant": () => Promise.reject(refused) };
    const ran = await run("pair --open", scene({}, { terminal, lines: ["y"], answers }));
    expect(ran.exit).toBe(4);
  });
});
