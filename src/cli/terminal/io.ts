/**
 * Everything a command may touch, as one value: the real thing is built by the executable, tests
 * build their own. Holds types only, so that importing it costs nothing.
 */

import type { Act } from "../../contract/acts.ts";
import type { Control } from "../../contract/control.ts";
import type { Calls } from "../../contract/operation/operation.ts";
import type { Cancel, Clock, Timers } from "../../platform/effects.ts";
import type { TailnetSeen } from "../../setup/plan/survey.ts";

/** Which of the three standard streams are terminals, and how wide the output one is. */
export interface Terminal {
  readonly stdin: boolean;
  readonly stdout: boolean;
  readonly stderr: boolean;
  /** Columns of the terminal; meaningless when none of the streams is one. */
  readonly columns: number;
  /** Lines of the terminal. */
  readonly rows: number;
}

/** What the executable is. */
export interface Version {
  readonly version: string;
  readonly commit: string;
  readonly bun: string;
  readonly target: string;
}

/** The dashboard's page, served for one tab. */
export interface ServedPage {
  readonly port: number;
  /** Good once: it holds a secret. */
  readonly link: string;
  /** A file that leads to the link; its path is no secret. */
  readonly file: string;
  /** True once a page has come by the link, false when none will. */
  readonly opened: Promise<boolean>;
  /** Resolves when it is no longer served, to why. */
  readonly ended: Promise<"unused" | "left" | "closed">;
  close(): Promise<void>;
}

/** How a page is to be served. */
export interface ServedPageOptions {
  /** Is told when the link is used a second time. */
  readonly onSecondUse: () => void;
  /** Whether a browser on this machine is told to open it. */
  readonly opens: boolean;
}

/** The outside world of one command. */
export interface Io {
  /** Writes a result. */
  out(text: string): void;
  /** Writes progress, a prompt, a hint or an error. */
  err(text: string): void;
  /** Looks at the streams; asked only when needed, since looking takes longer than an ask. */
  terminal(): Terminal;
  /** Whether results may be coloured: stdout is a terminal with colours, without NO_COLOR. */
  color(): boolean;
  /** One line of stdin without its end, or null when there is no more. */
  readLine(): Promise<string | null>;
  readonly environment: Readonly<Record<string, string | undefined>>;
  cwd(): string;
  /** This process's own number. */
  readonly pid: number;
  /** Whether no daemon ever ran on this home. */
  isNew(): Promise<boolean>;
  /** The state folder. */
  readonly home: string;
  readonly version: Version;
  readonly clock: Clock;
  readonly timers: Timers;
  /** Calls of this home's daemon; connects when one is made, starts nothing. */
  calls(): Calls<Control>;
  /**
   * Starts a daemon where a call found none; resolves once one answers.
   * @throws {daemon_not_running} {port_in_use} {state_unsafe} {database_newer} {database_damaged}
   */
  ensureDaemon(): Promise<void>;
  /** Starts a daemon if none runs, also after `stop`; resolves once it listens. */
  startDaemon(): Promise<{ readonly alreadyRunning: boolean }>;
  /**
   * Stops the daemon, by its process where it does not answer, and resolves once it is gone, to why
   * that could not be noted. @throws {daemon_silent}
   */
  stopDaemon(): Promise<{ readonly unremembered: string | null }>;
  /** Sees to it that this home's keeper runs. */
  ensureKeeper(): Promise<void>;
  /** Refuses what only a person may do to a coding agent. @throws {not_a_person} */
  requirePerson(typed: string): Promise<void>;
  /** Acts done without a person, which are counted as shown once a person runs a command. */
  takeUnseen(): Promise<readonly Act[]>;
  /** What runs this program: the executable, and what goes before a mode. */
  readonly command: readonly string[];
  /** This machine's addresses on local networks, now. */
  lanAddresses(): Promise<readonly string[]>;
  /** This machine on its tailnet, asked now, and without a daemon. */
  tailnet(): Promise<TailnetSeen>;
  /**
   * Serves the dashboard's page; is told when its link is used a second time.
   * @throws {state_unsafe} {storage_full}
   */
  serveDashboard(options: ServedPageOptions): Promise<ServedPage>;
  /** Opens a file in the person's browser; false when that could not be done. */
  openFile(path: string): Promise<boolean>;
  /** Hands on each chunk of keys as they are pressed, without an echo, until it is cancelled. */
  onKeys(handler: (text: string) => void): Cancel;
  /** Calls the handler whenever the terminal has another size, until it is cancelled. */
  onResize(handler: () => void): Cancel;
  /** Calls the handler instead of ending the process when the user interrupts. */
  onInterrupt(handler: () => void): Cancel;
}
