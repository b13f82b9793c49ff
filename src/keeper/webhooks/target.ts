/**
 * Judges the target of a webhook: a socket in a folder that is this user's alone, or a port at
 * which only this user's programs listen.
 */

import { lstatSync, readFileSync, realpathSync, type Stats } from "node:fs";
import { dirname, join } from "node:path";

/** A target to connect to. */
export type Target =
  | { readonly unix: string; readonly path: string }
  | { readonly hostname: string; readonly port: number; readonly path: string };

/** The target of a webhook's address. */
export function targetOf(url: string, home: string): Target {
  if (url.startsWith("unix:")) {
    const unix = url.slice(5).replace(/^~(?=\/)/, () => home);
    return { unix, path: "/" };
  }
  const { hostname, port, pathname, search } = new URL(url);
  return {
    hostname: hostname.replace(/[[\]]/g, ""),
    port: Number(port === "" ? 80 : port),
    path: `${pathname}${search}`,
  };
}

/** True for a socket of this user that no other user can replace. */
export function isSafeSocket(path: string, uid: number): boolean {
  try {
    const socket = lstatSync(path);
    if (!socket.isSocket() || socket.uid !== uid) return false;
    const folder = realpathSync(dirname(path));
    const own = lstatSync(folder);
    if (own.uid !== uid || (own.mode & 0o077) !== 0) return false;
    return above(folder).every((each) => isFirm(lstatSync(each), uid));
  } catch {
    return false;
  }
}

function above(folder: string): readonly string[] {
  const parent = dirname(folder);
  return parent === folder ? [] : [parent, ...above(parent)];
}

const sticky = 0o1000;

/** True for a folder in which others cannot rename what is not theirs. */
const isFirm = ({ uid: owner, mode }: Stats, uid: number): boolean =>
  (owner === uid || owner === 0) && ((mode & 0o022) === 0 || (mode & sticky) !== 0);

/** One row of the system's table of sockets. */
interface Listening {
  readonly address: string;
  readonly port: number;
  readonly uid: number;
}

/**
 * True when only this user's programs listen at a port, as the system's own table shows; null where
 * there is no such table.
 */
export function isOwnListener(
  { hostname, port }: { readonly hostname: string; readonly port: number },
  uid: number,
  folder = "/proc/self/net",
): boolean | null {
  const rows: Listening[] = [];
  for (const name of ["tcp", "tcp6"]) {
    try {
      rows.push(...listeningIn(readFileSync(join(folder, name), "utf8")));
    } catch {
      if (name === "tcp") return null;
    }
  }
  const there = rows.filter((row) => row.port === port && takes(row.address, hostname));
  return there.length > 0 && there.every((row) => row.uid === uid);
}

/** The rows of sockets that listen. */
function listeningIn(text: string): readonly Listening[] {
  return text.split("\n").flatMap((line) => {
    const [, local = "", , state, , , , owner = ""] = line.trim().split(/\s+/);
    const [address = "", port = ""] = local.split(":");
    if (state !== "0A") return [];
    return [{ address, port: Number.parseInt(port, 16), uid: Number(owner) }];
  });
}

/** True when a listener at an address takes a connection to a loopback address. */
function takes(address: string, hostname: string): boolean {
  if (/^0+$/.test(address)) return true;
  const loopback4 = address === "0100007F" || address === "0000000000000000FFFF00000100007F";
  return hostname === "::1" ? address === "00000000000000000000000001000000" : loopback4;
}
