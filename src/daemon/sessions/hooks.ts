/**
 * The handler of hook events. Reads the settings again for each decision, so that an edit holds at
 * once; unreadable settings allow nothing.
 */

import type { Control } from "../../contract/control.ts";
import { accept, PeernetError } from "../../contract/errors.ts";
import type { HookInput, HookOutput, HookRefusal } from "../../contract/lease.ts";
import { handlesMax } from "../../contract/limits.ts";
import type { Handlers } from "../../contract/operation/operation.ts";
import type { Peer } from "../../contract/peer.ts";
import { activate } from "../../core/sessions/activate.ts";
import { type Policy, refusalBy } from "../../core/sessions/activation-policy.ts";
import { type RememberedSession, refusalOf, stepOf } from "../../core/sessions/hook.ts";
import { hear } from "../../core/sessions/lease.ts";
import { configName, homesOf, readConfig } from "../../platform/config.ts";
import type { Instant } from "../../platform/effects.ts";
import type { Context, LocalCaller, Work } from "../context/context.ts";
import type { Turns } from "../context/ports.ts";
import { deciding, type Given, handleOf, namesOfAskers, release, save, setLeft } from "./leases.ts";

/** Dependencies of the hook handler. */
export interface HookParts {
  readonly context: Context;
  /** Every peer in the form of lists. */
  readonly peers: (now: Instant) => readonly Peer[];
  /** Read only for HOME and overrides of config.toml. */
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** Tells the session of its mail. */
  readonly turns: Turns;
}

/** The handler of the row `hook`. */
export function hookHandlers(parts: HookParts): Pick<Handlers<Control, LocalCaller>, "hook"> {
  const { context } = parts;
  const homes = homesOf(parts.environment);
  const following = { context, policy: policyReader(parts), homes };
  return {
    hook: async (input, caller) => {
      const told = await deciding(context)((event: HookInput, given) =>
        accept(withNotice(parts, given, { event, output: follow(event, given, following) })),
      )(input, caller);
      if (told.handle === null || (input.event !== "start" && !told.taken)) return told;
      const name = told.handle.slice(told.handle.indexOf("/") + 1);
      const visible_to = namesOfAskers(context, name, caller.now).slice(0, handlesMax);
      return { ...told, visible_to, live: liveOfPeers(parts, caller) };
    },
  };
}

/** The output with the mail of which the hook tells its session. */
function withNotice(
  { turns }: HookParts,
  { work, at }: Given,
  { event, output }: { readonly event: HookInput; readonly output: HookOutput },
): HookOutput {
  const name = output.handle?.slice(output.handle.indexOf("/") + 1);
  const lease = work.tables.leases.all().find((each) => each.name === name);
  if (lease === undefined) return output;
  const notice = turns.follow(work, { event, lease, now: at });
  return notice === null ? output : { ...output, notice };
}

interface Following {
  readonly context: Context;
  readonly policy: () => Policy | null;
  readonly homes: readonly string[];
}

const none: HookOutput = { handle: null, refused: null, taken: false, visible_to: [], live: [] };

function follow(event: HookInput, given: Given, { context, policy, homes }: Following): HookOutput {
  const { leases, work, now } = given;
  const remembered = rememberedOf(work, event);
  const step = stepOf(event, { leases, remembered }, now);
  switch (step.do) {
    case "nothing":
      return none;
    case "release":
      release(work, step.lease);
      setLeft(work, step.lease, false);
      return none;
    case "hear":
      work.tables.leases.put(step.lease);
      return { ...none, handle: handleOf(context, step.lease.name) };
    case "keep": {
      const isMoved = event.cwd !== step.lease.cwd;
      if (isMoved && !mayBeIn(event, policy(), homes)) {
        release(work, step.lease);
        setLeft(work, step.lease, false);
        return { ...none, refused: "folder" };
      }
      return taking({ ...event, process: step.process }, given, { context, name: step.lease.name });
    }
    case "take": {
      const refused = refusalOf(event, remembered, { policy: policy(), homes });
      if (refused !== null || event.process === null) return { ...none, refused };
      const last = remembered?.name;
      const isFree = leases.every(({ name }) => name !== last);
      const name = isFree ? last : undefined;
      return taking({ ...event, process: event.process }, given, { context, name });
    }
  }
}

/** True when a handle may follow its session into a folder: never into an excluded one. */
function mayBeIn(event: HookInput, policy: Policy | null, homes: readonly string[]): boolean {
  return policy !== null && refusalBy({ ...policy, headless: true }, event, homes) !== "folder";
}

type Taking = HookInput & { readonly process: NonNullable<HookInput["process"]> };

/** Takes or keeps a lease; a reached limit is reported, never thrown at an agent. */
function taking(
  event: Taking,
  { leases, work, now }: Given,
  { context, name }: { readonly context: Context; readonly name: string | undefined },
): HookOutput {
  const { harness, session_id, process, cwd, project, sole } = event;
  const request = { harness, session_id, process, cwd, project, sole };
  const generation = work.tables.leases.nextGeneration();
  const lease_id = context.effects.random.uuid();
  const named = name === undefined ? request : { ...request, name };
  const outcome = activate(leases, named, { ...now, generation, lease_id });
  if (!outcome.ok) return { ...none, refused: refusedBy(outcome.error) };
  const lease = hear(outcome.value.lease, event.state, now.bootMs);
  save(context, work, { ...outcome.value, lease });
  return { ...none, handle: handleOf(context, lease.name), taken: outcome.value.taken };
}

function refusedBy(error: PeernetError): HookRefusal {
  if (error.code === "lease_limit") return "lease_limit";
  throw error;
}

/** The session remembered by its id, else by the process that runs only this session. */
function rememberedOf({ tables }: Work, event: HookInput): RememberedSession | null {
  const { harness, session_id, process, sole } = event;
  const byId = tables.sessions.get(harness, session_id);
  if (byId !== null || !sole || process === null) return byId;
  return tables.sessions.ofProcess(harness, process);
}

/** Handles of paired machines that this one may ask about. */
function liveOfPeers({ peers }: HookParts, { now }: LocalCaller): string[] {
  const live: string[] = [];
  for (const { grants, handles } of peers(now)) {
    if (!grants.ours.includes("ask")) continue;
    live.push(...handles.map(({ handle }) => handle));
    if (live.length >= handlesMax) break;
  }
  return live.slice(0, handlesMax);
}

/** Reads the user's rules; null when they cannot be read, which is logged once. */
function policyReader({ context, environment }: HookParts): () => Policy | null {
  const { files, log } = context.effects;
  let logged: string | null = null;
  return () => {
    try {
      const { sessions } = readConfig({ text: files.readOpen(configName), environment });
      logged = null;
      return sessions;
    } catch (error) {
      const message = error instanceof PeernetError ? error.message : "config.toml: not readable";
      if (message !== logged) log.error("sessions_unknown", { message });
      logged = message;
      return null;
    }
  };
}
