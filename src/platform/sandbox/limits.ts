/** Limits that a process sets for itself or its children: resources, privileges, its own end. */

import { addressOf, call, callFailed, errnoNow, libc } from "./calls.ts";

/** The numbers of setrlimit(2) on Linux, the same on x64 and arm64. */
const resources = {
  ...{ processor: 0, fileSize: 1, data: 2, core: 4, processes: 6, files: 7 },
} as const;

/** A resource that can be limited. */
export type Resource = keyof typeof resources;

/** Limits a resource of this process and of all that it starts. @throws when refused */
export function limitResource(resource: Resource, most: number): void {
  if (libc().setrlimit(resources[resource], bothLimits(most)) !== 0) {
    throw callFailed("setrlimit", errnoNow());
  }
}

/** Limits a resource of a child. @throws when refused */
export function limitChild(pid: number, resource: Resource, most: number): void {
  const limit = bothLimits(most);
  const { value, errno } = call("prlimit64", pid, resources[resource], addressOf(limit), 0);
  if (value !== 0) throw callFailed("prlimit64", errno);
}

const bothLimits = (most: number): Uint8Array =>
  new Uint8Array(new BigUint64Array([BigInt(most), BigInt(most)]).buffer);

/** Forbids set-user-id programs and all other gains of privilege, for good. @throws when refused */
export function forbidNewPrivileges(): void {
  const setNoNewPrivileges = 38;
  if (libc().prctl(setNoNewPrivileges, 1n, 0n, 0n, 0n) !== 0) {
    throw callFailed("prctl", errnoNow());
  }
}

/** Ends this process with its parent. @throws when refused, or the parent has ended already */
export function dieWithParent(parent: number): void {
  const setDeathSignal = 1;
  const sigkill = 9n;
  if (libc().prctl(setDeathSignal, sigkill, 0n, 0n, 0n) !== 0) {
    throw callFailed("prctl", errnoNow());
  }
  if (libc().getppid() !== parent) throw new Error("the parent has ended");
}
