import { expect, test } from "bun:test";
import { both } from "../../support/grants.ts";
import { fingerprint, goneServer, peer } from "../samples.ts";
import { failed, run, text } from "../support.ts";

test("peers lists paired machines with their links and grants", async () => {
  const answers = { peers: async () => ({ peers: [peer(), goneServer] }) };
  expect(await run("peers", { answers })).toEqual({
    exit: 0,
    out: text(
      "PEER     LINK        IDENTITY                                             GRANTS",
      `mini     up, 12 ms   ${fingerprint}   it may ask · you may ask`,
      `server   down        ${fingerprint}   it may ask · you may ask · last seen 3 h ago`,
    ),
    err: "",
    calls: [["peers", {}]],
    done: [],
  });
  const terminal = { stdout: true, columns: 60 };
  expect((await run("peers", { answers, terminal })).out).toContain(
    "mini     up, 12 ms   sha256:Jq3vKx9m…\n  it may ask\n  you may ask\n",
  );
});

test("peers teaches pairing where there is none", async () => {
  const answers = { peers: async () => ({ peers: [] }) };
  expect((await run("peers", { answers })).out).toBe(
    text("no machine is paired; on both: peernet pair"),
  );
  expect((await run("peers --json", { answers })).out).toBe(text('{"peers":[]}'));
});

test("peers show tells all of one peer", async () => {
  const answers = { "peers/show": async () => peer() };
  expect(await run("peers show mini", { answers })).toEqual({
    exit: 0,
    out: text(
      "mini",
      `  identity   ${fingerprint}`,
      "  link       up, 12 ms",
      "  it may     ask",
      "  you may    ask",
      "  address    100.88.4.20:7337",
      "  version    0.1.0",
      "  paired     2026-11-24",
      "  seen       3 s ago",
      "  handles    mini/hydrate, working 4 min · mail: unknown: needs message there",
    ),
    err: "",
    calls: [["peers/show", { name: "mini" }]],
    done: [],
  });
});

test("peers show says what is not known", async () => {
  const bare = { ...goneServer, address: null, version: null, last_seen_age_ms: null };
  const { out } = await run("peers show server", { answers: { "peers/show": async () => bare } });
  expect(out).toContain("  link       down · never seen\n");
  expect(out).toContain("  address    –\n  version    –\n");
  expect(out).toContain("  seen       never\n  handles    unknown: it is down\n");
});

test("peers show says that no handle is live only where the peer would tell them", async () => {
  const shown = async (changed: Parameters<typeof peer>[0]) => {
    const answers = { "peers/show": async () => peer({ handles: [], ...changed }) };
    return /handles +(.*)/.exec((await run("peers show mini", { answers })).out)?.[1];
  };
  expect(await shown({})).toBe("none live");
  expect(await shown({ grants: both(["ask"], ["wake"]) })).toBe("not told: that needs ask there");
  expect(await shown({ link: "refused" })).toBe("unknown: it is refused");
});

test("peers rename says the new name", async () => {
  const answers = { "peers/rename": async () => peer({ name: "studio" }) };
  expect(await run("peers rename mini studio", { answers })).toMatchObject({
    exit: 0,
    out: text("mini is called studio here from now on"),
    calls: [["peers/rename", { name: "mini", to: "studio" }]],
  });
});

for (const line of ["peers show mini", "peers rename mini studio", "peers grant mini ask"]) {
  test(`${line} --json prints the peer unchanged`, async () => {
    const one = async () => peer();
    const answers = { "peers/show": one, "peers/rename": one, "peers/grant": one };
    const { exit, out } = await run(`${line} --json`, { answers });
    expect([exit, out]).toEqual([0, text(JSON.stringify(peer()))]);
  });
}

const unpaired = {
  name: "server",
  fingerprint,
  told: true,
  connections_closed: 1,
  records_kept: 212,
};
const answers = { unpair: async () => unpaired };
const question = "Unpair server? Its connections close at once. [y/N] ";

test("unpair asks on a terminal and ends the pairing after a yes", async () => {
  for (const yes of ["y", "Y", "yes", " YES "]) {
    const scene = { answers, lines: [yes], terminal: { stdin: true } };
    expect(await run("unpair server", scene)).toEqual({
      exit: 0,
      out: text(
        "server may no longer ask; 1 live connection closed; server was told. " +
          "Its 212 records are kept.",
      ),
      err: question,
      calls: [["unpair", { name: "server" }]],
      done: [],
    });
  }
});

test("unpair changes nothing after any other reply, or none", async () => {
  for (const lines of [[""], ["n"], ["yess"], ["server"], []]) {
    expect(await run("unpair server", { answers, lines, terminal: { stdin: true } })).toEqual({
      exit: 1,
      out: "",
      err: `${question}nothing changed: server is still paired\n`,
      calls: [],
      done: [],
    });
  }
});

test("unpair needs --yes where there is no terminal", async () => {
  expect(await run("unpair server", { answers, lines: ["y"] })).toMatchObject({
    exit: 2,
    out: "",
    err: failed(
      "unpair asks first, and there is no terminal to ask at",
      "peernet unpair server --yes",
    ),
    calls: [],
  });
  expect(await run("unpair server --yes", { answers })).toMatchObject({ exit: 0, err: "" });
});

test("unpair of a peer that had ended it says so", async () => {
  const ended = { ...unpaired, told: false, ended_there: true };
  const { out } = await run("unpair server --yes", { answers: { unpair: async () => ended } });
  expect(out).toContain("; server had ended it already. ");
});

test("unpair says what could not be done", async () => {
  const quiet = { ...unpaired, told: false, connections_closed: 0, records_kept: 1 };
  expect((await run("unpair server --yes", { answers: { unpair: async () => quiet } })).out).toBe(
    text(
      "server may no longer ask; no connection was live; server could not be told. " +
        "Its 1 record is kept.",
    ),
  );
});

test("unpair prints the daemon's answer unchanged with --json", async () => {
  const { out } = await run("unpair server --yes --json", { answers });
  expect(out).toBe(text(JSON.stringify(unpaired)));
});
