/**
 * Everything that a command may touch, as one value: the executable builds the real one, tests
 * build their own. Holds types only, so that importing it costs nothing.
 */

import type { Act } from "../../contract/acts.ts";
import type { Control } from "../../contract/control.ts";
import type { Selector } from "../../contract/lease.ts";
import type { UnseenMail } from "../../contract/messages/unseen.ts";
import type { Calls } from "../../contract/operation/operation.ts";
import type { SandboxSeen } from "../../contract/reads/sandbox.ts";
import type { SeenRunner } from "../../contract/tasks/local.ts";
import type { Cancel, Clock, Timers } from "../../platform/effects.ts";
import type { TailnetSeen } from "../../setup/plan/survey.ts";

/** The standard streams that are terminals, and the width of the output. */
export interface Terminal {
  readonly stdin: boolean;
  readonly stdout: boolean;
  readonly stderr: boolean;
  /** Columns of the terminal; meaningless when none of the streams is one. */
  readonly columns: number;
  /** Lines of the terminal. */
  readonly rows: number;
}

/** The executable's version. */
export interface Version {
  readonly version: string;
  readonly commit: string;
  readonly bun: string;
  readonly target: string;
}

/** The dashboard's page, served for one tab. */
export interface ServedPage {
  readonly port: number;
  /** Valid once: it holds a secret. */
  readonly link: string;
  /** A file that leads to the link; its path is no secret. */
  readonly file: string;
  /** True once a page was opened by the link, false when none will be. */
  readonly opened: Promise<boolean>;
  /** Resolves to the reason when the page is no longer served. */
  readonly ended: Promise<"unused" | "left" | "closed">;
  close(): Promise<void>;
}

/** Options of serving a page. */
export interface ServedPageOptions {
  /** Called when the link is used a second time. */
  readonly onSecondUse: () => void;
  /** True when a browser on this machine shall open the page. */
  readonly opens: boolean;
}

/** The runners of this machine, and their keys. */
export interface RunnerAccess {
  /** The names of all, with a key or without. */
  names(): readonly string[];
  list(): Promise<readonly SeenRunner[]>;
  /** Keeps a runner's key. @throws {bad_request} {state_unsafe} */
  keep(name: string, key: string): void;
  /** Removes a runner's key; false when it had none. */
  remove(name: string): boolean;
}

/** The outside world of one command. */
export interface Io {
  /** Writes a result. */
  out(text: string): void;
  /** Writes progress, a prompt, a hint or an error. */
  err(text: string): void;
  /** Resolves once the streams have taken everything. @throws the error of one that could not */
  flushed(): Promise<void>;
  /** Reads the streams' properties; only on demand, since that takes longer than an ask. */
  terminal(): Terminal;
  /** True when results may be coloured: stdout is a terminal with colours, without NO_COLOR. */
  color(): boolean;
  /** One line of stdin without its end, or null at the end of stdin. */
  readLine(): Promise<string | null>;
  readonly environment: Readonly<Record<string, string | undefined>>;
  cwd(): string;
  /** This process's own number. */
  readonly pid: number;
  /** True when no daemon ever ran on this home. */
  isNew(): Promise<boolean>;
  /** The state folder. */
  readonly home: string;
  readonly version: Version;
  readonly clock: Clock;
  readonly timers: Timers;
  /** A new id (UUIDv7). */
  newId(): string;
  /** Calls of this home's daemon; connects for each call, starts nothing. */
  calls(): Calls<Control>;
  /**
   * Starts a daemon when a call found none; resolves once it answers.
   * @throws {daemon_not_running} {port_in_use} {state_unsafe} {database_newer} {database_damaged}
   */
  ensureDaemon(): Promise<void>;
  /** Starts a daemon if none runs, also after `stop`; resolves once it listens. */
  startDaemon(): Promise<{ readonly alreadyRunning: boolean }>;
  /**
   * Stops the daemon, by its process when it does not answer. Resolves once it is gone, to the
   * reason why that could not be noted. @throws {daemon_silent}
   */
  stopDaemon(): Promise<{ readonly unremembered: string | null }>;
  /** Makes sure that this home's keeper runs. */
  ensureKeeper(): Promise<void>;
  /** Finds the lease of the session that runs the command; undefined when nothing shows one. */
  session(): Promise<Selector | undefined>;
  /** Refuses a person's act to a coding agent. @throws {not_a_person} */
  requirePerson(typed: string): Promise<void>;
  /** Takes the acts without a person, which count as seen once a person runs a command. */
  takeUnseen(): Promise<readonly Act[]>;
  /** The mail for the person since their last command; null without any. */
  takeUnseenMail(): Promise<UnseenMail | null>;
  /**
   * True once a day, for a person at a terminal: a text was typed as an argument, and it is time to
   * say who can read that. It counts as said from now on.
   */
  isTypedDue(nowMs: number): Promise<boolean>;
  /** The command of this program: the executable, and the arguments before a mode. */
  readonly command: readonly string[];
  /** This machine's addresses on local networks, now. */
  lanAddresses(): Promise<readonly string[]>;
  /** This machine on its tailnet, read now, and without a daemon. */
  tailnet(): Promise<TailnetSeen>;
  /** The sandbox that this machine can build, built and tried now. */
  sandbox(): Promise<SandboxSeen>;
  /** The runners of this machine, looked for here and now. */
  runners(): Promise<RunnerAccess>;
  /**
   * Serves the dashboard's page; reports a second use of its link.
   * @throws {state_unsafe} {storage_full}
   */
  serveDashboard(options: ServedPageOptions): Promise<ServedPage>;
  /** Opens a file in the person's browser; false when that failed. */
  openFile(path: string): Promise<boolean>;
  /**
   * Passes on each chunk of keys as a person presses them, without an echo, until it is cancelled.
   */
  onKeys(handler: (text: string) => void): Cancel;
  /** Calls the handler whenever the terminal's size changes, until it is cancelled. */
  onResize(handler: () => void): Cancel;
  /** Calls the handler instead of ending the process when the user interrupts. */
  onInterrupt(handler: () => void): Cancel;
}
