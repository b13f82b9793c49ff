/**
 * The invariants of mail in a run: each stage has its evidence, no stage goes back, each message is
 * there once and in order, and no model has a text twice. Knows nothing of how mail is decided.
 */

import type { AuditRecord } from "../../src/contract/audit.ts";
import { stages } from "../../src/contract/messages/stages.ts";
import type { Message, StageProof } from "../../src/core/messages/message.ts";
import type { Machine } from "./machine.ts";
import { identityOf, machineOf, nameOf } from "./who.ts";

/** Judges the mail of a run. */
export interface MailJudge {
  readonly counts: { written: number; surfaced: number; answered: number; proofs: number };
  /** A writer was told that a message is durable. */
  written(machine: Machine, id: string): void;
  /** A handover began. */
  given(nonce: string, ids: readonly string[]): void;
  /** The model of a handover answered with its texts in its context. */
  surfaced(nonce: string): void;
  /** A person decided about a message. */
  decided(id: string): void;
  /** Looks at all mail of a machine. */
  inspect(machine: Machine, all: readonly Machine[]): void;
  /** Messages that have not left although nothing kept them. */
  unsent(machine: Machine, ids: readonly string[]): void;
}

/** Makes a judge of mail. */
export function mailJudge(say: (what: string) => void): MailJudge {
  const counts = { written: 0, surfaced: 0, answered: 0, proofs: 0 };
  const written = new Map<string, number>();
  const handovers = new Map<string, readonly string[]>();
  const inContext = new Map<string, string>();
  const decided = new Set<string>();
  const ranks = new Map<string, number>();
  return {
    counts,
    written: ({ index }, id) => {
      counts.written += 1;
      written.set(id, index);
    },
    given: (nonce, ids) => {
      handovers.set(nonce, ids);
      for (const id of ids) {
        if (inContext.has(id)) say(`a text that is in a context was given again: ${id}`);
      }
    },
    surfaced: (nonce) => {
      for (const id of handovers.get(nonce) ?? []) {
        counts.surfaced += 1;
        if (inContext.has(id)) say(`a text is in a context twice: ${id}`);
        inContext.set(id, nonce);
      }
    },
    decided: (id) => {
      decided.add(id);
    },
    inspect: (machine, all) => {
      const mail = mailOf(machine);
      for (const message of mail) {
        for (const flaw of flawsOf(message, { machine, all, decided, handovers })) say(flaw);
        counts.proofs += proofsOf(machine, message).length;
        const key = `${machine.index} ${message.direction} ${message.message_id}`;
        const rank = stages.indexOf(message.stage);
        if (rank < (ranks.get(key) ?? 0)) say(`a stage went back: ${key}`);
        ranks.set(key, rank);
        if (message.stage === "answered") counts.answered += 1;
      }
      const flaws = [lostFlaws(machine, written), orderFlaws(machine, all), grantFlaws(machine)];
      flaws.push(copyFlaws(machine));
      for (const flaw of flaws.flat()) say(flaw);
    },
    unsent: (machine, ids) => {
      for (const id of ids) say(`a message of ${nameOf(machine.index)} never left: ${id}`);
    },
  };
}

/** Messages whose writer was told that they are durable, and that are not there. */
function lostFlaws(machine: Machine, written: ReadonlyMap<string, number>): readonly string[] {
  const own = new Set(
    mailOf(machine)
      .filter(isOut)
      .map(({ message_id }) => message_id),
  );
  return [...written].flatMap(([id, index]) =>
    index === machine.index && !own.has(id) ? [`a message is lost where it began: ${id}`] : [],
  );
}

const isOut = ({ direction }: Message): boolean => direction === "out";

const mailOf = ({ disk }: Machine): readonly Message[] =>
  disk.tables.messages.list({ all: true, limit: 10_000 });

const proofsOf = ({ disk }: Machine, message: Message): readonly StageProof[] =>
  disk.tables.messages.proofs(message);

interface Evidence {
  readonly machine: Machine;
  readonly all: readonly Machine[];
  readonly decided: ReadonlySet<string>;
  readonly handovers: ReadonlyMap<string, readonly string[]>;
}

/** Stages of a message that are shown without evidence. */
function flawsOf(message: Message, evidence: Evidence): readonly string[] {
  const proofs = proofsOf(evidence.machine, message);
  const shown = `${message.direction} ${message.message_id}`;
  const last = proofs.at(-1)?.stage;
  const flaws =
    last === message.stage ? [] : [`${shown} is shown as ${message.stage}, not ${last}`];
  const order = proofs.map(({ stage }) => stages.indexOf(stage));
  const rises = order.every((rank, at) => rank > (order[at - 1] ?? -1));
  if (!rises) flaws.push(`the stages of ${shown} do not rise: ${order.join()}`);
  for (const proof of proofs) {
    if (!isProven(message, proof, evidence)) {
      flaws.push(`${shown} is ${proof.stage} without its evidence: ${proof.evidence}`);
    }
  }
  return flaws;
}

