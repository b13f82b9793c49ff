/** Judges the observations of this machine's network. Claims nothing that was not observed. */

import type { Searched } from "../contract/discovery.ts";
import type { Check } from "../contract/doctor.ts";
import { gitReasonFix, gitReasonText, isGitFault } from "../contract/text/git-reasons.ts";
import { type StandingFacts, standingOf, standingText } from "../contract/text/standing.ts";
import { ageText } from "../contract/text/words.ts";
import { type WebhookSeen, webhookChecks } from "./webhooks/doctor.ts";

/** The daemon's observations. */
export interface Observations {
  /** `address:port` of each bound listener. */
  readonly listen: readonly string[];
  /** Addresses of the settings that another program holds. */
  readonly taken: readonly string[];
  /** True when the settings let other machines reach it. */
  readonly listensBeyond: boolean;
  /** Each recently asked peer's report about dialling this machine. */
  readonly dialledBy: readonly { readonly peer: string; readonly succeeded: boolean }[];
  /** Peers whose requests came alternately from several addresses. */
  readonly heardInTurns: readonly {
    readonly peer: string;
    readonly addresses: readonly string[];
  }[];
  /** Each peer, and how far its clock is ahead by its newest checkpoint. */
  readonly peers: readonly (StandingFacts & { readonly aheadMs: number })[];
  /** Peers that keep a checkpoint which this machine's trail does not contain. */
  readonly disagreeing: readonly string[];
  /** Sessions whose changed files cannot be compared although a peer may, and the reasons. */
  readonly uncompared: readonly { readonly name: string; readonly why: string }[];
  /** Peers with set-aside entries in the outbox. */
  readonly stuck: readonly { readonly peer: string; readonly entries: number }[];
  /** The end of the last desktop notification: done, or the reason why not; null before one. */
  readonly notification: string | null;
  readonly webhooks: readonly WebhookSeen[];
  readonly tailnet: Searched;
  readonly lan: Searched;
  /** True when this machine received its own announcement; null while it announces nothing. */
  readonly hearsItself: boolean | null;
  readonly wallMs: number;
  /** The time in the newest audit record. */
  readonly newestRecordAtMs: number | null;
}

/** One check for each thing that could be observed. */
export function networkChecks(seen: Observations): readonly Check[] {
  return [
    listening(seen),
    ...addressesTaken(seen),
    ...reachable(seen),
    ...standings(seen),
    ...copied(seen),
    ...stuck(seen),
    ...notifications(seen),
    ...webhookChecks(seen.webhooks),
    ...witnesses(seen),
    ...uncompared(seen),
    tailscale(seen.tailnet),
    ...multicast(seen),
    clock(seen),
  ];
}

const ok = (name: string, detail: string): Check => ({ name, state: "ok", detail, fix: null });

/** Entries that a reachable peer could not take for an hour. */
const stuck = (seen: Observations): readonly Check[] =>
  seen.stuck.map(({ peer, entries }) => ({
    name: "outbox",
    state: "warning",
    detail: `${peer} fails to take ${entries === 1 ? "an entry" : `${entries} entries`} sent to it`,
    fix: `look at daemon.log on ${peer}, or here: peernet outbox`,
  }));

/** The last desktop notification, where there was one. */
function notifications({ notification }: Observations): readonly Check[] {
  const name = "notifications";
  if (notification === null) return [];
  if (notification === "done") return [ok(name, "the desktop showed the last one")];
  const known = Object.entries(notShown).find(([why]) => why === notification);
  const [detail, fix] = known?.[1] ?? notShown.failed;
  return [{ name, state: "warning", detail: `the last one was not shown: ${detail}`, fix }];
}

const desktopFix = "log in to a desktop here, or set notify.desktop = false";
const notShown = {
  unsupported: [
    "this machine has no gdbus, busctl or osascript",
    "install one of them, or set notify.desktop = false",
  ],
  no_keeper: ["no keeper runs", "peernet start"],
  lost: ["the keeper ended meanwhile", "peernet start"],
  deadline: ["the desktop did not answer in time", desktopFix],
  failed: ["no desktop took it", desktopFix],
} as const satisfies Readonly<Record<string, readonly [detail: string, fix: string]>>;

function listening({ listen, listensBeyond, tailnet }: Observations): Check {
  // Setup writes the settings and restarts the daemon, which only then reads them.
  const fix = `peernet setup --listen ${tailnet.searched ? "tailnet" : "lan"}`;
  if (listen.length === 0) {
    return {
      name: "listener",
      state: "failed",
      detail: "no address of the settings is this machine's now",
      fix,
    };
  }
  if (listensBeyond) return ok("listener", `listens on ${listen.join(", ")}`);
  return {
    name: "listener",
    state: "warning",
    detail: `listens on ${listen.join(", ")} only: this machine can ask and cannot be asked`,
    fix,
  };
}

/** Another local user may take an address first; meanwhile the daemon listens on the others. */
function addressesTaken({ taken }: Observations): readonly Check[] {
  return taken.map((address) => ({
    name: "address",
    state: "warning",
    detail: `${address} is used by another program; it is tried again every second`,
    fix: "end that program, or set listen.port in config.toml",
  }));
}

