/** Machines that compare changed files, for the tests of that. */

import { pathDigest } from "../../../src/session/overlap.ts";
import { type Machine, type MachineOptions, machine, pair, session } from "../../support/daemon.ts";
import { until } from "../../support/until.ts";

/** The identity of a repository that both have. */
export const identity = "a".repeat(40);

/** A reading, as far as a test wants it to be another one. */
interface Told {
  readonly more?: boolean;
  readonly of?: string;
  readonly root?: string;
  readonly why?: string;
}

/** Activates a session with changed files, as the keeper hands them on; null for none, and why. */
export async function works(
  on: Machine,
  name: string,
  ...[files, told = {}]: readonly [readonly string[] | null, Told?]
): Promise<void> {
  const { more = false, of = identity, root = `/home/ada/${name}`, why = "shallow" } = told;
  const { generation } = await on.calls.activate(
    session({ name, session_id: name, project: "hydrate", process: { pid: 9, start_time: name } }),
  );
  const beats = [{ name, generation }];
  if (files === null) {
    await on.calls.renew({ beats, changed: null, changed_why: why });
    return;
  }
  const paths = files.map((file) => pathDigest(of, file));
  await on.calls.renew({ beats, changed: { identity: of, root, paths, more } });
}

/** The sessions that have changed some files. */
export const whoHas = async (on: Machine, files: readonly string[], of = identity) =>
  (
    await on.calls["overlap/who"]({
      identity: of,
      paths: files.map((file) => pathDigest(of, file)),
    })
  ).sessions;

/** Makes the peers of two machines say hello until a condition holds. */
export async function greeted(on: Machine, what: string, condition: () => Promise<boolean>) {
  await until(what, async () => {
    await on.calls.ask({ handle: null, question: null, thread_id: null });
    return condition();
  });
}

/** Two paired machines; the grants are of both, or of mini for laptop. */
export async function two(grant: "mine" | readonly string[] | null, options: MachineOptions = {}) {
  const mini = await machine("mini");
  const laptop = await machine("laptop", options);
  await pair(mini, laptop);
  if (grant === "mine") {
    for (const [on, name] of [
      [mini, "laptop"],
      [laptop, "mini"],
    ] as const) {
      await on.calls["peers/grant"]({ name, mine: true, entries: [] });
    }
  } else if (grant !== null) {
    const entries = [{ scope: "overlap" as const, names: [...grant] }];
    await mini.calls["peers/grant"]({ name: "laptop", entries });
  }
  return { mini, laptop };
}
