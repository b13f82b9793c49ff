/** `peernet uninstall`: ends all pairings, then takes back exactly what setup did. */

import { PeernetError } from "../../contract/errors.ts";
import { listed } from "../../contract/words.ts";
import { stateFiles } from "../../platform/files.ts";
import { type ApplyParts, takeBack } from "../../setup/apply.ts";
import { isHome, ledgerIn, removeHome, requireHome } from "../../setup/home.ts";
import { readLedger, writeLedger } from "../../setup/ledger.ts";
import { setLinger } from "../../setup/service.ts";
import type { Undone } from "../../setup/undo.ts";
import { type Context, command } from "../command.ts";
import type { Flags } from "../flags.ts";
import type { Io } from "../io.ts";
import { note, noteBlock, printBlock, printJson, printLine, prompt } from "../output.ts";
import { statusNow } from "../setup-daemon.ts";
import { runningParts, shortPath } from "../setup-parts.ts";

const flags = {
  yes: { kind: "switch", summary: "do not ask first" },
  purge: {
    kind: "switch",
    summary: "remove the state folder too: keys, pairings, the audit trail",
  },
} as const satisfies Flags;

type UninstallContext = Context<typeof flags>;

/** Takes back what setup did; leaves the state folder unless told otherwise. */
export const uninstall = command({
  flags,
  examples: ["peernet uninstall", "peernet uninstall --yes --purge"],
  async run({ io, flags, json }: UninstallContext) {
    requireHome(io.home);
    if (!flags.yes && !(await agreed(io, flags.purge, json))) {
      note(io, "nothing changed");
      return 1;
    }
    // What cannot be read is refused before anything has ended.
    ledgerIn(io.home);
    const unpaired = await unpairAll(io);
    const files = isHome(io.home) ? await takeAllBack(io) : [];
    if (flags.purge) removeHome(io.home);
    const left = isHome(io.home) ? io.home : null;
    if (json) printJson(io, { unpaired, files, left });
    else show(io, { unpaired, files, left, purged: flags.purge });
    return 0;
  },
});

async function agreed(io: Io, purge: boolean, json: boolean): Promise<boolean> {
  if (json || !io.terminal().stdin) {
    throw new PeernetError("bad_request", {
      message: "uninstall asks first, and there is no terminal to ask at",
      hint: `peernet uninstall --yes${purge ? " --purge" : ""}`,
    });
  }
  const { files } = ledgerIn(io.home);
  const rows = [
    ...files.map(({ path }) => ["takes back", shortPath(io, path)]),
    ...(purge ? [["removes", `${shortPath(io, io.home)} with its keys and its trail`]] : []),
  ];
  const indented = rows.map((cells) => ({ cells, indent: 2 }));
  noteBlock(io, indented, [{ gap: 2 }]);
  const reply = await prompt(io, "Unpair every machine, stop the daemon, and undo setup? [y/N] ");
  return /^y(es)?$/i.test(reply?.trim() ?? "");
}

interface Unpaired {
  readonly name: string;
  /** Whether it could be told. */
  readonly told: boolean;
}

/** Unpairs while there is a daemon to tell the others; starts none. */
async function unpairAll(io: Io): Promise<readonly Unpaired[] | null> {
  const status = await statusNow(io);
  if (status === null) return null;
  // All at once: each that cannot be reached takes its time.
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
  // The service first: it would start the daemon again.
  const service = ledger.files.filter(({ kind }) => kind === "service");
  for (const file of service) undone.push(await takeBack(parts, file));
  if (ledger.lingering) await setLinger(parts, false);
  await io.stopDaemon();
  for (const file of ledger.files) {
    if (file.kind !== "service") undone.push(await takeBack(parts, file));
  }
  writeLedger(files, { ...readLedger(files), lingering: false });
  return undone;
}

interface Shown {
  readonly unpaired: readonly Unpaired[] | null;
  readonly files: readonly Undone[];
  readonly left: string | null;
  readonly purged: boolean;
}

const outcomes: Readonly<Record<Undone["outcome"], string>> = {
  restored: "as it was before setup",
  removed: "removed: setup made it",
  cleaned: "changed since: only what setup wrote is out of it",
  left: "left as it is: nothing of setup's is in it",
  gone: "was gone already",
};

function show(io: Io, { unpaired, files, left, purged }: Shown): void {
  if (unpaired === null) printLine(io, "the daemon did not run: no paired machine was told");
  else for (const { name, told } of unpaired) printLine(io, unpairedLine(name, told));
  printBlock(
    io,
    files.map(({ path, outcome }) => ({ cells: [shortPath(io, path), outcomes[outcome]] })),
    [{ gap: 3 }],
  );
  if (left === null) return;
  const kept = listed(["keys", "pairings", "the audit trail", "copies of what setup changed"]);
  printLine(io, `left: ${shortPath(io, left)} with ${purged ? "what is not peernet's" : kept}`);
  if (!purged) note(io, "to remove that too: peernet uninstall --purge");
}

const unpairedLine = (name: string, told: boolean): string =>
  `${name} is unpaired and ${told ? "was" : "could not be"} told`;
