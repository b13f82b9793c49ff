/** Handlers of the rows about the policy. Every change of the file goes through them. */

import type { Control } from "../../contract/control.ts";
import { PeernetError } from "../../contract/errors.ts";
import type { Handlers, InputOf, OutputOf } from "../../contract/operation/operation.ts";
import type { PolicyDocument } from "../../contract/policy/document.ts";
import { readPolicy } from "../../contract/policy/reading.ts";
import { stateNames } from "../../contract/text/state-names.ts";
import { bindingOf, looseNames, namesFor, rulesNaming } from "../../core/policy/binding.ts";
import { allowing, denying } from "../../core/policy/changing.ts";
import { allowingRun, denyingRun } from "../../core/policy/changing-run.ts";
import { decide, type PolicyRequest, readableRefs } from "../../core/policy/deciding.ts";
import { profilesIn, runnable } from "../../core/tasks/deciding.ts";
import { parseToml } from "../../platform/toml.ts";
import { noteAct } from "../context/acts.ts";
import { type Context, digestOf, type LocalCaller, unknownPeer } from "../context/context.ts";
import type { PolicyNow } from "../context/ports.ts";
import { faultText, type PolicyFile } from "./policy.ts";

/** Dependencies of the handlers about the policy. */
export interface PolicyParts {
  readonly context: Context;
  readonly policy: PolicyFile;
  /** Called after each change: what is no longer allowed ends. */
  readonly onChange: () => void;
}

type Rows = "policy" | "policy/check" | "policy/write" | "policy/plan" | "policy/test";

/** Handlers of the rows about the policy. */
export function policyHandlers(parts: PolicyParts): Pick<Handlers<Control, LocalCaller>, Rows> {
  const { context, policy } = parts;
  return {
    policy: async () => shown(parts),
    "policy/check": async (_input, caller) => {
      const current = policy.now();
      if (current.state === "absent") return shown(parts);
      await taken(parts, validOf(current), caller);
      return shown(parts);
    },
    "policy/write": async ({ text, replaces }, caller) => {
      const read = readPolicy(text, parseToml);
      if (!read.ok) throw invalid(read.fault);
      const before = policy.now();
      if ((before.state === "absent" ? null : before.digest) !== replaces) {
        throw new PeernetError("id_conflict", {
          message: `${stateNames.policy} was changed meanwhile`,
          hint: "look at it, then try again: peernet policy show",
        });
      }
      policy.write(text);
      const digest = digestOf(context, text);
      await taken(parts, { document: read.document, digest }, caller);
      return shown(parts);
    },
    "policy/plan": async (input) => planned(parts, input),
    "policy/test": async (input) => tested(parts, input),
  };
}

const invalid = (fault: Parameters<typeof faultText>[0]): PeernetError =>
  new PeernetError("policy_invalid", { message: faultText(fault), details: { line: fault.line } });

interface Valid {
  readonly document: PolicyDocument;
  readonly digest: string;
}

/** The content of a valid policy. @throws {policy_invalid} */
function validOf(current: Exclude<PolicyNow, { state: "absent" }>): Valid {
  if (current.state === "invalid") throw invalid(current.fault);
  return current;
}

/** Binds the names of a policy that a person checked or wrote, and records it. */
async function taken(
  { context, policy, onChange }: PolicyParts,
  { document, digest }: Valid,
  caller: LocalCaller,
): Promise<void> {
  const names = bindingOf(document, context.tables.peers.all());
  policy.bind(names);
  const { allow, refuse } = document;
  await context.transact(caller.now, (work) => {
    work.record({
      ...{ direction: "local", verb: "policy", outcome: "ok", origin_transport: "control" },
      content_sha256: digest,
      details: {
        ...{ read: allow.read.length, inbound: allow.inbound.length },
        ...{ outbound: allow.outbound.length, refuse: refuse.length, names },
      },
    });
    const rules = allow.read.length + allow.inbound.length + allow.outbound.length;
    const may = `${rules} allowing, ${refuse.length} refusing`;
    const act = { verb: "policy", name: stateNames.policy, fingerprint: "", may } as const;
    work.after(() => noteAct(context, caller, act));
    return { value: undefined };
  });
  onChange();
}

