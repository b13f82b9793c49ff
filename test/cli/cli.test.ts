import { expect, test } from "bun:test";
import { commands } from "../../src/cli/commands.ts";
import { reference } from "../../src/cli/help/reference.ts";
import { type ErrorCode, errorTable, PeernetError } from "../../src/contract/errors.ts";
import { status } from "./samples.ts";
import { failed, noDaemon, run, text } from "./support.ts";

test("main() prints status when no command is named", async () => {
  const scene = { answers: { status: async () => status() } };
  const named = await run("status", scene);
  expect(await run("", scene)).toEqual(named);
  expect(await run("--json", scene)).toEqual(await run("status --json", scene));
  expect(await run("--json status", scene)).toEqual(await run("status --json", scene));
});

test("main() prints the version, without a daemon", async () => {
  const line = text("peernet 0.1.0 (commit abc1234, Bun 1.4.5, linux-x64)");
  expect(await run("version")).toEqual({ exit: 0, out: line, err: "", calls: [], done: [] });
  expect((await run("--version")).out).toBe(line);
  expect((await run("--version --json")).out).toBe(
    text('{"version":"0.1.0","commit":"abc1234","bun":"1.4.5","target":"linux-x64"}'),
  );
});

test("main() exits 2 for an unknown word and says what was meant", async () => {
  const cases: readonly (readonly [string, string, string])[] = [
    ["statsu", "there is no command statsu", "did you mean peernet status"],
    ["frobnicate", "there is no command frobnicate", "peernet help"],
    ["keeper", "there is no command keeper", "peernet help"],
    ["--versoin", "there is no flag --versoin", "peernet help"],
    ["peers shwo", "peers does not take the word shwo", "did you mean peernet peers show"],
    ["peers frobnicate", "peers does not take the word frobnicate", "peernet help peers"],
    ["status now", "status does not take the word now", "peernet help status"],
    ["status --jsno", "status has no flag --jsno", "did you mean --json"],
    ["unpair", "unpair needs NAME", "peernet unpair NAME"],
    ["peers rename mini", "peers rename needs NEW", "peernet peers rename NAME NEW"],
    ["peers show", "peers show needs NAME", "peernet peers show NAME"],
    ["summary", "summary needs TEXT", "peernet summary TEXT…"],
    ["unpair a b", "unpair does not take the word b", "peernet help unpair"],
    ["help statsu", "there is no command statsu", "did you mean peernet help status"],
  ];
  for (const [line, message, hint] of cases) {
    expect([line, await run(line)]).toEqual([
      line,
      { exit: 2, out: "", err: failed(message, hint), calls: [], done: [] },
    ]);
  }
});

test("main() prints a usage error as JSON when --json is anywhere before --", async () => {
  const body = '{"code":"bad_request","message":"unpair needs NAME","hint":"peernet unpair NAME"}';
  expect(await run("unpair --json")).toMatchObject({
    exit: 2,
    out: text(`{"error":${body}}`),
    err: "",
  });
  expect(await run("unpair -- --json x")).toMatchObject({
    exit: 2,
    out: "",
    err: failed("unpair does not take the word x", "peernet help unpair"),
  });
});

for (const [code, row] of Object.entries(errorTable)) {
  test(`main() exits ${row.exit} for ${code}, with two lines or one object`, async () => {
    const fail = async (): Promise<never> => {
      // The key of the table is a code by construction.
      throw new PeernetError(code as ErrorCode, { details: { live: ["mini/a"] } });
    };
    const scene = { answers: { status: fail } };
    // The daemon names no folder, and the command does.
    const at = code === "storage_full" ? " on the disk that holds /nonexistent/peernet" : "";
    const hint = `${row.hint}${at}`;
    expect(await run("status", scene)).toMatchObject({
      exit: row.exit,
      out: "",
      err: failed(row.message, hint),
    });
    const asJson = await run("status --json", scene);
    expect(asJson).toMatchObject({ exit: row.exit, err: "" });
    expect(JSON.parse(asJson.out)).toEqual({
      error: { code, message: row.message, hint, details: { live: ["mini/a"] } },
    });
  });
}

test("main() exits 70 for what it did not foresee, and says what it was", async () => {
  const status = async (): Promise<never> => {
    throw new TypeError("x is\nnot a function");
  };
  expect(await run("status", { answers: { status } })).toMatchObject({
    exit: 70,
    out: "",
    err: failed(
      "something inside peernet failed: TypeError: x is not a function",
      "look at daemon.log in the state folder",
    ),
  });
});

test("main() does not run the daemon's mode, which is not a command line's", async () => {
  expect(await run("daemon")).toMatchObject({
    exit: 70,
    err: failed("daemon is not run by the command line", "look at daemon.log in the state folder"),
  });
  expect(await run("daemon --help")).toMatchObject({ exit: 0, err: "" });
});

const starting: Readonly<Record<string, boolean>> = {
  ask: true,
  peers: true,
  "peers show mini": true,
  "peers rename mini studio": true,
  "peers grant mini ask": true,
  "pair --to mini -": true,
  "pair --to 192.0.2.7 -": true,
  "pair -": true,
  discover: true,
  "pair --open": true,
  status: false,
  version: false,
  deactivate: false,
  "summary x": false,
  preview: false,
  "unpair mini --yes": false,
  audit: false,
  "audit verify": false,
  "audit export": false,
};

