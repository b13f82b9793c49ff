/** `peernet policy show`, `check`, `test` and `edit`: for the owner of the policy. */

import { PeernetError } from "../../contract/errors.ts";
import type { PolicyTestOutput } from "../../contract/policy/rows.ts";
import { started } from "../../session/started.ts";
import { command } from "../frame/command.ts";
import type { Io } from "../terminal/io.ts";
import { note, printJson, printLine, prompt } from "../terminal/output.ts";
import { edited } from "./editing.ts";
import { template } from "./template.ts";
import { printPolicy, printReaders } from "./text.ts";

/** Shows the file, and what it allows. */
export const show = command({
  flags: {},
  async run({ io, json }) {
    const policy = await started(io, () => io.calls().policy({}));
    if (json) printJson(io, policy);
    else {
      if (policy.text !== null) printPolicy(io, policy.text);
      if (policy.fault === null) printReaders(io, policy);
    }
    if (policy.fault === null) return 0;
    const { line, message } = policy.fault;
    throw new PeernetError("policy_invalid", { message: `policy.toml, line ${line}: ${message}` });
  },
});

/** Checks the file, and lets its names count for the machines that bear them now. */
export const check = command({
  flags: {},
  async run({ io, json }) {
    const policy = await started(io, () => io.calls()["policy/check"]({}));
    await io.ensureKeeper();
    if (json) printJson(io, policy);
    else printReaders(io, policy);
    return policy.loose.length === 0 ? 0 : 1;
  },
});

/** Explains the decision about one act: 0 allowed, 4 refused. */
export const test = command({
  flags: {},
  examples: [
    "peernet policy test read peer=laptop repository=hydrate ref=main",
    "peernet policy test inbound peer=laptop repository=hydrate profile=edit runner=codex",
  ],
  async run({ io, words: [act = "", ...pairs], json }) {
    const input = inputOf(act, pairs);
    const decision = await started(io, () => io.calls()["policy/test"](input));
    if (json) printJson(io, decision);
    else printDecision(io, input, decision);
    return decision.allowed ? 0 : 4;
  },
});

type TestInput = Parameters<ReturnType<Io["calls"]>["policy/test"]>[0];

const keys = ["peer", "repository", "ref", "profile", "runner", "session"] as const;

/** Parses `read peer=laptop repository=hydrate`. @throws {bad_request} */
function inputOf(act: string, pairs: readonly string[]): TestInput {
  const isAct = act === "read" || act === "inbound" || act === "outbound";
  const hint = "peernet policy test read peer=laptop repository=hydrate ref=main";
  if (!isAct) throw new PeernetError("bad_request", { message: `${act} is no act`, hint });
  const given: Partial<Record<(typeof keys)[number], string>> = {};
  for (const pair of pairs) {
    const [key = "", value = ""] = pair.split("=");
    const known = keys.find((each) => each === key);
    if (known === undefined || value === "") {
      throw new PeernetError("bad_request", { message: `${pair} is not KEY=VALUE`, hint });
    }
    given[known] = value;
  }
  const { peer, repository, ...rest } = given;
  if (peer === undefined || repository === undefined) {
    throw new PeernetError("bad_request", { message: "peer= and repository= are needed", hint });
  }
  return { act, peer, repository, ...rest };
}

function printDecision(io: Io, input: TestInput, decision: PolicyTestOutput): void {
  for (const name of decision.refusals) printLine(io, `refuse ${name}: applies`);
  for (const name of decision.rules) printLine(io, `allow  ${name}: applies`);
  for (const { rule, selector } of decision.failed) {
    // The selectors of a rule are the fields of the input.
    const given = input[selector as keyof TestInput];
    printLine(io, `allow  ${rule}: no, its ${selector} is not ${given ?? "given"}`);
  }
  if (!decision.known) printLine(io, `${input.repository} is not in the policy`);
  if (!decision.bound && input.act !== "outbound") {
    printLine(io, `${input.peer} counts for no machine: peernet policy check`);
  }
  printLine(io, decision.allowed ? "allowed" : "refused");
}

/** Opens the file in the person's editor, and checks it before it replaces the old one. */
export const edit = command({
  flags: {},
  async run({ io, json }) {
    const before = await started(io, () => io.calls().policy({}));
    let text = before.text ?? template;
    for (;;) {
      text = await edited(io, text);
      if (text === before.text) {
        note(io, "nothing was changed");
        return 0;
      }
      try {
        const policy = await io.calls()["policy/write"]({ text, replaces: before.digest });
        await io.ensureKeeper();
        if (json) printJson(io, policy);
        else printReaders(io, policy);
        return 0;
      } catch (error) {
        if (!(error instanceof PeernetError) || error.code !== "policy_invalid") throw error;
        note(io, error.message);
        const answer = await prompt(io, "edit again? [Enter, or n: the old policy stays] ");
        if (answer === null || !/^(y|yes|)$/i.test(answer.trim())) throw error;
      }
    }
  },
});
