import { expect, test } from "bun:test";
import { configChecks, policyChecks } from "../../../src/cli/doctor/files.ts";
import type { Check } from "../../../src/contract/doctor.ts";
import { PeernetError } from "../../../src/contract/errors.ts";
import type { PolicyOutput } from "../../../src/contract/policy/rows.ts";
import { answer, peer, status } from "../samples.ts";
import { failed, noDaemon, run, type Scene, text } from "../support.ts";

const listener: Check = {
  name: "listener",
  state: "ok",
  detail: "listens on 100.101.7.3:7337",
  fix: null,
};
const stopped: Check = {
  name: "tailscale",
  state: "warning",
  detail: "Tailscale is stopped",
  fix: "tailscale up",
};
const late: Check = {
  name: "clock",
  state: "failed",
  detail: "the clock is behind the newest audit record",
  fix: "set the clock",
};
const same: Check = { name: "daemon", state: "ok", detail: "0.1.0, as this command", fix: null };
const leased: Check = {
  name: "lease",
  state: "ok",
  detail: "a handle was taken, asked and released",
  fix: null,
};
const notSetUp: Check = {
  name: "setup",
  state: "warning",
  detail: "setup has not been run here: no agent knows peernet by it",
  fix: "peernet setup",
};
/** Its printed form. */
const unset = [
  "! setup       setup has not been run here: no agent knows peernet by it",
  "  fix: peernet setup",
] as const;

const policy: PolicyOutput = {
  ...{ path: "/p/policy.toml", state: "absent", digest: null, text: null, fault: null },
  ...{ repositories: [], loose: [], readers: [], runs: [] },
};

const observing = (checks: readonly Check[], version = "0.1.0"): Scene => {
  const { machine } = status();
  return {
    answers: {
      status: async () => status({ machine: { ...machine, version } }),
      doctor: async () => ({ checks: [...checks] }),
      policy: async () => policy,
      activate: async () => ({
        handle: "laptop/peernet-doctor",
        generation: 7,
        expires_in_ms: 75_000,
        renamed_from: null,
        visible_to: [],
      }),
      ask: async () => answer(),
      deactivate: async () => ({ handle: "laptop/peernet-doctor" }),
    },
  };
};

test("doctor shows each check, and one fix below each that is not well", async () => {
  const outcome = await run("doctor", observing([listener, stopped, late]));
  expect(outcome).toEqual({
    exit: 1,
    out: text(
      "✓ daemon      0.1.0, as this command",
      "✓ lease       a handle was taken, asked and released",
      "✓ listener    listens on 100.101.7.3:7337",
      "! tailscale   Tailscale is stopped",
      "  fix: tailscale up",
      "✗ clock       the clock is behind the newest audit record",
      "  fix: set the clock",
      ...unset,
      "1 failed, 2 warnings, 3 ok",
    ),
    err: "",
    calls: [
      ["status", {}],
      ["doctor", {}],
      ["policy", {}],
      ["activate", expect.objectContaining({ name: "peernet-doctor", harness: "shell" })],
      ["ask", { handle: "peernet-doctor", question: null, thread_id: null }],
      ["deactivate", { name: "peernet-doctor", generation: 7 }],
    ],
    done: [],
  });
});

test("doctor exits 0 when nothing has failed, warnings or not", async () => {
  expect(await run("doctor", observing([listener]))).toMatchObject({
    exit: 0,
    out: text(
      "✓ daemon     0.1.0, as this command",
      "✓ lease      a handle was taken, asked and released",
      "✓ listener   listens on 100.101.7.3:7337",
      ...unset.map((line) => line.replace("setup       ", "setup      ")),
      "0 failed, 1 warning, 3 ok",
    ),
  });
  const warned = await run("doctor", observing([stopped, stopped]));
  expect(warned.exit).toBe(0);
  expect(warned.out).toEndWith(text("0 failed, 3 warnings, 2 ok"));
});

test("doctor marks states in colour only where colour is on", async () => {
  const scene = observing([listener, stopped, late]);
  const { out } = await run("doctor", { ...scene, color: true });
  for (const mark of ["\x1b[32m✓\x1b[0m", "\x1b[33m!\x1b[0m", "\x1b[31m✗\x1b[0m"]) {
    expect(out).toContain(mark);
  }
  expect((await run("doctor", scene)).out).not.toContain("\x1b");
});

test("doctor warns when the daemon is of another version", async () => {
  for (const version of ["0.0.9", "0.2.0", "0.1.0-dev"]) {
    expect(await run("doctor", observing([listener], version))).toMatchObject({
      exit: 0,
      out: text(
        `! daemon     the daemon is ${version}, this command 0.1.0`,
        "  fix: peernet stop, then peernet start",
        "✓ lease      a handle was taken, asked and released",
        "✓ listener   listens on 100.101.7.3:7337",
        ...unset.map((line) => line.replace("setup       ", "setup      ")),
        "0 failed, 2 warnings, 2 ok",
      ),
    });
  }
});

