import { afterAll, expect, test } from "bun:test";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { timers } from "../../../src/platform/clock/timers.ts";
import { foundAgents, openSessions } from "../../../src/setup/plan/survey.ts";

const folder = mkdtempSync(join(tmpdir(), "peernet-survey-"));
afterAll(() => rmSync(folder, { recursive: true }));

const places = { home: folder, environment: {} };

test("openSessions() counts by the files' names, and opens none of them", () => {
  expect(openSessions(places, () => true)).toBe(0);
  mkdirSync(join(folder, ".claude/sessions"), { recursive: true });
  for (const name of ["11.json", "12.json", "13.json.tmp", "key.json", "-1.json", "14"]) {
    // A folder cannot be read as a file: whoever tried would fail.
    mkdirSync(join(folder, ".claude/sessions", name));
  }
  expect(openSessions(places, () => true)).toBe(2);
  expect(openSessions(places, (pid) => pid === 12)).toBe(1);
});

test("foundAgents() finds an agent by its folder, and no program in a relative one", async () => {
  const environment = { PATH: "bin:.:" };
  const found = await foundAgents({ environment, timers }, places);
  expect(found.map(({ agent, program, version }) => [agent.name, program, version])).toEqual([
    ["claude-code", null, null],
  ]);
});

test("foundAgents() tells a plugin that is on, whatever the file is", async () => {
  const has = async (text: string): Promise<boolean | undefined> => {
    writeFileSync(join(folder, ".claude/settings.json"), text);
    const [claude] = await foundAgents({ environment: {}, timers }, places);
    return claude?.hasPlugin;
  };
  expect(await has('{"enabledPlugins": {"peernet@local": true}}')).toBe(true);
  expect(await has('{"enabledPlugins": {"peernet@local": false, "other@x": true}}')).toBe(false);
  expect(await has('{"enabledPlugins": {"peernet-tools@local": true}}')).toBe(false);
  expect(await has("{")).toBe(false);
  expect(await has('{"enabledPlugins": "all"}')).toBe(false);
});
