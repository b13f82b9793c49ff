/**
 * A session bus of its own with the reference implementation of D-Bus, a service that takes
 * notifications, and a monitor that records them. Gone after the block.
 */

import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { hasProgram } from "./skip.ts";
import { until } from "./until.ts";

/** The reason that notifications cannot be tried on a machine. */
export const noBus = "it needs dbus-daemon, dbus-monitor, dbus-test-tool, gdbus or busctl; Linux";

/** True where notifications can be tried on this machine. */
export const canBus =
  process.platform === "linux" &&
  ["dbus-daemon", "dbus-monitor", "dbus-test-tool"].every(hasProgram) &&
  ["gdbus", "busctl"].some(hasProgram);

/** A bus that runs. */
export interface Bus extends Disposable {
  readonly address: string;
  /** The strings of each notification that was asked for, in order. */
  shown(): readonly (readonly string[])[];
  /** Has a service take notifications: one that answers, or one that never does. */
  serve(how: "echo" | "black-hole"): Promise<AsyncDisposable>;
}

const name = "org.freedesktop.Notifications";

/** Starts a bus. */
export async function bus(): Promise<Bus> {
  const folder = mkdtempSync(join(tmpdir(), "peernet-bus-"));
  const path = join(folder, "bus");
  const address = `unix:path=${path}`;
  const environment = { PATH: process.env.PATH ?? "", DBUS_SESSION_BUS_ADDRESS: address };
  const start = (...command: readonly string[]) =>
    Bun.spawn([...command], { env: environment, stdout: "pipe", stderr: "ignore" });
  const daemon = start("dbus-daemon", "--session", "--nofork", `--address=${address}`);
  await until("the bus is there", () => existsSync(path));
  const monitor = start("dbus-monitor", "--session", `interface='${name}'`);
  let said = "";
  void (async () => {
    const decoder = new TextDecoder();
    for await (const chunk of monitor.stdout) said += decoder.decode(chunk);
  })();
  // It is told of a name that it lost when it became a monitor.
  await until("the monitor listens", () => said.includes("NameLost"));
  const owned = async (): Promise<boolean> => {
    const asked = "org.freedesktop.DBus.NameHasOwner";
    const where = ["--dest=org.freedesktop.DBus", "/", asked, `string:${name}`];
    const child = start("dbus-send", "--session", "--print-reply=literal", ...where);
    return (await new Response(child.stdout).text()).includes("true");
  };
  return {
    address,
    shown: () => notificationsIn(said),
    serve: async (how) => {
      const service = start("dbus-test-tool", how, `--name=${name}`);
      await until("the service has its name", owned);
      return {
        // Until it has ended it keeps the name, and the next service would not get it.
        [Symbol.asyncDispose]: async () => {
          service.kill();
          await service.exited;
          await until("the name is free", async () => !(await owned()));
        },
      };
    },
    [Symbol.dispose]: () => {
      for (const child of [monitor, daemon]) child.kill();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** The strings of each call of Notify, as dbus-monitor prints them. */
const notificationsIn = (said: string): readonly (readonly string[])[] =>
  said
    .split(/^(?=method call|method return|signal|error)/m)
    .filter((message) => message.includes("member=Notify\n") && /int32 -1/.test(message))
    .map((message) => [...message.matchAll(/^ {3}string "(.*)"$/gm)].map(([, text = ""]) => text));
