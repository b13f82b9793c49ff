import { expect, test } from "bun:test";
import { scopes } from "../../../src/cli/frame/grammar.ts";
import { mineQuestion } from "../../../src/cli/pairing/mine.ts";
import { PeernetError } from "../../../src/contract/errors.ts";
import { both } from "../../support/grants.ts";
import { fingerprint, peer, status } from "../samples.ts";
import { type Answers, failed, run, type Scene, text } from "../support.ts";

const laptop = { ...peer({ name: "laptop", handles: [] }) };
const probe = {
  address: "192.0.2.7:7337",
  fingerprint,
  open: true,
  paired: null,
} as const;

const paired = {
  event: "paired",
  peer: {
    name: "laptop",
    fingerprint,
    address: "192.0.2.7:7337",
    grants: both(["ask"], ["ask"]),
    told_name: null,
    look_alike: null,
  },
  visible: [],
} satisfies Awaited<ReturnType<NonNullable<Answers["pair"]>>>;

const rejected = (attemptsLeft: number): PeernetError =>
  new PeernetError("code_rejected", { details: { attempts_left: attemptsLeft } });

/** A machine where a window is open, which answers each code with the next outcome. */
function joining(scene: Scene, outcomes: readonly (typeof paired | PeernetError)[]): Scene {
  const left = [...outcomes];
  const { machine } = status();
  return {
    ...scene,
    answers: {
      "pair/probe": async () => ({ ...probe }),
      pair: async () => {
        const outcome = left.shift();
        if (outcome === undefined) throw new Error("no outcome is left");
        if (outcome instanceof PeernetError) throw outcome;
        return outcome;
      },
      status: async () => status({ machine: { ...machine, name: "mini" }, peers: [laptop] }),
      ...scene.answers,
    },
  };
}

const terminal = { stdin: true, stderr: true };
const found = text(
  "192.0.2.7 has a pairing window open (192.0.2.7:7337)",
  `its identity is ${fingerprint}`,
);
const mine = mineQuestion("laptop", { yours: false, scopes });
const ask = "Code shown on 192.0.2.7: ";
const result = text(
  "Paired with laptop",
  `  identity      ${fingerprint}`,
  "  laptop may    ask mini:    no live handles yet",
  "  mini may      ask laptop:  no live handles yet",
  "  undo          peernet unpair laptop",
);

const sent = (code: string) =>
  ["pair", { code, to: "192.0.2.7:7337", fingerprint, grant: ["ask"] }] as const;
const codes = (calls: readonly (readonly [string, unknown])[]) =>
  calls.filter(([path]) => path === "pair");

test("pair --to shows who has a window open, asks for the code and pairs", async () => {
  expect(
    await run("pair --to 192.0.2.7", joining({ terminal, lines: ["027-674"] }, [paired])),
  ).toEqual({
    exit: 0,
    out: result,
    err: `${found}${ask}${mine}`,
    calls: [["pair/probe", { to: "192.0.2.7" }], sent("027674"), ["status", {}]],
    done: [],
  });
});

test("pair --to takes the code from stdin where that is asked for", async () => {
  for (const line of ["pair --to 192.0.2.7 -", "pair - --to=192.0.2.7"]) {
    const outcome = await run(line, joining({ lines: ["027 674"] }, [paired]));
    expect(outcome).toMatchObject({ exit: 0, out: result, err: found });
    expect(codes(outcome.calls)).toEqual([sent("027674")]);
  }
});

test("pair --to --json prints the pairing as the daemon tells it", async () => {
  const outcome = await run(
    "pair --to 192.0.2.7 - --json",
    joining({ lines: ["027674"] }, [paired]),
  );
  expect(outcome).toMatchObject({ exit: 0, out: text(JSON.stringify(paired)), err: found });
});

test("pair --to starts the daemon when none answers", async () => {
  let started = false;
  const scene = joining(
    {
      lines: ["027674"],
      ensureDaemon: async () => {
        started = true;
      },
      answers: {
        "pair/probe": async () => {
          if (!started) throw new PeernetError("daemon_not_running");
          return { ...probe };
        },
      },
    },
    [paired],
  );
  expect(await run("pair --to 192.0.2.7 -", scene)).toMatchObject({
    exit: 0,
    done: ["ensureDaemon"],
  });
});

test("pair --to grants nothing where that is asked for", async () => {
  const { calls } = await run(
    "pair --to 192.0.2.7 - --grant none",
    joining({ lines: ["027674"] }, [paired]),
  );
  expect(codes(calls)[0]?.[1]).toMatchObject({ grant: [] });
});

test("pair --to says that a known peer is paired again", async () => {
  const answers = { "pair/probe": async () => ({ ...probe, paired: "studio" }) };
  const { err } = await run(
    "pair --to 192.0.2.7 -",
    joining({ lines: ["027674"], answers }, [paired]),
  );
  expect(err).toBe(
    text(
      "studio has a pairing window open (192.0.2.7:7337)",
      `its identity is ${fingerprint}`,
      "it is paired already; this renews the pairing",
    ),
  );
});

test("pair --to exits 1 when no window is open there, before it asks for a code", async () => {
  for (const [name, known] of [
    ["192.0.2.7", null],
    ["studio", "studio"],
  ] as const) {
    const answers = { "pair/probe": async () => ({ ...probe, open: false, paired: known }) };
    const outcome = await run("pair --to 192.0.2.7", joining({ terminal, answers }, []));
    expect(outcome).toMatchObject({
      exit: 1,
      out: "",
      err: failed("no pairing window is open at 192.0.2.7", `on ${name} run: peernet pair --open`),
    });
    expect(codes(outcome.calls)).toEqual([]);
  }
});

