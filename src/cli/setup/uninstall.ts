/**
 * `peernet uninstall`: ends all pairings, then undoes exactly setup's changes; with `--purge` also
 * the installer's.
 */

import { PeernetError } from "../../contract/errors.ts";
import { listed } from "../../contract/text/words.ts";
import { stateFiles } from "../../platform/files.ts";
import { type ApplyParts, takeBack } from "../../setup/apply/apply.ts";
import {
  type LedgerFile,
  nothingDeclined,
  readLedger,
  writeLedger,
} from "../../setup/apply/ledger.ts";
import type { Undone } from "../../setup/apply/undo.ts";
import { endWakers } from "../../setup/apply/wakers.ts";
import { type Installed, installedBy, takeOut } from "../../setup/health/installed.ts";
import { isHome, ledgerIn, removeHome, requireHome } from "../../setup/home.ts";
import { setLinger } from "../../setup/service/service.ts";
import { statusNow } from "../frame/bring-up.ts";
import { type Context, command } from "../frame/command.ts";
import type { Flags } from "../frame/flags.ts";
import { runningParts, shortPath } from "../frame/setup-parts.ts";
import type { Io } from "../terminal/io.ts";
import { note, noteBlock, printBlock, printJson, printLine, prompt } from "../terminal/output.ts";

const flags = {
  yes: { kind: "switch", summary: "do not ask first" },
  purge: {
    kind: "switch",
    summary: "remove the state folder too (keys, pairings, the audit trail) and the executable",
  },
} as const satisfies Flags;

type UninstallContext = Context<typeof flags>;

/** Undoes setup's changes; keeps the state folder and the executable unless told otherwise. */
export const uninstall = command({
  flags,
  examples: ["peernet uninstall", "peernet uninstall --yes --purge"],
  async run({ io, flags, json }: UninstallContext) {
    requireHome(io.home);
    // An unreadable file is refused before anything has ended.
    const { files: changed } = ledgerIn(io.home);
    const installed = installedBy(io.command, io);
    const purged = flags.purge ? { installed } : null;
    if (!flags.yes && !(await agreed(io, { changed, purged, json }))) {
      note(io, "nothing changed");
      return 1;
    }
    const unpaired = await unpairAll(io);
    const wasThere = isHome(io.home);
    const files = wasThere ? await takeAllBack(io) : [];
    if (flags.purge) removeHome(io.home);
    const takenOut = flags.purge && installed !== null ? await takeOut(installed, io.timers) : [];
    const left = isHome(io.home) ? io.home : null;
    if (json) printJson(io, { unpaired, files: [...files, ...takenOut], left });
    else {
      const isPurged = flags.purge && wasThere;
      show(io, { unpaired, files, takenOut, left, installed, purged: flags.purge, isPurged });
    }
    return 0;
  },
});

/** The part of a file that setup wrote: uninstall removes no other part. */
const takenOf: Readonly<Record<LedgerFile["kind"], string>> = {
  mcp: "the MCP server peernet",
  hooks: "the hooks of peernet",
  permissions: "the permission to run peernet's tools",
  config: "the answers of setup",
  service: "the service of peernet",
  keeper: "the keeper's service of peernet",
};

interface Changes {
  readonly changed: readonly LedgerFile[];
  /** Further removals; null unless requested. */
  readonly purged: { readonly installed: Installed | null } | null;
  readonly json: boolean;
}

async function agreed(io: Io, { changed, purged, json }: Changes): Promise<boolean> {
  if (json || !io.terminal().stdin) {
    throw new PeernetError("bad_request", {
      message: "uninstall asks first, and there is no terminal to ask at",
      hint: `peernet uninstall --yes${purged === null ? "" : " --purge"}`,
    });
  }
  const installed = purged?.installed ?? null;
  const rows = [
    ...changed.flatMap(({ kind, path, allowed = [] }) =>
      [kind, ...(allowed.length > 0 && kind !== "permissions" ? ["permissions" as const] : [])].map(
        (each) => ["takes", `${takenOf[each]} from ${shortPath(io, path)}`],
      ),
    ),
    ...(installed?.shellFiles ?? []).map(({ path }) => [
      "takes",
      `its line from ${shortPath(io, path)}`,
    ]),
    ...(purged === null
      ? []
      : [["removes", `${shortPath(io, io.home)} with its keys and its trail`]]),
    ...(installed === null ? [] : [["removes", shortPath(io, installed.executable)]]),
  ];
  const indented = rows.map((cells) => ({ cells, indent: 2 }));
  noteBlock(io, indented, [{ gap: 2 }]);
  const reply = await prompt(io, "Unpair every machine, stop the daemon, and undo setup? [y/N] ");
  return /^y(es)?$/i.test(reply?.trim() ?? "");
}

