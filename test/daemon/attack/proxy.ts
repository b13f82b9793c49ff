/** A wire that can be cut: passes TLS on unchanged, and counts its records on the way. */

import { connect, type Socket } from "node:net";
import { type FakeServer, tcpServer } from "./server.ts";

/** The point of a cut: after so many records in one direction. */
export interface Cut {
  readonly toward: "server" | "client";
  readonly afterRecords: number;
}

/** A proxy whose connections can be cut. */
export interface CuttingProxy extends FakeServer {
  /** Ends open connections, and cuts so many of the next ones. */
  cutNext(cut: Cut, connections: number): void;
  /** Lets everything through again; tells whether a connection was cut since `cutNext`. */
  mend(): boolean;
}

/** Makes a proxy before `address:port`. */
export async function cuttingProxy(to: string): Promise<CuttingProxy> {
  let next: { readonly cut: Cut; left: number } | null = null;
  let wasCut = false;
  const open = new Set<Socket>();
  const server = await tcpServer((near) => {
    const far = connect(Number(to.slice(to.lastIndexOf(":") + 1)), "127.0.0.1");
    const end = (): void => {
      near.destroy();
      far.destroy();
    };
    const applied = next !== null && next.left > 0 ? next.cut : null;
    if (next !== null) next.left -= 1;
    const cutAt = (toward: Cut["toward"]): number =>
      applied?.toward === toward ? applied.afterRecords : Number.POSITIVE_INFINITY;
    const onCut = (): void => {
      wasCut = true;
      end();
    };
    passRecords([near, far], cutAt("server"), onCut);
    passRecords([far, near], cutAt("client"), onCut);
    for (const socket of [near, far]) {
      open.add(socket);
      socket.on("error", end);
      socket.once("close", () => {
        open.delete(socket);
        end();
      });
    }
  });
  return {
    ...server,
    cutNext: (cut, connections) => {
      for (const socket of open) socket.destroy();
      next = { cut, left: connections };
      wasCut = false;
    },
    mend: () => {
      next = null;
      return wasCut;
    },
  };
}

/** Passes whole records on, and no further than a number of them. */
function passRecords(
  [from, to]: readonly [Socket, Socket],
  recordsMax: number,
  onCut: () => void,
): void {
  let pending = Buffer.alloc(0);
  let passed = 0;
  const check = (): boolean => {
    if (passed < recordsMax) return false;
    // What was passed on shall arrive; nothing after it does.
    to.end(() => onCut());
    return true;
  };
  from.on("data", (chunk: Buffer) => {
    if (passed >= recordsMax && check()) return;
    pending = Buffer.concat([pending, chunk]);
    while (pending.length >= 5 && pending.length >= 5 + pending.readUInt16BE(3)) {
      const length = 5 + pending.readUInt16BE(3);
      to.write(pending.subarray(0, length));
      pending = pending.subarray(length);
      passed += 1;
      if (check()) return;
    }
  });
}
