/** `peernet peers grant`, `revoke`, `pause` and `resume`: the rights of one peer here. */

import { PeernetError } from "../../contract/errors.ts";
import type { GivenEntry } from "../../contract/grants.ts";
import { grantForMsMax, grantForMsMin } from "../../contract/limits/grants.ts";
import type { Peer } from "../../contract/peer.ts";
import type { FactGroup } from "../../contract/text/fact-groups.ts";
import { listed } from "../../contract/text/words.ts";
import { started } from "../../session/started.ts";
import { command } from "../frame/command.ts";
import { entryOf, factGroupsOf, scopeOf } from "../frame/grammar.ts";
import type { Io } from "../terminal/io.ts";
import { note, printBlock, printJson, printLine } from "../terminal/output.ts";
import { grantRows } from "./grant-rows.ts";

/** Adds rights to a peer. */
export const grant = command({
  flags: {
    hide: {
      kind: "text",
      value: "FACTS",
      summary: "facts to leave out, separated by commas, such as summary,branch",
    },
    for: { kind: "duration", value: "DURATION", summary: "end it after so long, such as 8h" },
    "no-hold": { kind: "switch", summary: "take its messages without a person's approval" },
    hold: { kind: "switch", summary: "keep its messages for a person's approval again" },
  },
  examples: [
    "peernet peers grant laptop ask",
    "peernet peers grant bob ask:api,web --hide summary,branch --for 8h",
    "peernet peers grant laptop mine",
  ],
  async run({ io, flags, words, json }) {
    const [name = "", ...given] = words;
    const mine = given.includes("mine");
    const entries = given.filter((word) => word !== "mine").map((word) => entryFrom(word, name));
    const hold = holdOf(flags, name, given);
    const typed = [name, ...given, ...(flags["no-hold"] ? ["--no-hold"] : [])];
    requireTerminal(io, { typed, wide: mine || flags["no-hold"] || areWide(entries) });
    const before = await peerNamed(io, name);
    const peer = await started(io, () =>
      io.calls()["peers/grant"]({
        name,
        entries,
        hide: hiddenOf(flags.hide),
        for_ms: lifeOf(flags.for),
        mine,
        ...(hold === null ? {} : { hold }),
      }),
    );
    await printGrant(io, { before, peer, json });
    if (json) return 0;
    if (peer.grants.paused) note(io, `to end the pause: peernet peers resume ${name}`);
    if (hold !== null) printLine(io, holdLine(peer));
    noteNamesNotLive(await liveNames(io), entries, io);
    const gives = (wanted: string) => mine || entries.some(({ scope }) => scope === wanted);
    if (gives("wake") || gives("overlap")) await noteStale(io, gives("wake"));
    return 0;
  },
});

/** The new rule for its messages; null keeps the present one. @throws {bad_request} */
function holdOf(
  flags: { readonly hold: boolean; readonly "no-hold": boolean },
  name: string,
  given: readonly string[],
): boolean | null {
  const isEither = flags.hold !== flags["no-hold"];
  if (isEither) return flags.hold;
  if (!flags.hold && given.length > 0) return null;
  throw new PeernetError("bad_request", {
    message: flags.hold
      ? "--hold and --no-hold say the opposite of each other"
      : "grant takes scopes, mine, --hold or --no-hold",
    hint: flags.hold ? `peernet peers grant ${name} --hold` : `peernet peers grant ${name} ask`,
  });
}

/** The rule for a peer's messages from now on. */
function holdLine({ name, grants }: Peer): string {
  if (grants.mine) return `${name} is a machine of your own: its messages are never held`;
  return grants.hold
    ? `messages of ${name} wait for a person: peernet inbox`
    : `messages of ${name} reach their session without a person`;
}

/** Notes what an earlier setup left out, without which no session here is woken or warned. */
async function noteStale(io: Io, isWoken: boolean): Promise<void> {
  const [{ staleIn }, { placesOf }] = await Promise.all([
    import("../../setup/health/stale.ts"),
    import("../frame/setup-parts.ts"),
  ]);
  const { hooks, asksToRead } = staleIn(placesOf(io));
  if (hooks.length > 0) {
    note(io, `of ${listed(hooks)}, hooks are older than this version: peernet setup`);
  }
  if (isWoken && asksToRead) {
    note(io, "Claude Code asks before it reads messages: peernet setup offers to allow it");
  }
}

/** Scopes that a command without a terminal may grant. */
const narrow: ReadonlySet<string> = new Set(["ask", "overlap", "message"]);

