import { expect, test } from "bun:test";
import { reachQuestion } from "../../src/cli/wizard/reach.ts";
import type { TailnetSeen } from "../../src/setup/plan/survey.ts";

const none: TailnetSeen = { state: "missing", addresses: [], login: null, machines: 0 };
const running: TailnetSeen = {
  state: "running",
  addresses: ["100.88.4.20", "fd7a:115c:a1e0::1"],
  login: "you@example.com",
  machines: 3,
};

const networks = { lan: ["192.168.1.20"], addresses: ["127.0.0.1", "192.168.1.20"] };

const ask = (tailnet: TailnetSeen, listen: readonly string[]) => {
  const { options, initialValue } = reachQuestion({ tailnet, networks }, listen);
  return { values: options.map(({ value }) => value), labels: options, initialValue };
};

test("reachQuestion() offers the tailnet first where there is one, with the address", () => {
  const { values, labels, initialValue } = ask(running, ["tailnet"]);
  expect(values).toEqual(["tailnet", "tailnet,lan", "127.0.0.1"]);
  expect(labels[0]?.label).toContain("100.88.4.20:7337");
  expect(initialValue).toBe("tailnet");
  for (const state of ["stopped", "unanswered"] as const) {
    expect(ask({ ...none, state }, ["lan"]).values).toEqual(["lan", "tailnet", "127.0.0.1"]);
  }
});

test("reachQuestion() offers no tailnet where there is none, in words of what follows", () => {
  const { values, labels, initialValue } = ask(none, ["lan"]);
  expect(values).toEqual(["lan", "127.0.0.1"]);
  expect(labels[0]?.label).toContain("announces itself on every network it joins");
  expect(labels[1]?.label).toContain("it can ask, nobody can ask it");
  expect(initialValue).toBe("lan");
  expect(ask(none, ["127.0.0.1"]).initialValue).toBe("127.0.0.1");
});

test("reachQuestion() offers addresses where nobody can tell which network is local", () => {
  const unknown = { lan: null, addresses: ["127.0.0.1", "10.91.0.2", "::1"] };
  const { options } = reachQuestion({ tailnet: none, networks: unknown }, ["127.0.0.1"]);
  expect(options.map(({ value }) => value)).toEqual(["10.91.0.2", "127.0.0.1"]);
});

test("reachQuestion() keeps what the settings say and no choice says", () => {
  const { values, labels, initialValue } = ask(running, ["192.0.2.7", "lan"]);
  expect(values[0]).toBe("192.0.2.7,lan");
  expect(labels[0]?.label).toBe("as now: 192.0.2.7,lan");
  expect(initialValue).toBe("192.0.2.7,lan");
});

test("reachQuestion() shows no character that may not reach a terminal", () => {
  const { labels } = ask({ ...running, addresses: ["\x1b[2J"] }, ["tailnet"]);
  expect(labels[0]?.label).toContain("�[2J:7337");
});
