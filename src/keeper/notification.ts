/**
 * Shows a desktop notification by a program of the system: a D-Bus client of our own would be far
 * too large. It uses `gdbus` (GLib) or `busctl` (systemd) on Linux, `osascript` on macOS. No
 * program is looked up on PATH, and none reads a peer's text.
 */

import type { Notification } from "../contract/errands/errands.ts";
import { runner } from "../platform/process/run.ts";

/** The desktop that shows notifications. */
export interface Desktop {
  readonly platform: string;
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly uid: number;
  /** The path of a program that this system installed; null when it has none. */
  readonly find: (program: string) => Promise<string | null>;
}

/** The arguments by which a program shows a notification. */
interface Shower {
  readonly program: string;
  readonly words: (shown: Notification) => readonly string[];
}

/** A program ends by then even if its keeper was killed: longer than the errand's deadline. */
const patienceS = 15;

const service = "org.freedesktop.Notifications";
const object = "/org/freedesktop/Notifications";

/** A text in the notation of GVariant: without quotes it might be read as another value. */
const quoted = (text: string): string => `'${text}'`;

const onLinux: readonly Shower[] = [
  {
    program: "gdbus",
    words: ({ summary, body }) => [
      ...[
        "call",
        "--session",
        "--timeout",
        `${patienceS}`,
        "--dest",
        service,
        "--object-path",
        object,
      ],
      ...["--method", `${service}.Notify`, "'peernet'", "uint32 0", "''"],
      ...[quoted(summary), quoted(body), "@as []", "@a{sv} {}", "int32 -1"],
    ],
  },
  {
    program: "busctl",
    words: ({ summary, body }) => [
      ...[
        "--user",
        `--timeout=${patienceS}`,
        "call",
        service,
        object,
        service,
        "Notify",
        "susssasa{sv}i",
      ],
      ...["peernet", "0", "", summary, body, "0", "0", "--", "-1"],
    ],
  },
];

/** The texts are arguments of a fixed script, and no part of it. */
const script =
  "on run texts\ndisplay notification (item 2 of texts) with title (item 1 of texts)\nend run";

const onMac: readonly Shower[] = [
  { program: "osascript", words: ({ summary, body }) => ["-e", script, summary, body] },
];

/**
 * Shows a notification; null when this machine has no program for it.
 * @throws when the program failed, or the signal ended it
 */
export async function showNotification(
  shown: Notification,
  desktop: Desktop,
  signal: AbortSignal,
): Promise<Record<string, never> | null> {
  for (const { program, words } of desktop.platform === "darwin" ? onMac : onLinux) {
    const path = await desktop.find(program);
    if (path === null) continue;
    const run = runner(environmentOf(desktop), signal);
    const ran = await run([path, ...words(shown)]);
    if (ran?.exit !== 0) throw new Error(`${program} ended with ${ran?.exit ?? "no exit code"}`);
    return {};
  }
  return null;
}

/** An address of a socket. The other kinds of addresses let D-Bus start a program. */
const socketAddress = /^unix:(path|abstract)=[^;,]+(,guid=[0-9a-f]+)?$/;

/** The variables by which a program finds this user's session bus, and no other. */
function environmentOf({ environment, uid }: Desktop): Readonly<Record<string, string>> {
  const runtime = `/run/user/${uid}`;
  const told = environment.DBUS_SESSION_BUS_ADDRESS ?? "";
  return {
    PATH: "/usr/bin:/bin",
    XDG_RUNTIME_DIR: runtime,
    DBUS_SESSION_BUS_ADDRESS: socketAddress.test(told) ? told : `unix:path=${runtime}/bus`,
  };
}
