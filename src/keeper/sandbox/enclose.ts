/**
 * Puts the walls around this process, in two steps. `enclose` ends in a new process image, since
 * Landlock holds only threads that start after it. `shut` follows once git runs. Starts no program.
 */

import { becomeAgain } from "../../platform/sandbox/again.ts";
import { escapes, metadata, network, signals, starts } from "../../platform/sandbox/filter.ts";
import { type Rule, restrictFiles } from "../../platform/sandbox/landlock.ts";
import { dieWithParent, limitResource } from "../../platform/sandbox/limits.ts";
import { refuseCalls } from "../../platform/sandbox/refusing.ts";
import { insideVariable, type Room, roomVariable } from "./room.ts";

/** The guards of a room; each has canaries that open without it. */
export interface Guards {
  readonly files: boolean;
  readonly network: boolean;
  readonly escapes: boolean;
  readonly metadata: boolean;
  readonly starts: boolean;
  readonly signals: boolean;
}

/** Every guard: the product runs a reader under no fewer. */
export const allGuards: Guards = {
  files: true,
  network: true,
  escapes: true,
  metadata: true,
  starts: true,
  signals: true,
};

/** Descriptors of a reader: its pipes, git's pipes, the runtime's own. */
const filesMax = 256;
/** Processor time of a reader in its whole life, in seconds: far more than a day's reading. */
const processorSeconds = 600;

/** Ends in the same program inside the walls. @throws when a wall cannot be put up */
export function enclose(room: Room, guards: Guards, argv: readonly string[]): never {
  dieWithParent(room.parent);
  if (guards.files) restrictFiles(rulesOf(room));
  // No file of any size can be written, and no memory of the reader reaches a core file.
  limitResource("fileSize", 0);
  limitResource("core", 0);
  limitResource("files", filesMax);
  limitResource("processor", processorSeconds);
  refuseCalls([
    ...(guards.network ? network : []),
    ...(guards.escapes ? escapes : []),
    ...(guards.metadata ? metadata : []),
  ]);
  becomeAgain(argv, {
    PATH: "/usr/bin:/bin",
    HOME: "/nonexistent",
    BUN_RUNTIME_TRANSPILER_CACHE_PATH: "0",
    [roomVariable]: JSON.stringify(room),
    [insideVariable]: "1",
  });
}

/** Shuts the last doors: from here on this process starts nothing and signals nobody. */
export function shut(guards: Guards): void {
  refuseCalls([...(guards.starts ? starts : []), ...(guards.signals ? signals : [])]);
}

/** The paths that a reader needs: nothing else of this machine exists for it. */
const rulesOf = ({ objects, shell, git, libraries }: Room): readonly Rule[] => [
  ...[...objects, shell].map((path): Rule => ({ path, access: "read" })),
  ...[...(git === null ? [] : [git]), ...libraries, "/proc/self/exe"].map(
    (path): Rule => ({ path, access: "run" }),
  ),
  { path: "/dev/null", access: "write" },
  // The runtime aborts without /proc/self/maps. The name is resolved now, to this process, whose
  // number outlives the exec: no other process's folder opens.
  { path: "/proc/self", access: "read" },
];