function shown({ context, policy }: PolicyParts): OutputOf<Control["policy"]> {
  const current = policy.now();
  const path = `${context.effects.files.folder}/${stateNames.policy}`;
  const nothing = { repositories: [], loose: [], readers: [], runs: [], fault: null };
  if (current.state === "absent") {
    return { path, state: "absent", digest: null, text: null, ...nothing };
  }
  const { state, digest, text } = current;
  if (current.state === "invalid") {
    return { path, state, digest, text, ...nothing, fault: current.fault };
  }
  const { document } = current;
  const all = context.tables.peers.all();
  const binding = policy.binding();
  const names = Object.keys(document.repositories);
  return {
    ...{ path, state, digest, text, fault: null },
    repositories: names.map((name) => ({
      name,
      path: document.repositories[name]?.path ?? null,
    })),
    loose: looseNames(document, binding, all).map((each) => ({
      ...each,
      rules: [...rulesNaming(document, each.name)],
    })),
    readers: all.flatMap(({ name: peer, fingerprint }) => {
      const peers = namesFor(binding, fingerprint);
      return names
        .map((repository) => ({
          ...{ peer, repository },
          refs: [...readableRefs(document, { peers, repository })],
        }))
        .filter(({ refs }) => refs.length > 0);
    }),
    runs: all.flatMap(({ name: peer, fingerprint }) => {
      const of = { document, digest, peers: namesFor(binding, fingerprint) };
      const profiles = (repository: string) => [...profilesIn(of, repository)];
      return runnable(of).map((repository) => ({
        ...{ peer, repository, profiles: profiles(repository) },
      }));
    }),
  };
}

type Plan = InputOf<Control["policy/plan"]>;

function planned({ context, policy }: PolicyParts, plan: Plan): OutputOf<Control["policy/plan"]> {
  if (context.tables.peers.named(plan.peer) === null) throw unknownPeer(plan.peer);
  const current = policy.now();
  const valid = current.state === "absent" ? null : validOf(current);
  const text = current.state === "absent" ? null : current.text;
  const document = valid?.document ?? null;
  const changed = plan.verb === "deny" ? denied : allowed;
  const { added, removed, ...rest } = changed(text, document, plan);
  return { ...rest, replaces: valid?.digest ?? null, added: [...added], removed: [...removed] };
}

type Document = PolicyDocument | null;

function denied(text: string | null, document: Document, { act, peer, repositories }: Plan) {
  if (document === null) return { text: text ?? "", added: [], removed: [] };
  const { repositories: known, folders } = document;
  const places = act === "run" ? { ...known, ...folders } : known;
  const named = repositories.map(({ name }) => name);
  const gone = { peer, repositories: named.length > 0 ? named : Object.keys(places) };
  return (act === "run" ? denyingRun : denying)(text ?? "", document, gone);
}

function allowed(text: string | null, document: Document, plan: Plan) {
  const { act, peer, repositories, run } = plan;
  const places = repositories.map(({ name, path, ref }) => {
    const held = document?.repositories[name]?.path ?? document?.folders[name]?.path;
    if (path === null) throw new PeernetError("repository_unknown");
    if (held !== undefined && held !== path) throw isOther(name, held);
    return { name, path, ref };
  });
  if (act === "run") {
    if (run === null) throw new PeernetError("bad_request");
    const { profiles, runners, approval } = run;
    const rights = { profiles, runners, ...(approval === null ? {} : { approval }) };
    const where = places.map(({ name, path, ref }) => ({ name, path, isFolder: ref === null }));
    return allowingRun(text, document, { peer, places: where, rights });
  }
  return allowing(text, document, {
    peer,
    repositories: places.map(({ ref, ...place }) => {
      if (ref === null) throw new PeernetError("repository_unknown");
      return { ...place, ref };
    }),
  });
}

const isOther = (name: string, path: string): PeernetError =>
  new PeernetError("repository_unknown", {
    message: `${name} is another repository in the policy: ${path}`,
    hint: "give this one a name of its own there: peernet policy edit",
  });

function tested(
  { context, policy }: PolicyParts,
  input: InputOf<Control["policy/test"]>,
): OutputOf<Control["policy/test"]> {
  const current = policy.now();
  if (current.state === "absent") {
    const nothing = { rules: [], refusals: [], failed: [] };
    return { allowed: false, ...nothing, known: false, bound: false };
  }
  const { document } = validOf(current);
  const binding = policy.binding();
  const bearer = context.tables.peers.named(input.peer)?.fingerprint;
  const bound = bearer !== undefined && binding[input.peer] === bearer;
  // An unbound name is judged as if it were bound: the owner tests the rules.
  const decision = decide(document, requestOf(input));
  return {
    allowed: decision.allowed && (bound || input.act === "outbound"),
    rules: [...decision.rules],
    refusals: [...decision.refusals],
    failed: [...decision.failed],
    known: decision.isKnown,
    bound,
  };
}

function requestOf(input: InputOf<Control["policy/test"]>): PolicyRequest {
  const given = { peers: [input.peer], repository: input.repository };
  const profile = input.profile ?? "";
  switch (input.act) {
    case "read":
      return { act: "read", ...given, ref: input.ref ?? "main" };
    case "inbound":
      return { act: "inbound", ...given, profile, runner: input.runner };
    case "outbound":
      return { act: "outbound", ...given, profile, session: input.session ?? "" };
    default:
      return input.act satisfies never;
  }
}
