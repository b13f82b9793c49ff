/**
 * The service under a real user manager of systemd, in namespaces of its own: it runs after setup,
 * stays stopped after `peernet stop`, is started again after a crash, and is gone after uninstall.
 */

import { expect, setDefaultTimeout } from "bun:test";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { executable, isBuilt, notBuilt } from "../../support/executable.ts";
import { hasProgram, longWanted, skipUnless } from "../../support/skip.ts";

const needed = ["systemctl", "dbus-daemon", "unshare", "ip"];
const canRun = isBuilt && process.geteuid?.() === 0 && needed.every(hasProgram);
const why = isBuilt ? `a user manager needs root and ${needed.join(", ")}` : notBuilt;
setDefaultTimeout(60_000);

/** Starts a user manager that believes the machine was booted by systemd, then runs a script. */
const around = (script: string): string => `
set -u
mount -t tmpfs tmpfs /run && mkdir -p /run/systemd/system /run/user && chmod 700 /run/user
export XDG_RUNTIME_DIR=/run/user DBUS_SESSION_BUS_ADDRESS=unix:path=/run/user/bus
ip link set lo up
dbus-daemon --session --address=unix:path=/run/user/bus --nofork --nopidfile 2>/dev/null &
/lib/systemd/systemd --user >/dev/null 2>&1 &
soon() { for _ in $(seq 200); do "$@" >/dev/null 2>&1 && return; sleep 0.1; done; false; }
state() { systemctl --user is-active peernet.service; }
soon systemctl --user show-environment || exit 9
mkdir -p "$HOME/.claude"
peernet setup --yes --name mini --listen local >/dev/null || exit 8
${script}
`;

/** The lines that a script printed, in a home whose path has a space. */
function lines(script: string): readonly string[] {
  const folder = mkdtempSync(join(tmpdir(), "peernet-systemd-"));
  try {
    const command = ["unshare", "-m", "-n", "-p", "-f", "--mount-proc", "bash", "-c"];
    const ran = Bun.spawnSync(
      [...command, `peernet() { '${executable}' "$@"; }${around(script)}`],
      {
        env: {
          PATH: process.env.PATH ?? "",
          HOME: join(folder, "a home"),
          PEERNET_LISTEN_PORT: "0",
          USER: "root",
        },
      },
    );
    return [...ran.stdout.toString().trim().split("\n"), `exit ${ran.exitCode}`];
  } finally {
    rmSync(folder, { recursive: true });
  }
}

skipUnless(canRun, why)("the service runs from setup on, stays stopped, and goes", () => {
  const script = `
state
peernet doctor --json | grep -o '"name":"service","state":"ok"'
peernet stop >/dev/null 2>&1
state
systemctl --user start peernet.service; state
peernet start >/dev/null; state
systemctl --user stop peernet.service
peernet setup --yes >/dev/null; state
peernet uninstall --yes | grep -c 'removed: setup made it'
state
find "$HOME/.config" 2>/dev/null | wc -l`;
  expect(lines(script)).toEqual([
    "active",
    '"name":"service","state":"ok"',
    "inactive",
    "inactive",
    "active",
    "active",
    "4",
    "inactive",
    "0",
    "exit 0",
  ]);
});

skipUnless(canRun, why)("the keeper runs from login on where notifications are wanted", () => {
  const script = `
keeper() { systemctl --user is-active peernet-keeper.service; }
keeper
printf '[notify]\\ndesktop = true\\n' >> "$HOME/.peernet/config.toml"
peernet setup --yes >/dev/null
systemctl --user is-enabled peernet-keeper.service
# As after a boot, where no command has started a keeper.
peernet stop >/dev/null 2>&1
systemctl --user stop peernet-keeper.service
rm "$HOME/.peernet/stopped"
systemctl --user start peernet.service peernet-keeper.service
runs() { peernet status --json | grep -q '"keeper":"runs"'; }
soon runs && keeper
kill -9 "$(systemctl --user show -p MainPID --value peernet-keeper.service)"
soon keeper && keeper
peernet uninstall --yes >/dev/null; keeper
find "$HOME/.config" 2>/dev/null | wc -l`;
  expect(lines(script)).toEqual([
    "inactive",
    "enabled",
    "active",
    "active",
    "inactive",
    "0",
    "exit 0",
  ]);
});

skipUnless(canRun && longWanted, "set PEERNET_TEST_LONG=1: the manager waits before it restarts")(
  "the service is started again after a crash",
  () => {
    const script = `
first=$(systemctl --user show -p MainPID --value peernet.service)
kill -9 "$first"
pid() { systemctl --user show -p MainPID --value peernet.service; }
again() { [ "$(pid)" != 0 ] && [ "$(pid)" != "$first" ]; }
soon again && soon peernet status && state`;
    expect(lines(script)).toEqual(["active", "exit 0"]);
  },
);
