/**
 * The program of a task, as the supervisor needs it: a fixed command of the policy, or a runner by
 * its manifest. Types only.
 */

import type { Gate, TaskOrder, WeighErrand } from "../../contract/tasks/errands.ts";
import type { Claims, TaskProgram } from "../../contract/tasks/task.ts";
import type { Bind } from "./run/room.ts";

/** The weight of a program: what would run, and the gates in its way. */
export interface Weighed {
  readonly program: TaskProgram | null;
  readonly gates: readonly Gate[];
}

/** The folders of a task on this machine, as a program may use them. */
export interface ProgramRoom {
  /** The task's private home, which outlives a round. */
  readonly home: string;
  /** The round's folder. */
  readonly round: string;
}

/** Reads the output of a program for its claims. */
export interface ProgramEvents {
  feed(line: string): void;
  claims(): Claims;
  /** True once the program has told its first event. */
  isFirst(): boolean;
}

/** The use of a program's way to the network. */
export interface NetworkUse {
  readonly usd: number | null;
  readonly requests: number;
  readonly reached: readonly string[];
  readonly refused: readonly string[];
}

/** The way of a program to the network: one socket, which our end serves. */
export interface ProgramNetwork {
  /** The port in the room that leads to the socket. */
  readonly port: number;
  /** Serves the socket at a path until it is closed. */
  serve(path: string): {
    readonly isOverBudget: Promise<void>;
    used(): NetworkUse;
    close(): void;
  };
}

/** A program, ready for its room. */
export interface Prepared {
  readonly argv: readonly string[];
  readonly environment: Readonly<Record<string, string>>;
  readonly binds: readonly Bind[];
  /** Text on its standard input; null for none. */
  readonly stdin: string | null;
  /** Null for no network at all. */
  readonly network: ProgramNetwork | null;
  readonly events: ProgramEvents;
  /** True when bytes hold the credential of the program, which must not leave; null without one. */
  readonly holdsCredential: ((bytes: Uint8Array) => boolean) | null;
}

/** A kind of program. */
export interface Programs {
  weigh(errand: WeighErrand): Promise<Weighed>;
  /** Prepares what was weighed; a text is the reason why it is not run, one of our own words. */
  prepare(order: TaskOrder, room: ProgramRoom): Promise<Prepared | string>;
}
