/** Texts that others write: settings, agents' files, hooks' payloads, packets of multicast DNS. */

import { expect, test } from "bun:test";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { Turn } from "../../src/contract/delivery/turn.ts";
import { PeernetError } from "../../src/contract/errors.ts";
import { HookInput } from "../../src/contract/lease.ts";
import { readAdvertised } from "../../src/discovery/advertisement.ts";
import { readClaudeCode } from "../../src/harness/claude-code-hook.ts";
import { readCodex } from "../../src/harness/codex-hook.ts";
import { readJson } from "../../src/harness/jsonc.ts";
import { parsePayload } from "../../src/harness/payload.ts";
import { readToml, withKey, withTable } from "../../src/harness/toml.ts";
import { withHooks, withoutHooks } from "../../src/harness/written-events.ts";
import { readConfig } from "../../src/platform/config.ts";
import { malformer } from "../discovery/lan-packets.ts";
import claudeCode from "../harness/payloads/claude-code.json";
import codex from "../harness/payloads/codex.json";
import { type Draw, drawFrom } from "../support/histories.ts";
import { faultsWanted, longWanted } from "../support/skip.ts";
import { mutated } from "./requests.ts";

const seed = Number(process.env.PEERNET_TEST_SEED ?? 1);
const count = longWanted ? 1_000_000 : faultsWanted ? 200_000 : 4_000;
const patienceMs = 30_000 + count;

const corpus = (name: string): Uint8Array => readFileSync(join(import.meta.dir, "corpus", name));
const text = (bytes: Uint8Array): string => new TextDecoder().decode(bytes);

/** The outcomes of reading, as classes; anything but a refusal by name is a failure. */
function outcomes(from: readonly Uint8Array[], read: (bytes: Uint8Array) => string) {
  const classes = new Map<string, number>();
  const one = (bytes: Uint8Array): string => {
    try {
      return read(bytes);
    } catch (error) {
      if (error instanceof PeernetError) return error.code;
      throw error;
    }
  };
  const note = (outcome: string): void => {
    classes.set(outcome, (classes.get(outcome) ?? 0) + 1);
  };
  for (const bytes of from) note(one(bytes));
  const ofCorpus = classes.size;
  for (let index = 0; index < count; index += 1) {
    const draw: Draw = drawFrom(seed + index);
    const bytes = mutated(draw, draw.pick(from));
    try {
      note(one(bytes));
    } catch (cause) {
      throw new Error(`PEERNET_TEST_SEED=${seed + index}: ${JSON.stringify(text(bytes))}`, {
        cause,
      });
    }
  }
  return { classes, ofCorpus };
}

function told(what: string, { classes, ofCorpus }: ReturnType<typeof outcomes>): void {
  const list = [...classes].sort().map(([name, times]) => `${name}:${times}`);
  const of = `corpus_outcomes=${ofCorpus} all_outcomes=${classes.size}`;
  console.log(`figure: fuzz ${what} inputs=${count} ${of} ${list.join(" ")}`);
}

test(
  "settings are read as they are meant, or refused by name",
  () => {
    const environment = {};
    const found = outcomes([corpus("config.toml")], (bytes) => {
      const { listen, sessions } = readConfig({ text: text(bytes), environment });
      // Whatever the text holds, the listening addresses are words and addresses from it.
      for (const address of listen.addresses ?? []) expect(text(bytes)).toContain(address);
      return `activate_${sessions.activate}`;
    });
    told("config", found);
    expect(found.classes.get("bad_request") ?? 0).toBeGreaterThan(count / 10);
  },
  patienceMs,
);

