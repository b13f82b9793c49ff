/** A keeper's surroundings in its tests: a daemon's calls, processes, folders, state files. */

import { expect } from "bun:test";
import type { z } from "zod";
import { PeernetError } from "../../src/contract/errors.ts";
import {
  type GitFacts,
  type GitReason,
  type KeptLease,
  LeasesOutput,
  type Process,
  RenewInput,
  ResumeInput,
  Selector,
} from "../../src/contract/lease.ts";
import { type KeeperOptions, keep } from "../../src/keeper/keeper.ts";
import type { ToldState } from "../../src/session/claude-state.ts";
import type { RecentCommit } from "../../src/session/git/reading.ts";
import { fakeEffects } from "../support/effects.ts";

/** Git's facts in every folder unless a test wants otherwise. */
export const facts: GitFacts = { sha: null, subject: null, branch: "main", dirty: 0 };

/** A reading of a folder, in which nothing was committed lately. */
export const reading = (git: GitFacts | null, why: GitReason | null = null) => ({
  git,
  why,
  recent: [] as readonly RecentCommit[],
});

/** A lease of a shell with this number, in a folder of its own unless one is given. */
export const lease = (pid: number, cwd = `/src/${pid}`): KeptLease => ({
  name: `s${pid}`,
  generation: pid,
  harness: "shell",
  session_id: null,
  process: { pid, start_time: "1" },
  cwd,
  project: "project",
  state: null,
  state_age_ms: null,
  git_read: true,
  held: false,
});

/** When calls were made, in milliseconds since the keeper started. */
export const instants = (calls: readonly { readonly at: number }[]): readonly number[] =>
  calls.map((call) => call.at);

interface Renewal {
  readonly at: number;
  readonly beats: z.output<typeof RenewInput>["beats"];
  readonly git?: GitFacts | null;
  readonly git_why?: string;
}

/** The settings and observations of a test. */
interface State {
  leases: KeptLease[];
  /** True when the daemon runs. */
  up: boolean;
  /** True when it leaves calls unanswered. */
  stuck: boolean;
  /** True when the keeper has ended. */
  ended: boolean;
  /** True when a silent daemon may come back. */
  mayReturn: boolean;
  /** True where a daemon of a later version asked it to end. */
  isReplaced: boolean;
  /** True where the daemon needs it though no lease is live. */
  wanted?: boolean;
  describe: KeeperOptions["describe"];
  readonly listed: number[];
  /** Claude Code's states of processes. */
  readonly told: Map<number, ToldState>;
  /** Leases that the daemon ended by itself, and gives back to a keeper that slept. */
  readonly expired: Map<number, KeptLease>;
  /** True when the daemon fails to give leases back. */
  wakeFails: boolean;
  readonly woken: { readonly at: number; readonly names: readonly string[] }[];
  readonly released: { readonly at: number; readonly selector: Selector }[];
  readonly renewed: Renewal[];
}

/** A lease once a reading was handed on for these. */
const wasRead =
  (beats: Renewal["beats"]) =>
  (lease: KeptLease): KeptLease => ({
    ...lease,
    git_read: lease.git_read || beats.some(({ name }) => name === lease.name),
  });

/** The daemon's end of the keeper's calls. */
function daemon(state: State, at: () => number): KeeperOptions["calls"] {
  const answer = async (signal: AbortSignal | undefined): Promise<void> => {
    if (!state.up) throw new PeernetError("daemon_not_running");
    if (!state.stuck) return;
    await new Promise((_, reject) => {
      signal?.addEventListener("abort", () => reject(signal.reason));
    });
  };
  return {
    leases: async (_, limit) => {
      state.listed.push(at());
      await answer(limit?.signal);
      return LeasesOutput.parse({ leases: state.leases, wanted: state.wanted });
    },
    renew: async (input, limit) => {
      await answer(limit?.signal);
      const { beats, git, git_why } = RenewInput.parse(input);
      const why = git_why === undefined ? {} : { git_why };
      state.renewed.push({ at: at(), beats, ...(git === undefined ? {} : { git }), ...why });
      if (git !== undefined) state.leases = state.leases.map(wasRead(beats));
      return { renewed: beats.map(({ name }) => name), lost: [] };
    },
    deactivate: async (input, limit) => {
      await answer(limit?.signal);
      expect(input.gone).toBe(true);
      const selector = Selector.parse(input);
      const found = state.leases.find(
        ({ name, generation }) => name === selector.name && generation === selector.generation,
      );
      if (found === undefined) throw new PeernetError("lease_lost");
      state.released.push({ at: at(), selector });
      state.leases = state.leases.filter((each) => each !== found);
      return { handle: found.name };
    },
    "leases/resume": async (input, limit) => {
      await answer(limit?.signal);
      if (state.wakeFails) throw new PeernetError("storage_full");
      const { slept } = ResumeInput.parse(input);
      state.woken.push({ at: at(), names: slept.map(({ name }) => name) });
      const back = slept.flatMap(({ generation }) => state.expired.get(generation) ?? []);
      for (const each of back) state.expired.delete(each.generation);
      state.leases = [...state.leases, ...back.map((each) => ({ ...each, generation: 99 }))];
      return { taken: back.map(({ name }) => name) };
    },
  };
}

/** A daemon that runs and answers, and has done nothing yet. */
const fresh = (leases: KeptLease[]): State => ({
  leases,
  up: true,
  stuck: false,
  ended: false,
  mayReturn: true,
  isReplaced: false,
  describe: async () => reading(facts),
  told: new Map(),
  expired: new Map(),
  wakeFails: false,
  woken: [],
  listed: [],
  released: [],
  renewed: [],
});

/** Starts a keeper of these leases. */
export function home(leases: KeptLease[]) {
  const { clock, timers, log } = fakeEffects();
  const startedMs = clock.monotonicMs();
  const at = (): number => clock.monotonicMs() - startedMs;
  const dead = new Set<number>();
  const read: { readonly at: number; readonly cwd: string }[] = [];
  const state = fresh(leases);
  const options: KeeperOptions = {
    calls: daemon(state, at),
    describe: (cwd) => {
      read.push({ at: at(), cwd });
      return state.describe(cwd);
    },
    isAlive: ({ pid }: Process) => !dead.has(pid),
    claudeState: ({ pid }) => state.told.get(pid) ?? null,
    mayReturn: () => state.mayReturn,
    isReplaced: () => state.isReplaced,
    clock,
    timers,
    log,
  };
  const kept = keep(options).then(() => {
    state.ended = true;
  });
  const withGit = (renewal: Renewal): boolean => "git" in renewal;
  return {
    state,
    dead,
    read,
    kept,
    clock,
    timers,
    log,
    advance: timers.advance,
    beats: () => state.renewed.filter((call) => !withGit(call)),
    readings: () => state.renewed.filter(withGit),
  };
}
