/** A throw-away OpenSSH server on loopback, with keys of its own, and ways to run `true` on it. */

import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { atEnd, eventually, freePort, ran, scratch, started } from "./parts.ts";

/** Commands that run `true` over SSH. */
export interface Ssh {
  /** A connection of its own each time. */
  readonly fresh: readonly string[];
  /** Over a connection that is kept (ControlMaster). */
  readonly kept: readonly string[];
}

/** Starts sshd on a free port; the kept connection is open already. */
export async function sshd(): Promise<Ssh> {
  const folder = join(scratch, "ssh");
  mkdirSync(folder, { mode: 0o700 });
  // Debian's sshd wants it, and makes it itself only as a service.
  mkdirSync("/run/sshd", { recursive: true, mode: 0o755 });
  for (const key of ["host", "user"]) {
    await ran(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", join(folder, key)]);
  }
  await ran(["cp", join(folder, "user.pub"), join(folder, "authorized")]);
  const port = freePort();
  const settings = [
    `Port ${port}`,
    "ListenAddress 127.0.0.1",
    `HostKey ${join(folder, "host")}`,
    `AuthorizedKeysFile ${join(folder, "authorized")}`,
    `PidFile ${join(folder, "pid")}`,
    "StrictModes no",
    "UsePAM no",
    "PasswordAuthentication no",
    "PermitRootLogin prohibit-password",
    "MaxStartups 100",
    // So that bash runs no ~/.bashrc before `true`: a person's settings there are not SSH's cost.
    "SetEnv SHLVL=1",
  ];
  writeFileSync(join(folder, "sshd_config"), `${settings.join("\n")}\n`);
  started(["/usr/sbin/sshd", "-D", "-f", join(folder, "sshd_config")]);
  const options = [
    "BatchMode=yes",
    `IdentityFile=${join(folder, "user")}`,
    "IdentitiesOnly=yes",
    `UserKnownHostsFile=${join(folder, "known")}`,
    "StrictHostKeyChecking=accept-new",
    "LogLevel=ERROR",
  ].flatMap((option) => ["-o", option]);
  const to = `${(await ran(["id", "-un"])).trim()}@127.0.0.1`;
  const ssh = (...more: readonly string[]): readonly string[] => {
    return ["ssh", "-F", "none", "-p", String(port), ...options, ...more, to];
  };
  const fresh = [...ssh("-o", "ControlPath=none"), "true"];
  await eventually(() => ran(fresh));
  const master = ["-o", `ControlPath=${join(folder, "master")}`];
  await ran(ssh(...master, "-o", "ControlPersist=600", "-M", "-N", "-f"));
  atEnd(() => ran(ssh(...master, "-O", "exit")));
  return { fresh, kept: [...ssh(...master), "true"] };
}
