/** Two machines over real TLS, one of which runs tasks of the other. */

import { existsSync } from "node:fs";
import { join } from "node:path";
import type { TaskOrder } from "../../../src/contract/tasks/errands.ts";
import type { RunInput } from "../../../src/contract/tasks/local.ts";
import { type Machine, type MachineOptions, machine, pair } from "../../support/daemon.ts";
import { until } from "../../support/until.ts";

import { type Keeper, keeperOf, keyOf } from "./keeper.ts";
/** The policy by which the laptop runs tasks in hydrate. */
export const policyText = (more = ""): string => `version = 1
[repositories.hydrate]
path = "/src/hydrate"
[folders.logs]
path = "/var/log"
[profiles.check]
command = { file = "/usr/local/bin/check" }
[[allow.inbound]]
name = "laptop-hydrate"
peer = ["laptop"]
repository = ["hydrate", "logs"]
profile = ["query", "edit", "check"]
runner = ["claude-code"]
wall = "20m"
usd = 2.0
${more}`;

/** Two machines: `mini` runs tasks of `laptop`. */
export interface Hosts extends AsyncDisposable {
  mini: Machine;
  laptop: Machine;
  keeper: Keeper;
  asking: Keeper;
  /** Writes the policy of mini. */
  allow(text: string): Promise<void>;
  /** Hands over a task as a person of the laptop does. */
  run(changed?: Partial<RunInput>): Promise<Ran>;
  /** The states of the last task, as mini has them. */
  states(taskId: string): Promise<string[]>;
  /** Waits for a round that the keeper has started. */
  started(taskId: string, round?: number): Promise<TaskOrder>;
  /** Waits until the task has a state on a side. */
  reached(on: "mini" | "laptop", taskId: string, state: string): Promise<void>;
  /** True when the daemon of mini told the supervisor of a round to stop. */
  isTold(order: Pick<TaskOrder, "task_id" | "round">): boolean;
  restart(which: "mini" | "laptop"): Promise<void>;
}

type Ran = Awaited<ReturnType<Machine["calls"]["tasks/run"]>>;

/** The input of a person's `peernet run`. */
export const running = (changed: Partial<RunInput> = {}) => ({
  ...{ machine: "mini", repository: "hydrate", prompt: "Port the loader", profile: "query" },
  ...{ folder: "/home/a/hydrate", from: { by: "person" as const } },
  ...changed,
});

/** The acts of a test on two paired machines. */
function hostsOf(both: Pick<Hosts, "mini" | "laptop">): Hosts {
  const hosts: Hosts = Object.assign(both, {
    keeper: keeperOf(both.mini),
    asking: keeperOf(both.laptop),
    allow: async (text: string) => {
      const { digest } = await hosts.mini.calls.policy({});
      await hosts.mini.calls["policy/write"]({ text, replaces: digest });
    },
    run: (changed: Partial<RunInput> = {}) => hosts.laptop.calls["tasks/run"](running(changed)),
    states: async (task: string) => {
      const { states } = await hosts.mini.calls["tasks/show"]({ task });
      return states.map(({ state }) => state);
    },
    started: async (task_id: string, round = 1) => {
      const key = keyOf({ task_id, round });
      await until(`round ${round} has started`, () => hosts.keeper.rounds.has(key));
      return hosts.keeper.rounds.get(key)?.order as TaskOrder;
    },
    reached: (on: "mini" | "laptop", task: string, state: string) =>
      until(`it is ${state} on ${on}`, async () => {
        const { tasks } = await hosts[on].calls.tasks({ all: true });
        return tasks.some((each) => each.task_id === task && each.state === state);
      }),
    isTold: ({ task_id, round }: { task_id: string; round: number }) =>
      existsSync(join(hosts.mini.home, "tasks", task_id, String(round), "stop")),
    restart: async (which: "mini" | "laptop") => {
      hosts[which] = await hosts[which].restart();
      if (which === "mini") {
        const before = hosts.keeper;
        before.end();
        hosts.keeper = Object.assign(keeperOf(hosts.mini), {
          rounds: before.rounds,
          parts: before.parts,
        });
      } else {
        hosts.asking.end();
        hosts.asking = keeperOf(hosts.laptop);
      }
    },
    [Symbol.asyncDispose]: async () => {
      hosts.keeper.end();
      hosts.asking.end();
      await hosts.mini[Symbol.asyncDispose]();
      await hosts.laptop[Symbol.asyncDispose]();
    },
  });
  return hosts;
}

/** Starts and pairs the two machines. */
export async function hosts(
  options: {
    readonly mine?: boolean;
    readonly mini?: MachineOptions;
    readonly laptop?: MachineOptions;
  } = {},
): Promise<Hosts> {
  const both: Pick<Hosts, "mini" | "laptop"> = {
    mini: await machine("mini", options.mini),
    laptop: await machine("laptop", options.laptop),
  };
  await pair(both.mini, both.laptop);
  if (options.mine !== false) {
    await both.mini.calls["peers/grant"]({ name: "laptop", entries: [], mine: true });
  }
  const hosts = hostsOf(both);
  await hosts.allow(policyText());
  return hosts;
}
