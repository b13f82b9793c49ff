/** Texts of others that tasks read: policies, manifests, headers of bundles, records, calls. */

import { expect, test } from "bun:test";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { readPolicy } from "../../src/contract/policy/reading.ts";
import { TaskDocument } from "../../src/contract/tasks/task.ts";
import { wire } from "../../src/contract/wire.ts";
import { searchRecord } from "../../src/keeper/record-search.ts";
import { bundleHeader } from "../../src/keeper/tasks/git/bundle.ts";
import { readManifest } from "../../src/keeper/tasks/runner/manifests.ts";
import { parseToml } from "../../src/platform/toml.ts";
import { policyText } from "../daemon/tasks/hosts.ts";
import { drawFrom } from "../support/histories.ts";
import { faultsWanted, longWanted } from "../support/skip.ts";
import { sampleDocument, sampleEnded } from "../support/tasks.ts";
import { mutated } from "./requests.ts";

const seed = Number(process.env.PEERNET_TEST_SEED ?? 1);
const count = longWanted ? 200_000 : faultsWanted ? 40_000 : 1_500;
const patienceMs = 30_000 + count;

const bytesOf = (text: string): Uint8Array => new TextEncoder().encode(text);
const textOf = (bytes: Uint8Array): string => new TextDecoder().decode(bytes);
const manifests = join(import.meta.dir, "../../src/keeper/tasks/manifests");

/** Reads changed texts, and counts the outcomes; whatever is thrown names its seed. */
function outcomes(
  what: string,
  from: readonly Uint8Array[],
  read: (bytes: Uint8Array) => string,
): Map<string, number> {
  const classes = new Map<string, number>();
  for (let index = 0; index < count; index += 1) {
    const draw = drawFrom(seed + index);
    const bytes = mutated(draw, draw.pick(from));
    try {
      const outcome = read(bytes);
      classes.set(outcome, (classes.get(outcome) ?? 0) + 1);
    } catch (cause) {
      throw new Error(`PEERNET_TEST_SEED=${seed + index}: ${textOf(bytes)}`, { cause });
    }
  }
  const list = [...classes].sort().map(([name, times]) => `${name}:${times}`);
  console.log(`figure: fuzz ${what} inputs=${count} ${list.join(" ")}`);
  return classes;
}

test(
  "a policy is read, or refused with the line of its fault",
  () => {
    const found = outcomes("policy", [bytesOf(policyText('approval = "each"\n'))], (bytes) => {
      const text = textOf(bytes);
      const read = readPolicy(text, parseToml);
      if (read.ok) return "read";
      expect(read.fault.line).toBeGreaterThan(0);
      expect(read.fault.line).toBeLessThanOrEqual(text.split("\n").length);
      expect(read.fault.message.length).toBeGreaterThan(0);
      return "refused";
    });
    expect(found.get("refused") ?? 0).toBeGreaterThan(count / 10);
  },
  patienceMs,
);

test(
  "a runner's manifest is read, or refused with a reason",
  () => {
    const from = ["claude-code", "codex"].map((name) => readFileSync(`${manifests}/${name}.toml`));
    const found = outcomes("manifest", from, (bytes) => {
      const read = readManifest(textOf(bytes));
      if (!read.ok) expect(read.detail.length).toBeGreaterThan(0);
      return read.ok ? "read" : read.why;
    });
    expect([...found.keys()].sort()).toEqual(["invalid", "read"]);
  },
  patienceMs,
);

test(
  "a bundle's header is read as one ref of one commit, or not at all",
  () => {
    const folder = mkdtempSync(join(tmpdir(), "peernet-fuzz-"));
    const path = join(folder, "bundle");
    const id = "91c0d7e0000000000000000000000000000000ab";
    const header = `# v2 git bundle\n-${id} base\n${id} refs/heads/peernet/a-4c1e\n\nPACK`;
    try {
      const found = outcomes("bundle_header", [bytesOf(header)], (bytes) => {
        writeFileSync(path, bytes);
        const read = bundleHeader(path);
        if (read === null) return "refused";
        expect(read.commit).toMatch(/^[0-9a-f]{40}$|^[0-9a-f]{64}$/);
        for (const each of read.prerequisites) expect(each).toHaveLength(read.commit.length);
        return "read";
      });
      expect(found.get("refused") ?? 0).toBeGreaterThan(count / 10);
    } finally {
      rmSync(folder, { recursive: true });
    }
  },
  patienceMs,
);

test(
  "an agent's record is searched, whatever it holds",
  () => {
    const folder = mkdtempSync(join(tmpdir(), "peernet-fuzz-"));
    const path = join(folder, "record.jsonl");
    const nonce = "pnr-0123456789abcdef";
    const result = { type: "tool_result", tool_use_id: "t", content: `nonce ${nonce}` };
    const line = { type: "user", message: { role: "user", content: [result] } };
    const output = { type: "function_call_output", call_id: "c", output: `nonce ${nonce}` };
    const text = [line, { type: "response_item", payload: output }].map((each) =>
      JSON.stringify(each),
    );
    try {
      const found = outcomes("record", [bytesOf(`${text.join("\n")}\n`)], (bytes) => {
        writeFileSync(path, bytes);
        const searched = searchRecord({ path, from: 0, nonce });
        if (!textOf(bytes).includes(nonce.slice(4))) expect(searched).not.toBe("there");
        return searched;
      });
      expect(found.size).toBeGreaterThan(1);
    } finally {
      rmSync(folder, { recursive: true });
    }
  },
  patienceMs,
);

test(
  "the calls about tasks take what their schema says, and only that",
  () => {
    const id = "01a3185c-8415-7a65-b78c-b66c54112068";
    const document = JSON.stringify(sampleDocument(id));
    const digest = "1".repeat(64);
    const blob = { task_id: id, round: 1, part: "result" };
    const told = { task_id: id, round: 1, version: 2, state: "held", reason: null, age_ms: 5 };
    const calls = [
      ["task/submit", { task_id: id, document, digest }],
      ["task/event", told],
      ["task/result", sampleEnded(id)],
      ["blob/put", { id: blob, offset: 0, data: "AAAA" }],
      ["blob/get", { id: blob, offset: 0 }],
      ["task/stop", { task_id: id }],
    ] as const;
    for (const [path, input] of calls) expect(wire[path].input.safeParse(input).success).toBe(true);
    const from = calls.map(([path, input]) => bytesOf(`${path} ${JSON.stringify(input)}`));
    const found = outcomes("task_calls", from, (bytes) => {
      const text = textOf(bytes);
      const named = calls.find(([path]) => text.startsWith(`${path} `));
      if (named === undefined) return "unnamed";
      let value: unknown;
      try {
        value = JSON.parse(text.slice(named[0].length + 1));
      } catch {
        return "no_json";
      }
      const read = wire[named[0]].input.safeParse(value);
      if (!read.success) return "refused";
      // A taken input is taken again, as the same.
      expect(wire[named[0]].input.parse(structuredClone(read.data))).toEqual(read.data);
      return "taken";
    });
    expect(found.get("refused") ?? 0).toBeGreaterThan(count / 20);
    const of = outcomes("task_document", [bytesOf(document)], (bytes) => {
      let value: unknown;
      try {
        value = JSON.parse(textOf(bytes));
      } catch {
        return "no_json";
      }
      return TaskDocument.strict().safeParse(value).success ? "read" : "refused";
    });
    expect(of.get("refused") ?? 0).toBeGreaterThan(count / 20);
  },
  patienceMs,
);
