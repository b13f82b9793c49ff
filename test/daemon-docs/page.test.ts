/** The page: whole without a network, and nothing on it that its own policy forbids. */

import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { control } from "../../src/contract/control.ts";
import { errorTable } from "../../src/contract/errors.ts";
import { type Docs, serveDocs } from "../../src/daemon/api/docs.ts";
import { docsPage, docsStyle, type Schema } from "../../src/daemon/api/docs-page.ts";

let docs: Docs;
let page = "";
let reply: Response;
beforeAll(async () => {
  docs = await serveDocs();
  reply = await fetch(docs.url);
  page = await reply.text();
});
afterAll(() => docs.close());

const matches = (text: string, pattern: RegExp): readonly string[] =>
  [...text.matchAll(pattern)].map(([, found = ""]) => found);

/** The visible text of some markup. */
const shown = (markup: string): string =>
  markup
    .replace(/<\/?(ul|li|p)>/g, " ")
    .replace(/<[^>]*>/g, "")
    .replaceAll("&quot;", '"')
    .replaceAll("&#x27;", "'")
    .replaceAll("&lt;", "<")
    .replaceAll("&gt;", ">")
    .replaceAll("&amp;", "&");

/** A document with one operation with this input. */
const taking = (schema: Schema, summary = "what it does") => ({
  info: { title: "title", version: "1", description: "what it is" },
  paths: {
    "/v1/one": {
      post: {
        operationId: "one",
        summary,
        requestBody: { content: { "application/json": { schema } } },
        responses: {},
      },
    },
  },
  components: { schemas: {} },
});

const links = { documentPath: "/d", stylePath: "/s" };

/** The page's text about the input of an operation. */
const taken = (schema: Schema): string =>
  shown(/<h3>Takes<\/h3>([\s\S]*?)<details>/.exec(docsPage(taking(schema), links))?.[1] ?? "")
    .replace(/\s+/g, " ")
    .trim();

