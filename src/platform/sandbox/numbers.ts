/**
 * The numbers of Linux system calls, by architecture. Two kernels of different architectures number
 * the same call differently, and a filter knows numbers alone. Calls nothing.
 */

/** An architecture whose numbers are known. */
export type Architecture = "x64" | "arm64";

/**
 * Each call with its number on x64 and on arm64; null where the architecture has no such call. The
 * numbers are those of linux/arch/x86/entry/syscalls/syscall_64.tbl and asm-generic/unistd.h.
 */
const calls = {
  execve: [59, 221],
  execveat: [322, 281],
  fork: [57, null],
  vfork: [58, null],
  clone: [56, 220],
  clone3: [435, 435],
  socket: [41, 198],
  socketpair: [53, 199],
  connect: [42, 203],
  bind: [49, 200],
  listen: [50, 201],
  accept: [43, 202],
  accept4: [288, 242],
  kill: [62, 129],
  tkill: [200, 130],
  rt_sigqueueinfo: [129, 138],
  rt_tgsigqueueinfo: [297, 240],
  pidfd_send_signal: [424, 424],
  ptrace: [101, 117],
  process_vm_readv: [310, 270],
  process_vm_writev: [311, 271],
  pidfd_getfd: [438, 438],
  unshare: [272, 97],
  setns: [308, 268],
  mount: [165, 40],
  umount2: [166, 39],
  pivot_root: [155, 41],
  chroot: [161, 51],
  open_tree: [428, 428],
  move_mount: [429, 429],
  fsopen: [430, 430],
  fspick: [433, 433],
  mount_setattr: [442, 442],
  open_by_handle_at: [304, 265],
  keyctl: [250, 219],
  add_key: [248, 217],
  request_key: [249, 218],
  bpf: [321, 280],
  perf_event_open: [298, 241],
  userfaultfd: [323, 282],
  io_uring_setup: [425, 425],
  io_uring_enter: [426, 426],
  io_uring_register: [427, 427],
  init_module: [175, 105],
  finit_module: [313, 273],
  kexec_load: [246, 104],
  kexec_file_load: [320, 294],
  chmod: [90, null],
  fchmod: [91, 52],
  fchmodat: [268, 53],
  fchmodat2: [452, 452],
  chown: [92, null],
  lchown: [94, null],
  fchown: [93, 55],
  fchownat: [260, 54],
  utime: [132, null],
  utimes: [235, null],
  futimesat: [261, null],
  utimensat: [280, 88],
  setxattr: [188, 5],
  lsetxattr: [189, 6],
  fsetxattr: [190, 7],
  setxattrat: [463, 463],
  removexattr: [197, 14],
  lremovexattr: [198, 15],
  fremovexattr: [199, 16],
  removexattrat: [466, 466],
  mq_open: [240, 180],
  shmget: [29, 194],
  msgget: [68, 186],
  semget: [64, 190],
  landlock_create_ruleset: [444, 444],
  landlock_add_rule: [445, 445],
  landlock_restrict_self: [446, 446],
  seccomp: [317, 277],
  prlimit64: [302, 261],
} as const satisfies Readonly<Record<string, readonly [number, number | null]>>;

/** The name of a known call. */
export type Call = keyof typeof calls;

/** Every known call. */
// The keys of the table are its names.
export const callNames = Object.keys(calls) as readonly Call[];

/** The number of a call on an architecture; null when it has none. */
export const numberOf = (call: Call, architecture: Architecture): number | null =>
  calls[call][architecture === "x64" ? 0 : 1];

/** The architecture of this process, when its numbers are known. */
export const architectureOf = (name: string): Architecture | null =>
  name === "x64" || name === "arm64" ? name : null;
