/**
 * Writes seccomp filters: programs by which the kernel refuses system calls of a process and of all
 * its threads (seccomp(2), Linux's classic BPF). Only builds the program.
 */

import { type Architecture, type Call, numberOf } from "./numbers.ts";

/** Ways out of any sandbox: other processes' memory, namespaces, mounts, keys, kernel programs. */
export const escapes: readonly Call[] = [
  ...(["ptrace", "process_vm_readv", "process_vm_writev", "pidfd_getfd"] as const),
  ...(["unshare", "setns", "mount", "umount2", "pivot_root", "chroot"] as const),
  ...(["open_tree", "move_mount", "fsopen", "fspick", "mount_setattr"] as const),
  ...(["open_by_handle_at", "keyctl", "add_key", "request_key", "bpf"] as const),
  ...(["perf_event_open", "userfaultfd", "io_uring_setup", "io_uring_enter"] as const),
  ...(["io_uring_register", "init_module", "finit_module", "kexec_load"] as const),
  ...(["kexec_file_load", "mq_open", "shmget", "msgget", "semget"] as const),
];

/** Doors of the kernel that no namespace shuts, and that no ordinary program needs. */
export const doors: readonly Call[] = [
  ...(["keyctl", "add_key", "request_key", "bpf", "perf_event_open", "userfaultfd"] as const),
  ...(["io_uring_setup", "io_uring_enter", "io_uring_register", "open_by_handle_at"] as const),
  ...(["init_module", "finit_module", "kexec_load", "kexec_file_load"] as const),
];

/** Every way to a network, and to other processes' sockets. */
export const network: readonly Call[] = [
  ...(["socket", "connect", "bind", "listen", "accept", "accept4"] as const),
];

/** Changes of files that Landlock does not govern: modes, owners, times, extended attributes. */
export const metadata: readonly Call[] = [
  ...(["chmod", "fchmod", "fchmodat", "fchmodat2"] as const),
  ...(["chown", "lchown", "fchown", "fchownat"] as const),
  ...(["utime", "utimes", "futimesat", "utimensat"] as const),
  ...(["setxattr", "lsetxattr", "fsetxattr", "setxattrat"] as const),
  ...(["removexattr", "lremovexattr", "fremovexattr", "removexattrat"] as const),
];

/** The start of programs and processes; threads remain possible. */
export const starts: readonly Call[] = [
  ...(["execve", "execveat", "fork", "vfork", "clone", "clone3", "socketpair"] as const),
];

/** Signals to other processes. */
export const signals: readonly Call[] = [
  ...(["kill", "tkill", "rt_sigqueueinfo", "rt_tgsigqueueinfo", "pidfd_send_signal"] as const),
];

/** `AUDIT_ARCH_X86_64` and `AUDIT_ARCH_AARCH64` of linux/audit.h. */
const auditNames: Readonly<Record<Architecture, number>> = { x64: 0xc000003e, arm64: 0xc00000b7 };

/** Calls of the x32 interface carry this bit: their numbers would pass a filter of x64 numbers. */
const x32Bit = 0x40000000;
/** `CLONE_THREAD` of clone(2): without it a new process starts. */
const cloneThread = 0x10000;
const eperm = 1;
const enosys = 38;

const allow = 0x7fff0000;
const kill = 0x80000000;
const failing = (errno: number): number => 0x00050000 | errno;

/** One instruction: its code, two jumps, and its value. */
type Step = readonly [code: number, jumpTrue: number, jumpFalse: number, value: number];
const loadWord = (offset: number): Step => [0x20, 0, 0, offset];
const returns = (value: number): Step => [0x06, 0, 0, value];
const skipUnlessEqual = (value: number, steps: number): Step => [0x15, 0, steps, value];

/**
 * A program under which these calls fail: `clone3` as one that the kernel lacks, so that a C
 * library falls back to `clone`, and `clone` only where it would start a process. Calls of another
 * architecture's interface end the process.
 */
export function filterOf(denied: readonly Call[], architecture: Architecture): Uint8Array {
  const steps: Step[] = [loadWord(4), [0x15, 1, 0, auditNames[architecture]], returns(kill)];
  steps.push(loadWord(0));
  if (architecture === "x64") steps.push([0x35, 0, 1, x32Bit], returns(kill));
  for (const call of denied) {
    const number = numberOf(call, architecture);
    if (number === null) continue;
    if (call === "clone") {
      // Word 0 is loaded again for the calls that follow.
      steps.push(skipUnlessEqual(number, 4), loadWord(16), [0x45, 1, 0, cloneThread]);
      steps.push(returns(failing(eperm)), loadWord(0));
    } else {
      steps.push(skipUnlessEqual(number, 1), returns(failing(call === "clone3" ? enosys : eperm)));
    }
  }
  steps.push(returns(allow));
  return encoded(steps);
}

/** The instructions as the kernel reads them (`struct sock_filter`), of 8 bytes each. */
function encoded(steps: readonly Step[]): Uint8Array {
  const bytes = new Uint8Array(8 * steps.length);
  const view = new DataView(bytes.buffer);
  for (const [at, [code, jumpTrue, jumpFalse, value]] of steps.entries()) {
    view.setUint16(8 * at, code, true);
    view.setUint8(8 * at + 2, jumpTrue);
    view.setUint8(8 * at + 3, jumpFalse);
    view.setUint32(8 * at + 4, value >>> 0, true);
  }
  return bytes;
}
