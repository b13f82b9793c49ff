/**
 * Proves the sandbox of this machine: builds it, lets a reader try its canaries, and names the one
 * action that mends a missing wall. Serves nothing.
 */

import type { SandboxSeen } from "../../contract/reads/sandbox.ts";
import { landlockVersion } from "../../platform/sandbox/landlock.ts";
import { architectureOf } from "../../platform/sandbox/numbers.ts";
import { type Bwrap, type BwrapFault, workingBwrap } from "./bwrap.ts";
import { makePlace } from "./place.ts";
import { type StartParts, startReader } from "./start.ts";

/** Facts of the process that builds a sandbox. */
export interface Builder extends StartParts {
  readonly platform: string;
  readonly uid: number;
  /** A folder of ours for the canaries' files. */
  readonly scratch: string;
  readonly home: string;
  readonly signal: AbortSignal;
}

/** A sandbox that can be built, with its bubblewrap; or the reason why there is none. */
export type Buildable = { readonly bwrap: Bwrap } | { readonly none: SandboxSeen };

const none = (detail: string, fix: string | null): Buildable => ({
  none: { wall: null, detail, fix },
});

/** Finds out which walls this machine offers, without a reader. */
export async function buildable({ platform, uid, signal }: Builder): Promise<Buildable> {
  if (platform !== "linux") return none("there is no sandbox for this system yet", null);
  if (uid === 0) {
    return none("the walls hold no process of root", "run peernet as an ordinary user");
  }
  if (architectureOf(process.arch) === null) {
    return none(`no system call filter is known for ${process.arch}`, null);
  }
  if (landlockVersion() === 0) {
    return none(
      "this kernel has no Landlock",
      "boot a Linux kernel of 5.13 or later with landlock in its lsm= list",
    );
  }
  return { bwrap: await workingBwrap(signal) };
}

/** Builds the sandbox once, and reports what this machine can do. */
export async function proveSandbox(builder: Builder): Promise<SandboxSeen> {
  const found = await buildable(builder);
  if ("none" in found) return found.none;
  const path = "path" in found.bwrap ? found.bwrap.path : null;
  const place = await makePlace(builder.scratch, "sha1");
  try {
    const { shell, planted } = place;
    const wall = path === null ? "landlock" : "bwrap";
    const room = { wall, bwrap: path, objects: [], shell, planted, git: null } as const;
    const reader = await startReader({ ...room, home: builder.home }, builder);
    if ("unsafe" in reader) {
      const fix = "send this line to peernet's maintainers";
      return { wall: null, detail: `a wall has a hole: ${reader.unsafe}`, fix };
    }
    reader.end();
    await reader.exited;
    return "path" in found.bwrap ? bothWalls : byLandlock(found.bwrap.why);
  } finally {
    place.remove();
  }
}

const bothWalls: SandboxSeen = {
  wall: "bwrap",
  detail: "bubblewrap, Landlock and seccomp hold: every canary passed",
  fix: null,
};

const whyNot: Readonly<Record<BwrapFault, string>> = {
  missing: "bubblewrap is not installed",
  apparmor: "AppArmor forbids bubblewrap its namespaces",
  refused: "the system forbids bubblewrap its namespaces",
};

const byLandlock = (why: BwrapFault): SandboxSeen => ({
  wall: "landlock",
  detail: `Landlock and seccomp hold; ${whyNot[why]}, so names outside can be tested`,
  fix: fixes[why],
});

/** The profile by which Ubuntu and Debian let a program make user namespaces. */
const profile =
  "abi <abi/4.0>,\\ninclude <tunables/global>\\n" +
  "profile bwrap /usr/bin/bwrap flags=(unconfined) {\\n  userns,\\n}\\n";
const profilePath = "/etc/apparmor.d/bwrap";

const fixes: Readonly<Record<BwrapFault, string>> = {
  missing: "install bubblewrap, as by sudo apt install bubblewrap",
  apparmor:
    `printf '${profile}' | sudo tee ${profilePath} && ` + `sudo apparmor_parser -r ${profilePath}`,
  refused: "sudo sysctl kernel.unprivileged_userns_clone=1 user.max_user_namespaces=15000",
};
