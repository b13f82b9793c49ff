import { describe, expect, test } from "bun:test";
import { linesOf } from "../../../src/cli/trust/lines.ts";
import { both } from "../../support/grants.ts";
import { fingerprint, otherFingerprint, peer, status } from "../samples.ts";
import { type Answers, failed, run, type Scene, text } from "../support.ts";

const terminal = { stdin: true, stderr: true };
const ask = [{ scope: "ask", names: null }];
const third = `sha256:${"C".repeat(43)}`;

const answering: Answers = {
  status: async () => status(),
  peers: async () => ({ peers: [] }),
  trust: async ({ machines }) => ({
    machines: machines.map(({ fingerprint, name = null }) => ({
      ...{ fingerprint, name, state: "expected" as const },
    })),
  }),
  untrust: async () => ({ fingerprint, name: "mini" }),
};

const scene = (changed: Scene = {}): Scene => ({
  ...changed,
  answers: { ...answering, ...changed.answers },
});

const trusted = ({ calls }: { readonly calls: readonly (readonly [string, unknown])[] }) =>
  calls.filter(([path]) => path === "trust").map(([, input]) => input);

test("id prints the fingerprint alone, and with --json the name beside it", async () => {
  expect((await run("id", scene())).out).toBe(text(otherFingerprint));
  const { machine } = status();
  const asJson = JSON.parse((await run("id --json", scene())).out);
  expect(asJson).toEqual({ name: machine.name, fingerprint: otherFingerprint });
});

describe("trust", () => {
  test("expects a machine, and says what is to be done on it", async () => {
    const ran = await run(`trust ${fingerprint} --name mini --to 192.0.2.7`, scene());
    expect(ran).toMatchObject({
      exit: 0,
      out: text(`mini, ${fingerprint}`),
      err: text(
        "1 machine expected; pairs once it trusts this one, too:",
        `on it run: peernet trust ${otherFingerprint}`,
      ),
    });
    expect(trusted(ran)).toEqual([
      { machines: [{ fingerprint, name: "mini", to: "192.0.2.7", entries: ask, mine: false }] },
    ]);
  });

  test("reads lines on stdin: names, rights, comments", async () => {
    const lines = ["# a fleet", "", `${fingerprint} mini`, `${third} - ask:api,web`, ""];
    const ran = await run("trust -", scene({ lines }));
    expect(trusted(ran)).toEqual([
      {
        machines: [
          { fingerprint, name: "mini", to: null, entries: ask, mine: false },
          {
            ...{ fingerprint: third, name: null, to: null, mine: false },
            entries: [{ scope: "ask", names: ["api", "web"] }],
          },
        ],
      },
    ]);
  });

  test("trusts none of 10,000 lines when one of them is bad, and names it", async () => {
    const lines = Array.from({ length: 10_000 }, (_, at) => {
      const digits = String(at).padStart(43, "0");
      return at === 7_122 ? `sha256:${digits}x mini` : `sha256:${digits} -`;
    });
    const ran = await run("trust -", scene({ lines }));
    expect(ran).toMatchObject({
      exit: 2,
      calls: [],
      err: failed(
        "nothing was trusted: line 7123: it does not begin with a fingerprint: sha256: and 43 " +
          "characters",
        "write lines as: sha256:… NAME ask message",
      ),
    });
  });

  for (const [line, why] of [
    [`${fingerprint} Mini`, "its second word is no name, nor -"],
    [`${fingerprint} mini fly`, "this version has no scope fly"],
    [`${fingerprint} mini mine`, "on stdin a line grants at most ask, overlap and message"],
    ["sha256:short mini", "it does not begin with a fingerprint: sha256: and 43 characters"],
  ] as const) {
    test(`refuses the line ${line.slice(-14)}`, async () => {
      const { exit, err, calls } = await run("trust -", scene({ lines: [line] }));
      expect([exit, calls]).toEqual([2, []]);
      expect(err).toContain(`line 1: ${why}`);
    });
  }

  test("grants more than ask, overlap and message only at a terminal", async () => {
    const line = `trust ${fingerprint} --grant mine`;
    const { exit, calls } = await run(line, scene());
    expect([exit, calls]).toEqual([4, []]);
    const ran = await run(line, scene({ terminal }));
    expect(trusted(ran)).toMatchObject([{ machines: [{ entries: [], mine: true }] }]);
  });

  test("asks at a terminal before it changes the rights of a paired machine", async () => {
    const peers = async () => ({ peers: [peer({ name: "mini", fingerprint })] });
    for (const [typed, isSent] of [
      ["y", true],
      ["", false],
    ] as const) {
      const given = scene({ terminal, lines: [typed], answers: { peers } });
      const ran = await run(`trust ${fingerprint}`, given);
      expect(ran.err).toContain("mini is paired already. Set its rights, let it meet again?");
      expect(trusted(ran).length > 0).toBe(isSent);
    }
  });

  test("refuses a word that is no fingerprint, and flags beside -", async () => {
    expect(await run("trust mini", scene())).toMatchObject({
      exit: 2,
      err: failed(
        "a fingerprint is sha256: and 43 characters",
        "on the other machine run: peernet id",
      ),
    });
    expect((await run("trust - --name mini", scene())).exit).toBe(2);
  });
});

test("untrust ends an expectation", async () => {
  const ran = await run(`untrust ${fingerprint}`, scene());
  expect(ran).toMatchObject({ exit: 0, out: text("mini is no longer expected") });
});

test("peers lists the expected machines after the paired ones", async () => {
  const expected = [
    { ...{ fingerprint: third, name: null, address: null, scopes: [], mine: true } },
  ].map((each) => ({
    ...{ ...each, expires_in_ms: 2_592_000_000 - 5 },
    their_entries: both(["ask"], []).their_entries,
  }));
  const peers = async () => ({ peers: [], expected });
  const { out } = await run("peers", scene({ answers: { peers } }));
  expect(out).not.toContain("no machine is paired");
  expect(out).toContain(
    `expected    ${third}   may ask (a machine of your own) once it met this machine   30 d left`,
  );
});

test("linesOf() lets root's files grant every scope, and mine", () => {
  const [line] = linesOf(`${fingerprint} mini mine\n`, { wide: true });
  expect(line?.machine).toEqual({ fingerprint, name: "mini", to: null, entries: [], mine: true });
});
