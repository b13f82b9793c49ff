/** Tunnels of a task to the hosts that its rule names, and to no other. */

import { describe, expect } from "bun:test";
import { networkInterfaces } from "node:os";
import { hold } from "../../../../src/keeper/tasks/endpoint/peer.ts";
import { tunnels } from "../../../../src/keeper/tasks/endpoint/tunnel.ts";
import { timers } from "../../../../src/platform/clock/timers.ts";
import { skipUnless } from "../../../support/skip.ts";
import { until } from "../../../support/until.ts";
import { answerTo, canSign, modelAt, origin, raw, served, statusOf } from "./support.ts";

const test = skipUnless(canSign, "certificates for the origin need openssl");

const none = () => ({ bytes: 0 });

/** An address of this machine that is not its loopback's. */
const outer = Object.values(networkInterfaces())
  .flatMap((each) => each ?? [])
  .find(({ family, internal }) => family === "IPv4" && !internal)?.address;
const onOuter = skipUnless(outer !== undefined, "a tunnel needs an address besides loopback");

describe("a tunnel", () => {
  onOuter("carries bytes both ways, and ends with either end", async () => {
    let got = "";
    let isClosed = false;
    using host = Bun.listen({
      ...{ hostname: outer ?? "", port: 0 },
      socket: {
        data: (socket, bytes) => {
          got += bytes.toString();
          if (got.endsWith("\n")) socket.write("x".repeat(100));
        },
        close: () => {
          isClosed = true;
        },
      },
    });
    const target = `${outer}:${host.port}`;
    using endpoint = served({ model: null, hosts: [target], usd: null });
    const client = await raw(endpoint.path);
    client.write(`CONNECT ${target} HTTP/1.1\r\n\r\nfirst `);
    client.write("second\n");
    await until("the host answered", () => client.text().endsWith("x".repeat(100)));
    expect(client.text()).toStartWith("HTTP/1.1 200 Connected\r\n\r\nx");
    expect(got).toBe("first second\n");
    expect(endpoint.used()).toMatchObject({ reached: [target], refused: [], requests: 0 });
    client.end();
    await until("the host sees its end", () => isClosed);
  });

  test("is refused to a host that no rule names, and listed", async () => {
    using endpoint = served({ model: null, hosts: ["registry.npmjs.org:443"], usd: null });
    for (const target of [
      "github.com:443",
      "registry.npmjs.org:22",
      "registry.npmjs.org",
      "registry.npmjs.org.evil.example:443",
      "evil.example:443/registry.npmjs.org:443",
      "registry.npmjs.org:443@evil.example:443",
    ]) {
      const answer = await answerTo(endpoint.path, `CONNECT ${target} HTTP/1.1\r\n\r\n`);
      expect([target, statusOf(answer)]).toEqual([target, 403]);
      expect(endpoint.used().refused).toContain(`CONNECT ${target}`);
    }
    expect(endpoint.used().reached).toEqual([]);
  });

  test("is never to the model's host, where another's key would work", async () => {
    using model = origin();
    const { host } = new URL(model.url);
    using endpoint = served({ model: modelAt(model), hosts: [host, "localhost:443"], usd: 1 });
    for (const target of [host, "LOCALHOST:443", "localhost:443"]) {
      const answer = await answerTo(endpoint.path, `CONNECT ${target} HTTP/1.1\r\n\r\n`);
      expect(statusOf(answer)).toBe(403);
      // Refused by its name, before anything was looked up.
      expect(endpoint.used().refused).toContain(`CONNECT ${target}`);
    }
    expect(model.received).toEqual([]);
  });

  test("is never to this machine, whatever a name leads to", async () => {
    const reached = new Set<string>();
    const hosts = ["localhost:443", "127.0.0.1:443", "[::1]:443", "169.254.169.254:80"];
    const { open } = tunnels({ model: null, hosts, usd: null }, timers);
    const peer = hold({ write: () => 0, end: () => 0, pause: () => {}, resume: () => {} }, none());
    for (const host of hosts) {
      expect(await open(host, peer, reached)).toContain("no address outside of this machine");
    }
    expect([...reached]).toEqual([]);
  });

  test("lets nothing but tunnels out where a task has no model", async () => {
    using endpoint = served({ model: null, hosts: ["registry.npmjs.org:443"], usd: null });
    const text = "GET http://registry.npmjs.org/ HTTP/1.1\r\n\r\n";
    expect(statusOf(await answerTo(endpoint.path, text))).toBe(403);
    expect(endpoint.used().refused).toEqual(["GET http://registry.npmjs.org/"]);
  });
});
