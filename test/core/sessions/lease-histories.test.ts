import { expect, test } from "bun:test";
import { PeernetError } from "../../../src/contract/errors.ts";
import { heartbeatMs, leaseLifeMs } from "../../../src/contract/limits.ts";
import { Name } from "../../../src/contract/terms.ts";
import { answerPeer } from "../../../src/core/ask.ts";
import { slug } from "../../../src/core/peers/naming.ts";
import { holding } from "../../support/grants.ts";
import { type Draw, histories, historiesMs } from "../../support/histories.ts";
import { activation, type World, world } from "./lease-world.ts";

const names = ["hydrate", "hydrate-2", "flow", "a", "z".repeat(31)];
const projects = ["hydrate", "Flow", "a", "水", "z".repeat(40)];

/** The expected state of one lease, separate from the product's own. */
interface Expected {
  readonly owner: number;
  readonly generation: number;
  readonly renewedMs: number;
  readonly run: string;
}

/** The last lease given to each session, which it may by now have lost. */
type Belief = Map<number, { readonly name: string; readonly generation: number }>;

class Model {
  readonly leases = new Map<string, Expected>();
  readonly beliefs: Belief = new Map();
  readonly generations = new Set<number>();
  readonly #world: World;

  constructor(of: World) {
    this.#world = of;
  }

  state({ renewedMs, run }: Expected): "live" | "held" | "expired" {
    const { bootMs, run: current } = this.#world.now;
    const fromMs = run === current.id ? renewedMs : current.started_boot_ms;
    if (bootMs >= fromMs + leaseLifeMs) return "expired";
    return run === current.id ? "live" : "held";
  }

  /** The first step of every request, and of the sweep. */
  purge(): void {
    for (const [name, lease] of this.leases) {
      if (this.state(lease) === "expired") this.leases.delete(name);
    }
  }

  nameOf(owner: number): string | undefined {
    return [...this.leases].find(([, lease]) => lease.owner === owner)?.[0];
  }

  /** The name that a session must be given, or null for a refusal. */
  wanted(owner: number, asked: string | undefined, project: string): string | null {
    const name = asked ?? this.nameOf(owner) ?? this.#firstFree(slug(project));
    const holder = this.leases.get(name);
    return holder === undefined || holder.owner === owner ? name : null;
  }

  #firstFree(name: string): string {
    for (let number = 1; ; number += 1) {
      const suffix = number === 1 ? "" : `-${number}`;
      const candidate = name.slice(0, 31 - suffix.length) + suffix;
      if (!this.leases.has(candidate)) return candidate;
    }
  }

  granted(owner: number, name: string, generation: number): void {
    const before = this.nameOf(owner);
    if (before !== undefined) this.leases.delete(before);
    this.beat(name, { owner, generation });
    this.generations.add(generation);
    this.beliefs.set(owner, { name, generation });
  }

  beat(name: string, lease: Pick<Expected, "owner" | "generation">): void {
    const { bootMs, run } = this.#world.now;
    this.leases.set(name, { ...lease, renewedMs: bootMs, run: run.id });
  }
}

async function activateIn(of: World, model: Model, draw: Draw): Promise<void> {
  const owner = draw.below(6);
  const name = draw.oneIn(2) ? draw.pick(names) : undefined;
  const project = draw.pick(projects);
  model.purge();
  const had = model.nameOf(owner);
  const known = had === undefined ? undefined : model.leases.get(had)?.generation;
  const wanted = model.wanted(owner, name, project);
  const input = { ...activation(owner, project), ...(name === undefined ? {} : { name }) };
  const outcome = await of.handlers.activate(input, of.caller()).catch((error: unknown) => error);
  if (wanted === null) {
    expect(outcome).toBeInstanceOf(PeernetError);
    expect(outcome).toMatchObject({ code: "handle_held" });
    return;
  }
  if (outcome instanceof Error) throw outcome;
  expect(outcome).toMatchObject({ handle: `mini/${wanted}`, expires_in_ms: leaseLifeMs });
  // The handler's own shape, which the line above has seen.
  const { generation } = outcome as { readonly generation: number };
  if (wanted === had) expect(generation).toBe(known ?? 0);
  else expect(model.generations.has(generation)).toBe(false);
  model.granted(owner, wanted, generation);
}