function isProven(message: Message, proof: StageProof, evidence: Evidence): boolean {
  const [word = "", id = ""] = proof.evidence.split(" ");
  if (message.direction === "in") return isProvenIn(message, proof, evidence);
  switch (word) {
    case "command":
      return proof.stage === "queued";
    case "reply":
      // A refusal is the peer's word; what it took it has.
      return (id !== "" && id !== "at") || otherEnd(message, evidence) !== null;
    case "message":
      return evidence.machine.disk.tables.messages
        .alike(id)
        .some(({ direction, reply_to }) => direction === "in" && reply_to === message.message_id);
    case "unpair":
    case "outbox":
      return proof.stage === "refused" || proof.stage === "expired";
    default:
      return otherEnd(message, evidence)?.includes(proof.stage) ?? false;
  }
}

function isProvenIn(message: Message, proof: StageProof, evidence: Evidence): boolean {
  const [word = "", id = ""] = proof.evidence.split(" ");
  switch (word) {
    case "call":
      return proof.stage === "stored" || proof.stage === "held";
    case "person":
      return evidence.decided.has(message.message_id);
    case "handover":
      return evidence.handovers.get(id)?.includes(message.message_id) ?? false;
    case "message":
      return evidence.machine.disk.tables.messages
        .alike(id)
        .some(({ direction, reply_to }) => direction === "out" && reply_to === idAtSender(message));
    default:
      return word === "unpair" || word === "time";
  }
}

/** The id by which its sender knows a message: a copy of a topic's has its own here. */
const idAtSender = ({ sent_id, message_id }: Message): string => sent_id ?? message_id;

/** The stages of a message at its reader's machine; null where that never had it. */
function otherEnd(message: Message, { machine, all }: Evidence): readonly string[] | null {
  const there = message.peer_name === null ? machine : all[machineOf(message.fingerprint)];
  const { fingerprint } = identityOf(machine.index);
  const { message_id } = message;
  const table = there?.disk.tables.messages;
  const whole = table?.get({ direction: "in", fingerprint, message_id }) ?? null;
  const copies = there === undefined ? [] : copiesOf(there, fingerprint, message_id);
  const came = whole ?? copies[0] ?? null;
  return came === null || there === undefined
    ? null
    : proofsOf(there, came).map(({ stage }) => stage);
}

/** The copies of a topic's message at the machine of its subscribers. */
const copiesOf = (there: Machine, fingerprint: string, id: string): readonly Message[] =>
  mailOf(there).filter((each) => each.sent_id === id && each.fingerprint === fingerprint);

/** Copies of one topic's message that lie in one mailbox, or that may start a turn. */
function copyFlaws(machine: Machine): readonly string[] {
  const copies = mailOf(machine).filter(({ sent_id }) => sent_id !== null);
  const alike = Map.groupBy(copies, ({ fingerprint, sent_id, name }) =>
    [fingerprint, sent_id, name].join(),
  );
  const twice = [...alike].flatMap(([key, { length }]) =>
    length === 1 ? [] : [`a topic's message is twice in a mailbox: ${key}`],
  );
  const waking = copies.flatMap(({ name, waking, message_id }) =>
    name === null || waking === "never" ? [] : [`a topic's message may wake: ${message_id}`],
  );
  return [...twice, ...waking];
}

/** Messages of one thread and one pair of handles that came in another order than written. */
function orderFlaws(machine: Machine, all: readonly Machine[]): readonly string[] {
  const { fingerprint } = identityOf(machine.index);
  const there = all.find((other) => other !== machine);
  const came = (there === undefined ? [] : mailOf(there)).filter(
    (each) => each.direction === "in" && each.fingerprint === fingerprint && each.sent_id === null,
  );
  const arrived = Map.groupBy(came, ({ thread_id, name, other }) =>
    [thread_id, other, name].join(),
  );
  const written = Map.groupBy(mailOf(machine).filter(isOut), ({ thread_id, name, other }) =>
    [thread_id, name, other].join(),
  );
  return [...arrived].flatMap(([key, messages]) => {
    const ids = messages.map(({ message_id }) => message_id);
    const sent = (written.get(key) ?? []).map(({ message_id }) => message_id);
    const inOrder = sent.filter((id) => ids.includes(id)).join() === ids.join();
    return inOrder ? [] : [`a thread came in another order: ${key}`];
  });
}

/** Messages that were taken from a peer without the right, as the trail shows. */
function grantFlaws({ disk }: Machine): readonly string[] {
  const flaws: string[] = [];
  const granted = new Map<string | null, boolean>();
  const trail: readonly AuditRecord[] = disk.tables.audit.next({ afterSeq: 0, all: true }, 100_000);
  for (const { seq, verb, outcome, direction, peer_fingerprint: peer, ...record } of trail) {
    const isGrant = (verb === "pair" || verb === "grant") && outcome === "ok";
    if (isGrant) granted.set(peer, /"scopes":\[[^\]]*"message"/.test(record.details ?? ""));
    if (verb === "unpair" && outcome === "ok") granted.set(peer, false);
    const isTaken = outcome === "stored" || outcome === "held";
    if (verb !== "message" || direction !== "in" || !isTaken || granted.get(peer) === true)
      continue;
    // A topic's message has the right that the subscriptions and the grant gave it together.
    const [came] = disk.tables.messages.alike(record.subject_id ?? "");
    if (came?.reply_to == null) flaws.push(`record ${seq}: a message was taken without the right`);
  }
  return flaws;
}