for (const [line, starts] of Object.entries(starting)) {
  test(`${line} ${starts ? "starts" : "does not start"} a daemon that is not there`, async () => {
    const outcome = await run(line, {
      answers: {
        ask: noDaemon,
        peers: noDaemon,
        "peers/show": noDaemon,
        "peers/rename": noDaemon,
        "peers/grant": noDaemon,
        "pair/probe": noDaemon,
        discover: noDaemon,
        status: noDaemon,
        deactivate: noDaemon,
        summary: noDaemon,
        preview: noDaemon,
        unpair: noDaemon,
        audit: noDaemon,
        "audit/verify": noDaemon,
        "audit/export": refusing,
      },
      ensureDaemon: async () => {
        throw new PeernetError("daemon_not_running", {
          message: "the daemon is stopped: you ran `peernet stop` 2 h ago",
        });
      },
    });
    expect(outcome.done).toEqual(starts ? ["ensureDaemon"] : []);
    if (line === "version") return;
    expect(outcome.exit).toBe(3);
    expect(outcome.err).toBe(
      failed(
        starts
          ? "the daemon is stopped: you ran `peernet stop` 2 h ago"
          : "the daemon is not running",
        "peernet start",
      ),
    );
  });
}

async function* refusing(): AsyncGenerator<never> {
  yield await noDaemon();
}

test("help lists every command, and --help anywhere explains that one", async () => {
  const list = await run("help");
  expect(list).toMatchObject({ exit: 0, err: "" });
  for (const { name, summary } of commands) {
    expect(list.out).toMatch(new RegExp(`^  ${name} .*${summary.slice(0, 20)}`, "m"));
    const explained = await run(`help ${name}`);
    expect(explained).toMatchObject({ exit: 0, err: "" });
    expect(explained.out).toContain(`peernet ${name}`);
    expect(await run(`${name} --help`)).toEqual(explained);
    expect(await run(`${name} x y z -h --json`)).toEqual(explained);
  }
  expect(await run("--help")).toEqual(list);
  expect(await run("-h")).toEqual(list);
  expect(await run("--help ask")).toEqual(await run("ask --help"));
});

test("help --json prints the registry", async () => {
  const listed = JSON.parse((await run("help --json")).out);
  expect(listed.commands.map(({ name }: { name: string }) => name)).toEqual(
    commands.map(({ name }) => name),
  );
  const { name, words, summary } = commands[0] ?? {};
  expect(JSON.parse((await run(`help ${name} --json`)).out)).toEqual({
    commands: [{ name, words, summary }],
  });
});

test("help shows usage, flags and examples", async () => {
  expect((await run("ask --help")).out).toBe(
    text(
      "peernet ask [HANDLE] [QUESTION…]",
      "ask asks for a session's facts; without HANDLE, for those of every live session",
      "",
      "flags",
      "  --timeout DURATION   how long to wait for an answer, up to 60s; 5s unless given",
      "  --thread ID          the thread this ask belongs to, or the end of its id",
      "  --json               print the result as JSON",
      "  --help               show this",
      "",
      "examples",
      "  peernet ask",
      "  peernet ask mini",
      "  peernet ask mini/hydrate 'may I rebase main?'",
    ),
  );
});

test("reference() holds every command with its usage and flags", async () => {
  const document = await reference(commands);
  for (const { name } of commands) expect(document).toContain(`\n## peernet ${name}\n`);
  expect(document).toContain("| `--to NAME\\|HOST[:PORT]` | take the code shown on that machine;");
  expect(document).toContain("```\npeernet ask [HANDLE] [QUESTION…]\n```");
  expect(document.endsWith("\n\n")).toBe(false);
});

test("start prints where the daemon listens, whether it ran already or not", async () => {
  const answers = { status: async () => status() };
  expect(await run("start", { answers })).toMatchObject({
    exit: 0,
    out: text("laptop runs and listens on 100.101.7.3:7337"),
    err: "",
    done: ["startDaemon"],
  });
  const startDaemon = async () => ({ alreadyRunning: true });
  expect((await run("start", { answers, startDaemon })).out).toBe(
    text("laptop already runs and listens on 100.101.7.3:7337"),
  );
  const { machine } = status();
  const alone = { status: async () => status({ machine: { ...machine, listen: [] } }) };
  expect((await run("start", { answers: alone })).out).toBe(
    text("laptop runs and listens nowhere"),
  );
  const asJson = await run("start --json", { answers });
  expect(JSON.parse(asJson.out)).toEqual({ already_running: false, machine });
});

test("start exits 3 when the daemon cannot start", async () => {
  const startDaemon = async (): Promise<never> => {
    throw new PeernetError("port_in_use", {
      message: "the daemon cannot start: 100.101.7.3:7337 is used by another program",
      hint: "set listen.port = 0 in ~/.peernet/config.toml",
    });
  };
  expect(await run("start", { startDaemon })).toMatchObject({
    exit: 3,
    out: "",
    err: failed(
      "the daemon cannot start: 100.101.7.3:7337 is used by another program",
      "set listen.port = 0 in ~/.peernet/config.toml",
    ),
  });
});

test("stop stops, and says how to start again", async () => {
  expect(await run("stop")).toEqual({
    exit: 0,
    out: text("the daemon is stopped"),
    err: text("it stays stopped until: peernet start"),
    calls: [],
    done: ["stopDaemon"],
  });
  expect((await run("stop --json")).out).toBe(text('{"stopping":true,"unremembered":null}'));
});