const areWide = (entries: readonly GivenEntry[]): boolean =>
  entries.some(({ scope }) => !narrow.has(scope));

interface Asked {
  readonly typed: readonly string[];
  /** True when it grants what only a person at a terminal may grant. */
  readonly wide: boolean;
}

/** Refuses a wide grant without a terminal, as a script or a misled agent types it. */
function requireTerminal(io: Io, { typed, wide }: Asked): void {
  if (!wide || io.terminal().stdin) return;
  throw new PeernetError("not_a_person", {
    message: "without a terminal, a grant holds at most ask, overlap and message",
    hint: `in a terminal type: peernet peers grant ${typed.join(" ")}`,
  });
}

/** Removes scopes from a peer. */
export const revoke = command({
  flags: { all: { kind: "switch", summary: "take all of them away" } },
  examples: ["peernet peers revoke laptop ask", "peernet peers revoke bob --all"],
  async run({ io, flags, words, json }) {
    const [name = "", ...given] = words;
    if (flags.all === given.length > 0) {
      throw new PeernetError("bad_request", {
        message: "revoke takes scopes, or --all",
        hint: `peernet peers revoke ${name} --all`,
      });
    }
    const scopes = flags.all ? null : given.map(scopeOf);
    const before = await peerNamed(io, name);
    const peer = await started(io, () => io.calls()["peers/revoke"]({ name, scopes }));
    await printGrant(io, { before, peer, json });
    return 0;
  },
});

/** Suspends a peer's rights until it is resumed. */
export const pause = command({
  flags: {},
  examples: ["peernet peers pause bob"],
  async run({ io, words: [name = ""], json }) {
    const peer = await started(io, () => io.calls()["peers/pause"]({ name }));
    await printGrant(io, { before: peer, peer, json });
    if (!json) note(io, `to let it again: peernet peers resume ${name}`);
    return 0;
  },
});

/** Restores a paused peer's rights. */
export const resume = command({
  flags: {},
  examples: ["peernet peers resume bob"],
  async run({ io, words: [name = ""], json }) {
    const peer = await started(io, () => io.calls()["peers/resume"]({ name }));
    await printGrant(io, { before: peer, peer, json });
    return 0;
  },
});

const peerNamed = (io: Io, name: string): Promise<Peer> =>
  started(io, () => io.calls()["peers/show"]({ name }));

/** The life of a grant. @throws {bad_request} for one that ends too soon, or too late */
function lifeOf(ms: number | null): number | null {
  if (ms === null || (ms >= grantForMsMin && ms <= grantForMsMax)) return ms;
  throw new PeernetError("bad_request", {
    message: "a grant ends after 1m at the earliest, and after 365d at the latest",
    hint: ms < grantForMsMin ? "write --for 1m or longer" : "leave --for out: it has no end then",
  });
}

const hiddenOf = (text: string | null): FactGroup[] => (text === null ? [] : factGroupsOf(text));

/** Parses an entry. @throws {bad_request} for `none`, which revokes */
function entryFrom(word: string, name: string): GivenEntry {
  if (word !== "none") return entryOf(word);
  throw new PeernetError("bad_request", {
    message: "grant adds, and none takes away",
    hint: `peernet peers revoke ${name} --all`,
  });
}

interface Granted {
  readonly before: Peer;
  readonly peer: Peer;
  readonly json: boolean;
}

/** Prints the rights of each side from now on. */
async function printGrant(io: Io, { before, peer, json }: Granted): Promise<void> {
  if (json) {
    printJson(io, peer);
    return;
  }
  const { machine } = await io.calls().status({});
  printBlock(io, grantRows(peer, machine.name), [{ gap: 3 }]);
  if (before.grants.mine && !peer.grants.mine) {
    printLine(io, `${peer.name} is no longer a machine of your own here`);
  }
}

async function liveNames(io: Io): Promise<readonly string[]> {
  const { handles } = await io.calls().status({});
  return handles.map(({ handle }) => handle.slice(handle.indexOf("/") + 1));
}

/** Notes the names without a live handle: an entry may name a future session. */
function noteNamesNotLive(live: readonly string[], entries: readonly GivenEntry[], io: Io): void {
  const names = entries
    .flatMap((entry) => entry.names ?? [])
    .filter((name) => !name.startsWith("@"));
  const missing = [...new Set(names)].filter((name) => !live.includes(name));
  if (missing.length > 0) note(io, `not live here now: ${missing.join(", ")}`);
}