/** Only a peer can tell whether this machine can be reached. */
function reachable({ dialledBy, listen, peers }: Observations): readonly Check[] {
  return dialledBy.flatMap(({ peer, succeeded }) => {
    if (succeeded) return [ok("reachable", `${peer} connects to this machine`)];
    const standing = peers.find(({ name }) => name === peer);
    // Its line says so: it calls over connections from here.
    if (standing !== undefined && isBothWays(standing)) return [];
    return [
      {
        name: "reachable",
        state: "failed",
        detail: `${peer} could not connect to ${listen.join(", ")}; this machine can ask it`,
        fix: "let peernet through this machine's firewall, or listen where the peer is",
      },
    ];
  });
}

/** True for a peer that one side alone can dial, and that both can ask. */
const isBothWays = (peer: StandingFacts): boolean =>
  peer.link === "one-way" && standingOf(peer).fix === null;

/** Every peer that is not up, with its one remedy if any; and clocks that are far apart. */
function standings({ peers, dialledBy }: Observations): readonly Check[] {
  return peers.flatMap((peer) => {
    const { fix } = standingOf(peer);
    // The failed dial has reported it already.
    const isSaid = dialledBy.some((dial) => dial.peer === peer.name && !dial.succeeded);
    const checks: Check[] = isBothWays(peer) ? [ok("peer", standingText(peer))] : [];
    if (fix !== null && !(isSaid && peer.link_reason === "no_way_back")) {
      const state = peer.link === "refused" ? "failed" : "warning";
      checks.push({ name: "peer", state, detail: standingText(peer), fix });
    }
    if (peer.aheadMs < aheadMsMax) return checks;
    const ahead = `the clock of ${peer.name} is ${ageText(peer.aheadMs)} ahead`;
    const detail = `${ahead}, or this one behind`;
    const set = `set the clock that is wrong, here or on ${peer.name}`;
    return [...checks, { name: "clock", state: "warning", detail, fix: set } as const];
  });
}

/** Clocks that a network synchronizes are closer than this. */
const aheadMsMax = 120_000;

/** A key belongs to one machine: two that alternate share a copied state folder. */
function copied({ heardInTurns }: Observations): readonly Check[] {
  return heardInTurns.map(({ peer, addresses }) => ({
    name: "copied",
    state: "warning",
    detail: `${peer} is heard from ${addresses.join(" and ")} in turns: is its folder copied?`,
    fix: `peernet unpair ${peer}, unless it has both addresses itself`,
  }));
}

/** A trail that was cut, or restored from a copy, lacks records that peers know of. */
/** Sessions with another reason than an ordinary state of their folder. */
const uncompared = (seen: Observations): readonly Check[] =>
  seen.uncompared
    .filter(({ why }) => isGitFault(why))
    .map(({ name, why }) => ({
      name: "overlap",
      state: "warning",
      detail: `${name}: its changed files are not compared: ${gitReasonText(why)}`,
      fix: gitReasonFix(why),
    }));

function witnesses({ disagreeing }: Observations): readonly Check[] {
  return disagreeing.map((peer) => ({
    name: "witness",
    state: "failed",
    detail: `${peer} keeps a checkpoint of this trail that the trail does not have`,
    fix: `peernet audit verify; if you restored a backup: peernet unpair ${peer}, then pair again`,
  }));
}

function tailscale({ searched, why }: Searched): Check {
  if (searched) return ok("tailscale", "tailscaled answers");
  const name = "tailscale";
  switch (why) {
    case "off":
      return ok(name, "not searched: discovery.tailnet is off");
    case "missing":
      return ok(name, "not installed");
    case "stopped":
      return { name, state: "warning", detail: "Tailscale is stopped", fix: "tailscale up" };
    default:
      return {
        name,
        state: "warning",
        detail: "Tailscale is installed and its daemon does not answer",
        fix: "start tailscaled",
      };
  }
}

function multicast({ lan, hearsItself }: Observations): readonly Check[] {
  if (lan.why === "off") return [];
  if (lan.why === "absent") return [ok("multicast", "no network is there")];
  if (lan.why === "unseen") {
    const detail = "the LAN is not listened on: without /sys no network card is told apart";
    const fix = "mount /sys, or name the address: peernet setup --listen ADDRESS";
    return [{ name: "multicast", state: "warning", detail, fix }];
  }
  if (lan.why === null && hearsItself === null) return [];
  if (hearsItself === true) return [ok("multicast", "this machine hears its own announcement")];
  return [
    {
      name: "multicast",
      state: "warning",
      detail:
        lan.why === null
          ? "this machine does not hear its own announcement"
          : `multicast is ${lan.why}`,
      fix: "let UDP port 5353 through the firewall, or pair with --to ADDRESS",
    },
  ];
}

function clock({ wallMs, newestRecordAtMs }: Observations): Check {
  if (newestRecordAtMs === null || wallMs >= newestRecordAtMs) {
    return ok("clock", "not behind the audit trail");
  }
  return {
    name: "clock",
    state: "failed",
    detail: "the clock is behind the newest audit record: dates of new records will be wrong",
    fix: "set the clock",
  };
}