test("pair --to asks again after a wrong code, each one a run of its own", async () => {
  const scene = { terminal, lines: ["111111", "222-222", "027674"] };
  const outcome = await run(
    "pair --to 192.0.2.7",
    joining(scene, [rejected(2), rejected(1), paired]),
  );
  expect(outcome).toMatchObject({
    exit: 0,
    out: result,
    err:
      `${found}${ask}` +
      `Not the code shown on 192.0.2.7; 2 attempts left. ${ask}` +
      `Not the code shown on 192.0.2.7; 1 attempt left. ${ask}${mine}`,
  });
  expect(codes(outcome.calls)).toEqual([sent("111111"), sent("222222"), sent("027674")]);
});

test("pair --to exits 4 when the window burned", async () => {
  const burned = new PeernetError("code_burned", { details: { attempts_left: 0 } });
  const scene = { terminal, lines: ["111111", "222222"] };
  const again = "Not the code shown on 192.0.2.7; 1 attempt left. ";
  const message = "192.0.2.7's window burned after 3 wrong codes";
  const hint = "on 192.0.2.7 run: peernet pair --open";
  expect(await run("pair --to 192.0.2.7", joining(scene, [rejected(1), burned]))).toMatchObject({
    exit: 4,
    out: "",
    err: `${found}${ask}${again}${ask}${failed(message, hint)}`,
  });
  const asJson = await run(
    "pair --to 192.0.2.7 - --json",
    joining({ lines: ["111111"] }, [burned]),
  );
  expect(asJson.exit).toBe(4);
  expect(JSON.parse(asJson.out)).toEqual({ error: { code: "code_burned", message, hint } });
});

test("pair - exits 4 after a wrong code: it has only the one", async () => {
  const scene = { lines: ["111111", "027674"] };
  const outcome = await run("pair --to 192.0.2.7 - --json", joining(scene, [rejected(2), paired]));
  expect(outcome.exit).toBe(4);
  expect(JSON.parse(outcome.out)).toEqual({
    error: {
      code: "code_rejected",
      message: "that is not the code shown there",
      hint: "peernet pair",
      details: { attempts_left: 2 },
    },
  });
  expect(codes(outcome.calls)).toEqual([sent("111111")]);
});

test("a malformed code costs no attempt and is asked for again", async () => {
  const scene = { terminal, lines: ["02767", "o27674", " 027 674 "] };
  const outcome = await run("pair --to 192.0.2.7", joining(scene, [paired]));
  const again = `A code is 6 digits, as 027-674. ${ask}`;
  expect(outcome).toMatchObject({ exit: 0, err: `${found}${ask}${again}${again}${mine}` });
  expect(codes(outcome.calls)).toEqual([sent("027674")]);
});

test("the twentieth malformed code ends the command, as does the end of stdin", async () => {
  const again = `A code is 6 digits, as 027-674. ${ask}`;
  const wrong = Array.from({ length: 20 }, (_, at) => `${at}`);
  const lines = { terminal, lines: [...wrong, "027674"] };
  expect(await run("pair --to 192.0.2.7", joining(lines, [paired]))).toMatchObject({
    exit: 2,
    err: `${found}${ask}${again.repeat(19)}${failed(
      "no code of 6 digits was typed in 20 tries",
      "peernet pair --to 192.0.2.7",
    )}`,
  });
  expect(
    await run("pair --to 192.0.2.7", joining({ terminal, lines: [] }, [paired])),
  ).toMatchObject({
    exit: 2,
    err: `${found}${ask}${failed("no code was typed", "peernet pair --to 192.0.2.7")}`,
  });
});

test("a malformed code on stdin exits 2 and is not sent", async () => {
  for (const lines of [["02767"], [""], [], ["", "027674"]]) {
    const outcome = await run("pair --to 192.0.2.7 -", joining({ lines }, [paired]));
    expect(outcome).toMatchObject({
      exit: 2,
      err: `${found}${failed(
        "the code on stdin is not 6 digits",
        "peernet pair --to 192.0.2.7 -",
      )}`,
    });
    expect(codes(outcome.calls)).toEqual([]);
  }
});

test("pair --to says that a window that closed meanwhile may have been used", async () => {
  const closed = new PeernetError("window_closed");
  const outcome = await run(
    "pair --to 192.0.2.7",
    joining({ terminal, lines: ["027674"] }, [closed]),
  );
  expect(outcome).toMatchObject({
    exit: 1,
    err: `${found}${ask}${failed(
      "the window on 192.0.2.7 closed meanwhile; another machine may have used the code",
      "on 192.0.2.7 run: peernet peers",
    )}`,
  });
});

test("pair --to ends with any other error as the daemon tells it", async () => {
  const other = new PeernetError("fingerprint_mismatch");
  const outcome = await run(
    "pair --to 192.0.2.7",
    joining({ terminal, lines: ["027674"] }, [other]),
  );
  expect(outcome).toMatchObject({
    exit: 4,
    err: `${found}${ask}${failed(
      "another machine answers at that address",
      "compare the fingerprints, then pair again",
    )}`,
  });
});