interface Unpaired {
  readonly name: string;
  /** True when the peer received the notice. */
  readonly told: boolean;
}

/** Unpairs while a daemon can notify the others; starts none. */
async function unpairAll(io: Io): Promise<readonly Unpaired[] | null> {
  const status = await statusNow(io);
  if (status === null) return null;
  // All at once: each unreachable peer takes its time.
  const unpaired = status.peers.map(async ({ name }) => {
    const { told } = await io.calls().unpair({ name });
    return { name, told };
  });
  return Promise.all(unpaired);
}

async function takeAllBack(io: Io): Promise<readonly Undone[]> {
  const files = stateFiles(io.home);
  const parts: ApplyParts = { ...runningParts(io), files };
  const ledger = readLedger(files);
  const undone: Undone[] = [];
  // The services first: they would restart the daemon and the keeper.
  const isService = ({ kind }: LedgerFile): boolean => kind === "service" || kind === "keeper";
  // Files in reverse order: a folder is noted with the file it was made for, and must be empty.
  const noted = ledger.files.toReversed();
  for (const file of noted.filter(isService)) undone.push(await takeBack(parts, file));
  if (ledger.lingering) await setLinger(parts, false);
  await io.stopDaemon();
  endWakers(files);
  for (const file of noted) if (!isService(file)) undone.push(await takeBack(parts, file));
  // A new setup asks again.
  const rest = readLedger(files);
  writeLedger(files, { ...rest, lingering: false, declined: nothingDeclined });
  return undone;
}

interface Shown {
  readonly unpaired: readonly Unpaired[] | null;
  readonly files: readonly Undone[];
  readonly takenOut: readonly Undone[];
  readonly left: string | null;
  readonly installed: Installed | null;
  readonly purged: boolean;
  /** True when a state folder existed, and peernet's files in it are gone. */
  readonly isPurged: boolean;
}

const outcomes: Readonly<Record<Undone["outcome"], string>> = {
  restored: "as it was before setup",
  removed: "removed: setup made it",
  cleaned: "changed since: only what setup wrote is out of it",
  left: "left as it is: nothing of setup's is in it",
  gone: "was gone already",
};

/** The same for the installer's changes. */
const takenOutcomes: Readonly<Record<Undone["outcome"], string>> = {
  ...outcomes,
  removed: "removed: the installer put it there",
  cleaned: "without the line that the installer put in",
  left: "left as it is: the installer's line is not in it",
};

function show(io: Io, shown: Shown): void {
  const { unpaired, files, takenOut, left, purged, isPurged } = shown;
  const areKept = unpaired === null && left !== null && !purged;
  if (areKept) printLine(io, "the daemon did not run: pairings were not ended");
  else if (unpaired === null) printLine(io, "the daemon did not run: no paired machine was told");
  else for (const { name, told } of unpaired) printLine(io, unpairedLine(name, told));
  const row = ({ path }: Undone, said: string) => ({ cells: [shortPath(io, path), said] });
  const rows = [
    ...files.map((file) => row(file, outcomes[file.outcome])),
    ...(isPurged
      ? [{ cells: [shortPath(io, io.home), "removed: keys, pairings, the audit trail"] }]
      : []),
    ...takenOut.map((file) => row(file, takenOutcomes[file.outcome])),
  ];
  printBlock(io, rows, [{ gap: 3 }]);
  const kept = listed(["keys", "pairings", "the audit trail", "copies of what setup changed"]);
  const what = purged ? "what is not peernet's" : kept;
  if (left !== null) printLine(io, `left: ${shortPath(io, left)} with ${what}`);
  showExecutable(io, shown);
  if (areKept) note(io, "to end the pairings: peernet start, then peernet uninstall");
  if (left !== null && !purged) note(io, "to remove that too: peernet uninstall --purge");
}

/** Names the executable when it stays. */
function showExecutable(io: Io, { installed, purged }: Shown): void {
  const [program = "", ...rest] = io.command;
  if (rest.length > 0 || (purged && installed !== null)) return;
  const lines = (installed?.shellFiles ?? []).map(
    ({ path }) => `the line in ${shortPath(io, path)}`,
  );
  const why = purged ? ", which is not the installer's, or not for this state folder alone" : "";
  printLine(io, `left: ${listed([shortPath(io, program), ...lines])}${why}`);
}

const unpairedLine = (name: string, told: boolean): string =>
  `${name} is unpaired and ${told ? "was" : "could not be"} told`;
