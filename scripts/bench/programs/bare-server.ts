/** The least that a server can be: says it back, on a unix socket. */

const [, , unix = ""] = process.argv;
Bun.serve({ unix, fetch: async (request) => Response.json(await request.json()) });
process.stdout.write("ready\n");
