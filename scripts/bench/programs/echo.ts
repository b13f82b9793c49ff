/**
 * The smallest possible audited answer: the same kind of listener as the daemon's (TLS 1.3 with a
 * client certificate, HTTP/1.1, JSON). It returns its input once one row of about an audit record's
 * size is durable.
 */

import { Database } from "bun:sqlite";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { createServer as createTlsServer } from "node:tls";
import { newIdentity } from "../../../test/daemon/attack/connection.ts";

const [, , path = ""] = process.argv;
const database = new Database(path, { create: true, strict: true });
database.run("PRAGMA journal_mode = WAL");
database.run("PRAGMA synchronous = FULL");
database.run("CREATE TABLE IF NOT EXISTS record (seq INTEGER PRIMARY KEY, text TEXT) STRICT");
const insert = database.query("INSERT INTO record (text) VALUES (?)");
const text = "x".repeat(500);
const { certificate, key } = newIdentity();

const http = createServer(async (incoming, outgoing) => {
  const chunks: Uint8Array[] = [];
  for await (const chunk of incoming) chunks.push(chunk);
  const body = JSON.stringify(JSON.parse(Buffer.concat(chunks).toString()));
  insert.run(text);
  const length = Buffer.byteLength(body);
  outgoing.writeHead(200, { "content-type": "application/json", "content-length": length });
  outgoing.end(body);
});
const tls = createTlsServer(
  {
    cert: certificate,
    key,
    minVersion: "TLSv1.3",
    requestCert: true,
    rejectUnauthorized: false,
  },
  (socket) => http.emit("connection", socket),
);
tls.listen({ host: "127.0.0.1", port: 0 }, () => {
  // A TCP server's address is never a string.
  const { port } = tls.address() as AddressInfo;
  process.stdout.write(`127.0.0.1:${port}\n`);
});
