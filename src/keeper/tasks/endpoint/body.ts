/**
 * Judges the body of a request for a model. A model's own servers can fetch a URL, run a tool or
 * call another server for a caller: a body that asks for any of this is a way out, and is refused.
 * Only named keys, types and tools pass. Pure.
 */

import type { ModelEndpoint, Price } from "../../../contract/tasks/manifest.ts";
import { imageTokensMax } from "./limits.ts";

/** A body that may be sent. */
export interface Judged {
  readonly body: Readonly<Record<string, unknown>>;
  readonly price: Price;
  /** An estimate of its tokens, from above for text as people and programs write it. */
  readonly tokens: number;
  /** The output that it asks for, within the manifest's limit. */
  readonly output: number;
}

/** A body that is refused, and the part that refuses it. */
export interface Misfit {
  readonly misfit: string;
}

type Rules = ModelEndpoint["body"];

/** Nested deeper than any conversation: a walk of it would only take time. */
const depthMax = 64;

/** Keys whose value names something that a model's server would fetch. */
const fetched: ReadonlySet<string> = new Set([
  ...["url", "uri", "image_url", "file_url", "server_url", "file_id", "file", "container"],
]);

/** Judges a body by its manifest's rules. */
export function judgeBody(
  { body: rules, prices }: Pick<ModelEndpoint, "body" | "prices">,
  bytes: Uint8Array,
): Judged | Misfit {
  const body = parsed(bytes);
  if (body === null) return { misfit: "no JSON object" };
  const odd = Object.keys(body).find((key) => !rules.keys.includes(key));
  if (odd !== undefined) return { misfit: `key ${shown(odd)}` };
  const { model } = body;
  const price = typeof model === "string" ? priceOf(prices, model) : null;
  if (price === null) return { misfit: `model ${shown(model)}` };
  if (body.store === true) return { misfit: "store" };
  const walk: Walk = { rules, images: 0, imageBytes: 0 };
  for (const key of rules.walked) {
    const misfit = misfitIn(walk, body[key], 0);
    if (misfit !== null) return { misfit };
  }
  const tools = misfitOfTools(walk, body.tools);
  if (tools !== null) return { misfit: tools };
  const asked = body[rules.output];
  const isCount = typeof asked === "number" && Number.isInteger(asked) && asked > 0;
  const output = isCount ? Math.min(asked, rules.output_max) : rules.output_max;
  const text = tokensOf(bytes) - Math.floor(walk.imageBytes / 2);
  return { body, price, tokens: text + walk.images * imageTokensMax, output };
}

function parsed(bytes: Uint8Array): Readonly<Record<string, unknown>> | null {
  try {
    const value: unknown = JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes));
    return isObject(value) ? value : null;
  } catch {
    return null;
  }
}

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/** The row of a model's name, with or without the date of its release. */
function priceOf(prices: readonly Price[], model: string): Price | null {
  const name = model.replace(/-20\d{6}$|-20\d\d-\d\d-\d\d$/, "");
  return prices.find(({ models }) => models.includes(name)) ?? null;
}

interface Walk {
  readonly rules: Rules;
  images: number;
  /** Characters of their base64. */
  imageBytes: number;
}

/** The first part of a conversation that the rules do not name; null when all are named. */
function misfitIn(walk: Walk, value: unknown, depth: number): string | null {
  if (depth > depthMax) return "nesting";
  if (Array.isArray(value)) {
    for (const each of value) {
      const misfit = misfitIn(walk, each, depth + 1);
      if (misfit !== null) return misfit;
    }
    return null;
  }
  return isObject(value) ? misfitOfPart(walk, value, depth) : null;
}

function misfitOfPart(
  walk: Walk,
  part: Readonly<Record<string, unknown>>,
  depth: number,
): string | null {
  const { rules } = walk;
  const { type } = part;
  if (type !== undefined && !(typeof type === "string" && rules.types.includes(type))) {
    return `type ${shown(type)}`;
  }
  if (type === "base64") countImage(walk, part.data);
  for (const [key, value] of Object.entries(part)) {
    // Arguments and schemas of the client's own tools: no server reads them as anything but text.
    if (rules.opaque.includes(key)) continue;
    if (fetched.has(key)) {
      if (!isData(value)) return `key ${shown(key)}`;
      countImage(walk, value);
    }
    const misfit = key === "tools" ? misfitOfTools(walk, value) : misfitIn(walk, value, depth + 1);
    if (misfit !== null) return misfit;
  }
  return null;
}

function countImage(walk: Walk, data: unknown): void {
  walk.images += 1;
  if (typeof data === "string") walk.imageBytes += data.length;
}

const isData = (value: unknown): boolean =>
  typeof value === "string" && /^data:image\/[a-z]+;base64,/.test(value);

/** Tools that the client itself carries out are named by type; a server's own are not. */
function misfitOfTools(walk: Walk, tools: unknown): string | null {
  if (tools === undefined || tools === null) return null;
  if (!Array.isArray(tools)) return "tools";
  for (const tool of tools) {
    if (!isObject(tool)) return "tools";
    const { type = "custom", tools: nested } = tool;
    if (!(typeof type === "string" && walk.rules.tools.includes(type)))
      return `tool ${shown(type)}`;
    const misfit = misfitOfTools(walk, nested);
    if (misfit !== null) return misfit;
  }
  return null;
}

/** Two bytes of ASCII are a token, and each other byte is one. */
function tokensOf(bytes: Uint8Array): number {
  let others = 0;
  for (const byte of bytes) if (byte > 0x7f) others += 1;
  return Math.ceil((bytes.length - others) / 2) + others;
}

/** A word of the caller, short and printable. */
const shown = (value: unknown): string =>
  typeof value === "string" ? value.replace(/[^\x20-\x7e]/g, "?").slice(0, 64) : "of no text";
