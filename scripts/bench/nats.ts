/** As much of NATS's client protocol as a request and its reply need. */

/** A connection to a NATS server. */
export interface Nats {
  /** Asks a subject; resolves with the reply. */
  request(subject: string, body: string): Promise<string>;
  /** Answers the requests on a subject. */
  reply(subject: string, answer: (body: string) => string): void;
}

/** Connects to a NATS server on loopback. */
export async function natsAt(port: number): Promise<Nats> {
  const inbox = `_INBOX.${Bun.randomUUIDv7()}`;
  const waiting = new Map<string, (body: string) => void>();
  let answer: ((body: string) => string) | null = null;
  let pending = "";
  const ready = Promise.withResolvers<void>();
  const take = (subject: string, replyTo: string | null, body: string): void => {
    if (replyTo !== null && answer !== null) publish(replyTo, answer(body));
    else waiting.get(subject)?.(body);
  };
  const socket = await Bun.connect({
    hostname: "127.0.0.1",
    port,
    socket: {
      data: (_socket, chunk) => {
        pending += chunk.toString();
        pending = messages(pending, { take, pong: () => socket.write("PONG\r\n") });
        if (pending.startsWith("INFO") || pending === "") ready.resolve();
      },
    },
  });
  socket.setNoDelay(true);
  const publish = (subject: string, body: string, replyTo = ""): void => {
    const to = replyTo === "" ? "" : ` ${replyTo}`;
    socket.write(`PUB ${subject}${to} ${Buffer.byteLength(body)}\r\n${body}\r\n`);
  };
  socket.write(`CONNECT {"verbose":false,"pedantic":false}\r\nSUB ${inbox}.* 1\r\n`);
  await ready.promise;
  let asked = 0;
  return {
    request: (subject, body) => {
      asked += 1;
      const own = `${inbox}.${asked}`;
      return new Promise((resolve) => {
        waiting.set(own, (reply) => {
          waiting.delete(own);
          resolve(reply);
        });
        publish(subject, body, own);
      });
    },
    reply: (subject, given) => {
      answer = given;
      socket.write(`SUB ${subject} 2\r\n`);
    },
  };
}

/** Connects to a server with streams; returns the function that adds a message, acknowledged. */
export async function jetStreamAt(port: number): Promise<(body: string) => Promise<string>> {
  const nats = await natsAt(port);
  const stream = { name: "bench", subjects: ["bench"], storage: "file", num_replicas: 1 };
  await nats.request("$JS.API.STREAM.CREATE.bench", JSON.stringify(stream));
  return (body) => nats.request("bench", body);
}

interface Taking {
  readonly take: (subject: string, replyTo: string | null, body: string) => void;
  readonly pong: () => void;
}

/** Takes every complete message of a text (ASCII here); returns the remaining text. */
function messages(text: string, { take, pong }: Taking): string {
  let rest = text;
  for (let end = rest.indexOf("\r\n"); end >= 0; end = rest.indexOf("\r\n")) {
    const line = rest.slice(0, end);
    if (!line.startsWith("MSG")) {
      if (line.startsWith("PING")) pong();
      rest = rest.slice(end + 2);
      continue;
    }
    const words = line.split(" ");
    const length = Number(words.at(-1));
    if (rest.length < end + 2 + length + 2) return rest;
    const body = rest.slice(end + 2, end + 2 + length);
    take(words[1] ?? "", words.length === 5 ? (words[3] ?? "") : null, body);
    rest = rest.slice(end + 2 + length + 2);
  }
  return rest;
}
