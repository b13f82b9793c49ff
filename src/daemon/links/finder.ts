/**
 * Finds machines: candidates for `discover` and `pair`, and the new address of a peer that has
 * moved. The sources come from `discovery/`; the probe is a real connection.
 */

import type { Control } from "../../contract/control.ts";
import type { Candidate, DiscoverOutput } from "../../contract/discovery.ts";
import { probeMs } from "../../contract/limits.ts";
import type { Handlers } from "../../contract/operation/operation.ts";
import { formatAddress } from "../../contract/text/address.ts";
import { wire } from "../../contract/wire.ts";
import {
  type Found,
  type Lead,
  type LeadSource,
  type Swept,
  sweep,
} from "../../discovery/sweep.ts";
import { dial } from "../../peer/dial.ts";
import type { Context, LocalCaller } from "../context/context.ts";
import type { Whereabouts } from "../peers/memory.ts";

/** The outcome of looking for one machine. */
export interface Located {
  readonly found: Whereabouts | null;
  readonly searched: boolean;
}

/** Finds machines for a daemon; concurrent searches share one run. */
export class Finder {
  readonly #context: Context;
  readonly #sources: readonly LeadSource[];
  readonly #onTailnet: (online: Swept["online"]) => void;
  readonly #watchers = new Set<(found: Found) => void>();
  #underWay: Promise<Swept> | null = null;

  /** `onTailnet` is called with the tailnet's word on its machines, by their addresses. */
  constructor(
    context: Context,
    sources: readonly LeadSource[],
    onTailnet: (online: Swept["online"]) => void = () => {},
  ) {
    this.#context = context;
    this.#sources = sources;
    this.#onTailnet = onTailnet;
  }

  /** Searches once, or joins the present search. */
  sweep(): Promise<Swept> {
    this.#underWay ??= sweep({
      sources: this.#sources,
      probe: (lead) => this.#probe(lead),
      onFound: (found) => {
        for (const watcher of this.#watchers) watcher(found);
      },
    })
      .then((swept) => {
        this.#onTailnet(swept.online);
        return swept;
      })
      .finally(() => {
        this.#underWay = null;
      });
    return this.#underWay;
  }

  /**
   * The present address of the machine with a fingerprint, as soon as it is proven; null when none
   * is found. A hint is an address from which its own connection came. `searched` is false when no
   * source could be searched.
   */
  async locate(fingerprint: string, hint: Whereabouts | null): Promise<Located> {
    const first = Promise.withResolvers<Located>();
    const watcher = (found: Found): void => {
      if (found.fingerprint === fingerprint) first.resolve({ found: found.lead, searched: true });
    };
    this.#watchers.add(watcher);
    try {
      const hinted = hint === null ? null : this.seen(fingerprint, hint);
      // Without a source, the sweep ends before the hint was tried.
      const both = Promise.all([this.#sweepFor(fingerprint), hinted]);
      return await Promise.race([first.promise, both.then(([swept]) => swept)]);
    } finally {
      this.#watchers.delete(watcher);
    }
  }

  /** Takes the origin of a machine's own connection as a lead to it. */
  async seen(fingerprint: string, { host, port }: Whereabouts): Promise<void> {
    if (this.#watchers.size === 0) return;
    const probed = await this.#probe({ host, port });
    if (probed?.fingerprint !== fingerprint) return;
    const lead: Lead = { ...unnamed, host, port };
    for (const watcher of this.#watchers) watcher({ ...probed, lead });
  }

  async #sweepFor(fingerprint: string): Promise<Located> {
    const { found, searched } = await this.sweep();
    return {
      found: found.find((candidate) => candidate.fingerprint === fingerprint)?.lead ?? null,
      // Between two networks nothing is received now, but will be soon.
      searched: searched.some((each) => each.searched || each.why === "absent"),
    };
  }

  /** Asks one address for the key it proves and whether a window is open; null if it is silent. */
  async #probe({
    host,
    port,
  }: Whereabouts): Promise<{ fingerprint: string; open: boolean } | null> {
    const { timers, sha256 } = this.#context.effects;
    const deadline = new AbortController();
    const cancel = timers.after(probeMs, () => deadline.abort());
    try {
      const dialled = await dial({ host, port, identity: null, sha256, signal: deadline.signal });
      try {
        const reply = await dialled.post("window", {});
        const parsed = wire.window.output.safeParse(reply.body);
        // Another program listens there.
        if (reply.status !== 200 || !parsed.success) return null;
        return { fingerprint: dialled.fingerprint, open: parsed.data.open };
      } finally {
        dialled.close();
      }
    } catch {
      // Silent, refused, or not TLS: a search treats these alike.
      return null;
    } finally {
      cancel();
    }
  }
}

const unnamed = {
  source: "configured",
  name: "",
  prefix: null,
  login: null,
  refusal: null,
} as const;

/** The handler of `discover`. */
export function findingHandlers(
  context: Context,
  finder: Finder,
): Pick<Handlers<Control, LocalCaller>, "discover"> {
  const { clock } = context.effects;
  return {
    discover: async (): Promise<DiscoverOutput> => {
      const startedMs = clock.monotonicMs();
      const { found, unreachable, searched } = await finder.sweep();
      const own = context.identity.fingerprint;
      const candidates = found
        .filter(({ fingerprint }) => fingerprint !== own)
        .map((candidate) => candidateOf(context, candidate))
        .sort((a, b) => (a.name < b.name ? -1 : 1));
      const took_ms = Math.round(clock.monotonicMs() - startedMs);
      return { candidates, unreachable, searched: [...searched], took_ms };
    },
  };
}

const candidateOf = (context: Context, { fingerprint, open, lead }: Found): Candidate => ({
  name: lead.name,
  source: lead.source,
  address: formatAddress(lead.host, lead.port),
  fingerprint,
  window_open: open,
  paired: context.tables.peers.get(fingerprint)?.name ?? null,
  login: lead.login,
  refusal: lead.refusal,
});