test("doctor tells that the daemon does not run as one failed check, and starts none", async () => {
  const absent: Check = {
    name: "daemon",
    state: "failed",
    detail: "the daemon is not running",
    fix: "peernet start",
  };
  const answers = { status: noDaemon, doctor: noDaemon, policy: noDaemon };
  expect(await run("doctor", { answers })).toMatchObject({
    exit: 1,
    out: text(
      "✗ daemon   the daemon is not running",
      "  fix: peernet start",
      ...unset.map((line) => line.replace("setup       ", "setup    ")),
      "1 failed, 1 warning, 0 ok",
    ),
    err: "",
    done: [],
  });
  const asJson = await run("doctor --json", { answers });
  expect(asJson).toMatchObject({
    exit: 1,
    out: text(JSON.stringify({ checks: [absent, notSetUp] })),
    err: "",
    done: [],
  });
});

test("doctor says that the daemon does not run when it ends between two calls", async () => {
  for (const gone of ["status", "doctor"] as const) {
    const { answers } = observing([listener]);
    const outcome = await run("doctor", { answers: { ...answers, [gone]: noDaemon } });
    expect(outcome).toMatchObject({ exit: 1, err: "", done: [] });
    expect(outcome.out).toStartWith("✗ daemon   the daemon is not running\n");
  }
});

test("doctor ends with any other error as the daemon tells it", async () => {
  const { answers } = observing([listener]);
  const doctor = async (): Promise<never> => {
    throw new PeernetError("database_damaged", {
      message: "the state is damaged",
      hint: "restore",
    });
  };
  expect(await run("doctor", { answers: { ...answers, doctor } })).toMatchObject({
    exit: 3,
    out: "",
    err: failed("the state is damaged", "restore"),
  });
});

test("doctor --json prints the checks, its own first, and exits as without it", async () => {
  for (const [checks, exit] of [
    [[listener, late], 1],
    [[listener, stopped], 0],
    [[], 0],
  ] as const) {
    expect(await run("doctor --json", observing(checks))).toMatchObject({
      exit,
      out: text(JSON.stringify({ checks: [same, leased, ...checks, notSetUp] })),
      err: "",
    });
  }
});

test("doctor lets its handle go when asking it fails, and tells why", async () => {
  const { answers } = observing([listener]);
  const ask = async (): Promise<never> => {
    throw new PeernetError("storage_full");
  };
  const outcome = await run("doctor", { answers: { ...answers, ask } });
  expect(outcome.exit).toBe(1);
  expect(outcome.out).toContain(
    "✗ lease      no space is left on the disk\n  fix: free some space\n",
  );
  expect(outcome.calls.at(-1)).toEqual(["deactivate", { name: "peernet-doctor", generation: 7 }]);
});

test("doctor leaves the handle of another doctor alone", async () => {
  const { answers } = observing([listener]);
  const activate = async (): Promise<never> => {
    throw new PeernetError("handle_held");
  };
  const outcome = await run("doctor", { answers: { ...answers, activate } });
  expect(outcome.exit).toBe(0);
  expect(outcome.out).toContain("✓ lease      peernet-doctor is held by another doctor\n");
  expect(outcome.calls.map(([name]) => name)).not.toContain("deactivate");
});

test("doctor warns of a peer of another version, and names the older one", async () => {
  const { answers } = observing([listener]);
  for (const [version, where] of [
    ["0.0.9", "on mini"],
    ["0.10.0", "on this machine"],
    ["0.1.1", "on this machine"],
    ["0.1.0-rc1", "on the one that is behind"],
    ["tomorrow", "on the one that is behind"],
  ] as const) {
    const peers = [peer({ name: "mini", version }), peer({ version: null })];
    const outcome = await run("doctor", {
      answers: { ...answers, status: async () => status({ peers }) },
    });
    expect(outcome.exit).toBe(0);
    expect(outcome.out).toContain(
      `! version    mini runs ${version}, this machine 0.1.0\n  fix: update peernet ${where}\n`,
    );
  }
});

test("doctor takes no word", async () => {
  expect(await run("doctor clock", observing([]))).toMatchObject({ exit: 2, calls: [] });
});

test("doctor fails for a policy and for settings that cannot be read", async () => {
  expect(policyChecks(policy)).toEqual([]);
  expect(policyChecks({ fault: { line: 3, message: "no value" } })).toEqual([
    {
      name: "policy",
      state: "failed",
      detail: "policy.toml, line 3: no value; it lets nobody read or run",
      fix: "peernet policy edit",
    },
  ]);
  expect(configChecks(null)).toEqual([]);
  const [check] = configChecks("bad = [");
  expect(check).toMatchObject({ name: "settings", state: "failed" });
  expect(check?.detail).toStartWith("config.toml: ");
});