test(
  "an agent's settings keep everything of theirs when hooks are written and taken out",
  () => {
    const line = "/bin/peernet hook claude-code";
    const found = outcomes([corpus("settings.jsonc.txt")], (bytes) => {
      const before = text(bytes);
      const written = withHooks("claude-code", before, line);
      expect(Object.keys(readJson(written))).toContain("hooks");
      const { hooks, ...rest } = readJson(withoutHooks(written, line, before));
      const { hooks: ofBefore, ...restBefore } = readJson(before);
      expect(rest).toEqual(restBefore);
      return typeof ofBefore === typeof hooks ? "same_hooks" : "other_hooks";
    });
    told("settings_json", found);
    expect(found.classes.get("bad_request") ?? 0).toBeGreaterThan(count / 20);
  },
  patienceMs,
);

test(
  "an agent's TOML keeps everything of theirs when a server is written and taken out",
  () => {
    const name = "mcp_servers.peernet";
    const found = outcomes([corpus("codex.toml")], (bytes) => {
      const before = text(bytes);
      const written = withTable(before, name, { command: "/bin/peernet", args: ["mcp"] });
      const servers: unknown = Object(readToml(written)).mcp_servers;
      expect(Object(servers).peernet).toEqual({ command: "/bin/peernet", args: ["mcp"] });
      const { mcp_servers: _written, ...rest } = readToml(withTable(written, name, null));
      const { mcp_servers: _before, ...restBefore } = readToml(before);
      expect(rest).toEqual(restBefore);
      return "kept";
    });
    told("settings_toml", found);
    expect(found.classes.get("kept") ?? 0).toBeGreaterThan(count / 20);
  },
  patienceMs,
);

test(
  "settings of our own keep everything else when a key is written",
  () => {
    const values = ["none", ["~/src", 'a "b"'], { x: "\x7f" }] as const;
    const found = outcomes([corpus("config.toml"), corpus("codex.toml")], (bytes) => {
      const before = text(bytes);
      for (const [table, key] of [
        ["sessions", "activate"],
        ["sessions", "folders"],
        ["new", "key"],
      ] as const) {
        for (const value of values) {
          const after = Object(readToml(withKey(before, [table, key], value)));
          expect(after[table][key]).toEqual(value);
          const { [table]: _written, ...rest } = after;
          const { [table]: _before, ...restBefore } = readToml(before);
          expect(rest).toEqual(restBefore);
        }
      }
      return "kept";
    });
    told("settings_own", found);
    expect(found.classes.get("kept") ?? 0).toBeGreaterThan(count / 20);
  },
  patienceMs,
);

test(
  "a hook's payload says what the contract allows, or nothing",
  () => {
    const payloads = [...Object.values(claudeCode), ...Object.values(codex)].flat();
    const from = payloads.map((payload) => new TextEncoder().encode(JSON.stringify(payload)));
    const Told = HookInput.pick({ session_id: true, cwd: true, event: true, state: true });
    const found = outcomes(from, (bytes) => {
      const payload = parsePayload(bytes);
      if (payload === null) return "no_object";
      const happenings = [readClaudeCode(payload), readCodex(payload)];
      for (const happening of happenings) {
        // The schema drops unknown fields: nothing may be dropped.
        if (happening === null) continue;
        const { turn, ...told } = happening;
        expect(Told.parse(told)).toStrictEqual(told);
        if (turn === null) continue;
        const { transcript, ...moment } = turn;
        // The hook adds the size of the record that the transcript is.
        const record = transcript === null ? null : { path: transcript, bytes: 0 };
        expect(Turn.parse({ ...moment, record })).toStrictEqual({ ...moment, record });
      }
      return happenings.map((each) => (each === null ? "-" : `${each.event}/${each.state}`)).join();
    });
    told("hook_payloads", found);
    expect(found.classes.size).toBeGreaterThan(5);
  },
  patienceMs,
);

test(
  "a packet of multicast DNS is read or not, and breaks nothing",
  () => {
    const malformed = malformer(seed);
    let advertised = 0;
    for (let index = 0; index < count * 4; index += 1) {
      advertised += readAdvertised(malformed()).length;
    }
    console.log(`figure: fuzz dns_packets inputs=${count * 4} advertised=${advertised}`);
    expect(advertised).toBeGreaterThan(count / 10);
  },
  patienceMs,
);