describe("serveDocs() serves a page", () => {
  test("with every operation, what it does and how it fails", () => {
    for (const [path, row] of Object.entries(control)) {
      const id = path.replaceAll("/", "_");
      const section = new RegExp(`<section id="${id}">.*?</section>`, "s").exec(page)?.[0] ?? "";
      expect([path, shown(section).includes(`POST /v1/${path}`)]).toEqual([path, true]);
      expect(shown(section)).toContain(row.summary);
      for (const code of row.errors) {
        expect(shown(section)).toContain(`${code}: ${errorTable[code].message}.`);
      }
    }
  });

  test("whose links all lead somewhere on it or to what is served beside it", async () => {
    const places = matches(page, /(?:href|src|action|data)="([^"]*)"/g);
    const ids = new Set(matches(page, / id="([^"]*)"/g));
    const anchors = places.filter((place) => place.startsWith("#"));
    expect(anchors.length).toBeGreaterThan(Object.keys(control).length);
    expect(anchors.filter((anchor) => !ids.has(anchor.slice(1)))).toEqual([]);
    const beside = places.filter((place) => !place.startsWith("#"));
    expect(beside.sort()).toEqual(["/openapi.json", "/page.css"]);
    for (const place of beside) {
      expect((await fetch(new URL(place, docs.url))).status).toBe(200);
    }
  });

  test("without an address of another place, in its style neither", async () => {
    const style = await (await fetch(`${docs.url}page.css`)).text();
    expect(style).toBe(docsStyle);
    for (const text of [page, style]) {
      expect(matches(text, /((?:[a-z]+:)?\/\/[^\s"'<]*)/gi)).toEqual([]);
    }
    expect(style).not.toMatch(/url\(|@import|@font-face/);
  });

  test("without script, inline style, form or frame: nothing its policy would stop", () => {
    expect(reply.headers.get("content-security-policy")).toBe(
      "default-src 'none'; style-src 'self'; base-uri 'none'; form-action 'none'; " +
        "frame-ancestors 'none'",
    );
    const elements = new Set(matches(page, /<([a-z][a-z0-9]*)/g));
    const loading = ["script", "style", "img", "iframe", "object", "embed", "form", "base", "svg"];
    expect(loading.filter((element) => elements.has(element))).toEqual([]);
    expect(matches(page, /<[^>]* (style|on[a-z]+)=/g)).toEqual([]);
    expect(page).not.toContain("javascript:");
    expect(matches(page, /<(link[^>]*)>/g)).toEqual(['link rel="stylesheet" href="/page.css"']);
  });

  test("with headers that keep it where it is, as has everything beside it", async () => {
    for (const path of ["", "page.css", "openapi.json", "nothing"]) {
      const { headers } = await fetch(`${docs.url}${path}`);
      expect(headers.get("content-security-policy")).toStartWith("default-src 'none'; ");
      expect(headers.get("x-content-type-options")).toBe("nosniff");
      expect(headers.get("referrer-policy")).toBe("no-referrer");
      expect(headers.get("cache-control")).toBe("no-store");
      expect(headers.get("cross-origin-resource-policy")).toBe("same-origin");
      expect(headers.get("cross-origin-opener-policy")).toBe("same-origin");
      expect(headers.get("access-control-allow-origin")).toBeNull();
      expect(headers.get("set-cookie")).toBeNull();
    }
  });

  test("as HTML, its style as CSS", async () => {
    expect(reply.headers.get("content-type")).toBe("text/html; charset=utf-8");
    const style = await fetch(`${docs.url}page.css`);
    expect(style.headers.get("content-type")).toBe("text/css; charset=utf-8");
  });

  test("that is the same for every reader and each time", async () => {
    const other = await serveDocs();
    expect(await (await fetch(other.url)).text()).toBe(page);
    await other.close();
  });
});

describe("docsPage()", () => {
  const cases: readonly (readonly [string, Schema])[] = [
    ["An empty object.", { type: "object" }],
    ["string 1 to 64 characters", { type: "string", minLength: 1, maxLength: 64 }],
    ["string at most 8 characters, ^a+$", { type: "string", maxLength: 8, pattern: "^a+$" }],
    ["string | null uuid", { type: "string", nullable: true, format: "uuid", pattern: "^x$" }],
    ["integer at least 0", { type: "integer", minimum: 0, maximum: Number.MAX_SAFE_INTEGER }],
    ["integer 0 to 9, default 5", { type: "integer", minimum: 0, maximum: 9, default: 5 }],
    ["integer at most 3", { type: "integer", maximum: 3 }],
    ['"a" | "b"', { type: "string", enum: ["a", "b"] }],
    ["array of string", { type: "array", items: { type: "string" } }],
    ["array of at most 2 string", { type: "array", maxItems: 2, items: { type: "string" } }],
    ["one of string boolean", { oneOf: [{ type: "string" }, { type: "boolean" }] }],
    ["Error", { $ref: "#/components/schemas/Error/properties/error" }],
    [
      "a string b optional object | null c number",
      {
        type: "object",
        properties: {
          a: { type: "string" },
          b: {
            type: "object",
            nullable: true,
            properties: { c: { type: "number" } },
            required: ["c"],
          },
        },
        required: ["a"],
      },
    ],
  ];
  for (const [text, schema] of cases) {
    test(`shows ${text} when that is taken`, () => {
      expect(taken(schema)).toBe(text);
    });
  }

  test("escapes every text, wherever it stands", () => {
    const hostile = `"'><script>alert(1)</script>&`;
    const document = taking({ type: "object", properties: { [hostile]: { enum: [hostile] } } });
    const info = { title: hostile, version: hostile, description: hostile };
    const written = docsPage(
      { ...document, info, components: { schemas: { [hostile]: { pattern: hostile } } } },
      { documentPath: hostile, stylePath: hostile },
    );
    expect(written).not.toContain("<script");
    expect(written).not.toContain(`"'>`);
    expect(shown(written)).toContain(hostile);
  });

  test("knows every keyword of the schemas that are served", async () => {
    const known = [
      ...["type", "nullable", "enum", "format", "pattern", "minimum", "maximum", "minLength"],
      ...[
        "maxLength",
        "minItems",
        "maxItems",
        "default",
        "items",
        "properties",
        "required",
        "anyOf",
      ],
      // Said of details only: they may hold anything.
      ...["oneOf", "$ref", "additionalProperties"],
    ];
    const unknown = new Set<string>();
    const walk = (schema: Readonly<Record<string, unknown>>): void => {
      for (const key of Object.keys(schema)) if (!known.includes(key)) unknown.add(key);
      const { properties, items, anyOf, oneOf } = Object(schema);
      const inner = [...Object.values(Object(properties)), items, anyOf, oneOf].flat();
      for (const each of inner) if (each !== undefined) walk(Object(each));
    };
    const find = (value: unknown): void => {
      if (typeof value !== "object" || value === null) return;
      for (const [key, inner] of Object.entries(value)) {
        if (key === "schema") walk(inner);
        else find(inner);
      }
    };
    find(await (await fetch(`${docs.url}openapi.json`)).json());
    expect([...unknown]).toEqual([]);
  });
});