async function beatIn(of: World, model: Model, draw: Draw): Promise<void> {
  const belief = model.beliefs.get(draw.below(6));
  if (belief === undefined) return;
  model.purge();
  // Now and then a fenced-off session tries with its old facts, or guesses.
  const generation = draw.oneIn(5) ? draw.between(1, 40) : belief.generation;
  const held = model.leases.get(belief.name);
  const isFenced = held?.generation !== generation;
  const beats = [{ name: belief.name, generation }];
  const { renewed, lost } = await of.handlers.renew({ beats }, of.caller());
  expect({ renewed, lost }).toEqual(
    isFenced ? { renewed: [], lost: [belief.name] } : { renewed: [belief.name], lost: [] },
  );
  if (!isFenced && held !== undefined) model.beat(belief.name, held);
}

async function releaseIn(of: World, model: Model, draw: Draw): Promise<void> {
  const belief = model.beliefs.get(draw.below(6));
  if (belief === undefined) return;
  model.purge();
  const isOwn = model.leases.get(belief.name)?.generation === belief.generation;
  const outcome = await of.handlers
    .deactivate(belief, of.caller())
    .catch((error: unknown) => error);
  if (isOwn) {
    expect(outcome).toEqual({ handle: `mini/${belief.name}` });
    model.leases.delete(belief.name);
  } else {
    const code = model.leases.has(belief.name) ? "lease_lost" : "handle_unknown";
    expect(outcome).toMatchObject({ code });
  }
}

async function timeIn(of: World, model: Model, draw: Draw): Promise<void> {
  // Often to a bound and to both sides of it.
  const exact = draw.pick([0, 1, heartbeatMs, leaseLifeMs - 1, leaseLifeMs, leaseLifeMs + 1]);
  const ms = draw.oneIn(3) ? exact : draw.below(40_000);
  const happening = draw.below(8);
  if (happening === 0) of.clock.suspend(draw.oneIn(2) ? ms : ms * 100);
  else if (happening === 1) of.clock.setWall(draw.below(4e12));
  else if (happening === 2) of.restart();
  else if (happening === 3) {
    model.purge();
    await of.sweep();
  } else of.clock.move(ms);
}

/** Compares the served leases with the expected ones, by every name that was ever used. */
function look(of: World, model: Model): void {
  const leases = of.context.tables.leases.all();
  const { now } = of;
  const expected = [...model.leases].filter(([, lease]) => model.state(lease) === "live");
  const summaries = expected.map(([name, { owner }]) => `${name} is session ${owner}`).sort();
  const asked = new Set([...names, ...leases.map(({ name }) => name), "gone"]);
  const answers = [...asked].sort().flatMap((name) => {
    const outcome = answerPeer(
      { grants: holding("ask"), name, at: { wallMs: 0, bootMs: 0 } },
      leases,
      now,
    );
    return outcome.ok ? [{ name, ...outcome.value }] : [];
  });
  expect(answers.map(({ name, summary }) => `${name} is ${summary?.text}`)).toEqual(summaries);
  const isLive = (left: number): boolean => left > 0 && left <= leaseLifeMs;
  if (!answers.every(({ lease }) => isLive(lease.expires_in_ms))) throw new Error("expired");
  if (!leases.every(({ name }) => Name.safeParse(name).success)) throw new Error("bad name");
}

async function live(draw: Draw): Promise<void> {
  using of = world(draw.below(2 ** 32));
  const model = new Model(of);
  for (let event = 0; event < 40; event += 1) {
    const happening = draw.below(10);
    if (happening < 3) await activateIn(of, model, draw);
    else if (happening < 5) await beatIn(of, model, draw);
    else if (happening < 6) await releaseIn(of, model, draw);
    else await timeIn(of, model, draw);
    look(of, model);
  }
}

test(
  "P19: An expired lease is never served, whatever the clocks do.",
  async () => {
    await histories(1_000, live);
  },
  historiesMs,
);
