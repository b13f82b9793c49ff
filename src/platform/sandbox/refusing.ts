/** Puts a seccomp filter on every thread of this process. Does not choose the refused calls. */

import { addressOf, call, callFailed } from "./calls.ts";
import { filterOf } from "./filter.ts";
import { forbidNewPrivileges } from "./limits.ts";
import { architectureOf, type Call } from "./numbers.ts";

/**
 * Refuses calls to this process from now on: in each of its threads, and in all that it starts.
 * @throws when the kernel refuses the filter, or numbers of this architecture are not known
 */
export function refuseCalls(denied: readonly Call[]): void {
  if (denied.length === 0) return;
  const architecture = architectureOf(process.arch);
  if (architecture === null) throw new Error(`no filter is known for ${process.arch}`);
  const program = filterOf(denied, architecture);
  // `struct sock_fprog`: the number of instructions, then their address.
  const described = new Uint8Array(16);
  const view = new DataView(described.buffer);
  view.setUint16(0, program.length / 8, true);
  view.setBigUint64(8, BigInt(addressOf(program)), true);
  forbidNewPrivileges();
  const setModeFilter = 1;
  const allThreads = 1;
  const { value, errno } = call("seccomp", setModeFilter, allThreads, addressOf(described));
  // A positive value names a thread that could not be brought under the filter.
  if (value !== 0) throw callFailed("seccomp", value > 0 ? 0 : errno);
}
