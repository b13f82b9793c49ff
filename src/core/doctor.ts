/** Judges what was observed of this machine's network. Claims nothing that was not observed. */

import type { Searched } from "../contract/discovery.ts";
import type { Check } from "../contract/doctor.ts";
import { type StandingFacts, standingOf, standingText } from "../contract/text/standing.ts";
import { ageText } from "../contract/text/words.ts";

/** What the daemon has seen. */
export interface Observations {
  /** `address:port` of what is bound. */
  readonly listen: readonly string[];
  /** Addresses of the settings that another program holds. */
  readonly taken: readonly string[];
  /** Whether anything beyond this machine may reach it, by its settings. */
  readonly listensBeyond: boolean;
  /** What each peer that was asked of late said of dialling this machine. */
  readonly dialledBy: readonly { readonly peer: string; readonly succeeded: boolean }[];
  /** Peers whose requests came from several addresses in turns. */
  readonly heardInTurns: readonly {
    readonly peer: string;
    readonly addresses: readonly string[];
  }[];
  /** Each peer, and how far its clock is ahead by its newest checkpoint. */
  readonly peers: readonly (StandingFacts & { readonly aheadMs: number })[];
  /** Peers that keep a checkpoint which this machine's trail does not have. */
  readonly disagreeing: readonly string[];
  readonly tailnet: Searched;
  readonly lan: Searched;
  /** Whether this machine heard its own announcement; null while it announces nothing. */
  readonly hearsItself: boolean | null;
  readonly wallMs: number;
  /** When the newest audit record says it was written. */
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
    ...witnesses(seen),
    tailscale(seen.tailnet),
    ...multicast(seen),
    clock(seen),
  ];
}

const ok = (name: string, detail: string): Check => ({ name, state: "ok", detail, fix: null });

function listening({ listen, listensBeyond, tailnet }: Observations): Check {
  // Setup writes the settings and has the daemon read them, which only a start does.
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

/** Another local user may hold an address first; the others are listened on meanwhile. */
function addressesTaken({ taken }: Observations): readonly Check[] {
  return taken.map((address) => ({
    name: "address",
    state: "warning",
    detail: `${address} is used by another program; it is tried again every second`,
    fix: "end that program, or set listen.port in config.toml",
  }));
}

/** Only a peer can tell whether this machine can be reached. */
function reachable({ dialledBy, listen }: Observations): readonly Check[] {
  return dialledBy.map(({ peer, succeeded }) =>
    succeeded
      ? ok("reachable", `${peer} connects to this machine`)
      : {
          name: "reachable",
          state: "failed",
          detail: `${peer} could not connect to ${listen.join(", ")}; this machine can ask it`,
          fix: "let peernet through this machine's firewall, or listen where the peer is",
        },
  );
}

/** Every peer that is not up, and the one thing that mends it; clocks that are far apart. */
function standings({ peers, dialledBy }: Observations): readonly Check[] {
  return peers.flatMap((peer) => {
    const { fix } = standingOf(peer);
    // Said already, by the dial that failed.
    const isSaid = dialledBy.some((dial) => dial.peer === peer.name && !dial.succeeded);
    const checks: Check[] = [];
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

/** Clocks that keep time by a network are closer than this. */
const aheadMsMax = 120_000;

/** One key is one machine's: two that use it in turns have the same state folder. */
function copied({ heardInTurns }: Observations): readonly Check[] {
  return heardInTurns.map(({ peer, addresses }) => ({
    name: "copied",
    state: "warning",
    detail: `${peer} is heard from ${addresses.join(" and ")} in turns: is its folder copied?`,
    fix: `peernet unpair ${peer}, unless it has both addresses itself`,
  }));
}

/** A trail that was cut, or put back from a copy, lacks records that peers know of. */
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
