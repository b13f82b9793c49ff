/**
 * The form of a runner's manifest: its program, its words for each profile, its events, and the
 * endpoint of its model. Data alone; strict: an unknown key refuses the file.
 */

import { z } from "zod";
import { Name, text } from "../terms.ts";

const wordsMax = 64;
const word = text(4_096);
const words = z.array(word).max(wordsMax);
const list = z.array(text(256).min(1)).min(1).max(wordsMax);
const DottedPath = z.string().regex(/^[A-Za-z0-9_]{1,64}(\.[A-Za-z0-9_]{1,64}){0,7}$/);
/** The values that mark an event, by dotted paths. */
const Marks = z.record(DottedPath, z.union([text(64), z.boolean()]));
const FileName = z.string().regex(/^[a-z0-9][a-z0-9._-]{0,63}$/);
const HeaderName = z.string().regex(/^[a-z0-9-]{1,64}\*?$/);
/** A method and a target, exactly as a client sends them. */
const Target = z.string().regex(/^(GET|POST) \/[A-Za-z0-9/_.?=&-]{0,200}$/);
const perMillion = z.number().min(0).max(10_000);
const tokens = z.int().min(1).max(100_000_000);

/** Dollars per million tokens of some models. */
const Price = z.strictObject({
  models: list,
  input: perMillion,
  output: perMillion,
  cache_read: perMillion,
  cache_write: perMillion,
  /** Of an entry that is kept for an hour. */
  cache_write_long: perMillion,
  /** Factors of a request whose prompt has more tokens. */
  long: z.strictObject({ above: tokens, input: perMillion, output: perMillion }).optional(),
});
export type Price = z.infer<typeof Price>;

const kinds = ["input", "cache_write", "cache_write_long", "cache_read", "output"] as const;

const ModelEndpoint = z.strictObject({
  origin: z.string().regex(/^https:\/\/[a-z0-9.-]{1,253}(:[0-9]{1,5})?$/, {
    error: "an origin is https://HOST or https://HOST:PORT",
  }),
  /** A file of certificates beside the manifest, for a gateway of one's own. */
  ca: FileName.optional(),
  /** The header that carries the credential, with the word before it. */
  credential: z.strictObject({ header: HeaderName, prefix: text(32).default("") }),
  /** Headers that are passed on; a name that ends with * stands for all that begin so. */
  headers: z.array(HeaderName).max(wordsMax),
  metered: z.array(Target).min(1).max(16),
  free: z.array(Target).max(16).default([]),
  body: z.strictObject({
    keys: list,
    /** Keys whose content is searched. */
    walked: list,
    /** Keys whose content is not: arguments and schemas of the client's own tools. */
    opaque: z.array(text(64)).max(wordsMax),
    types: list,
    tools: list,
    /** The key that limits a reply's tokens, and its highest value. */
    output: text(64).min(1),
    output_max: tokens,
  }),
  usage: z.strictObject({
    at: z.array(DottedPath).min(1).max(8),
    /** Types of the events with which a reply is whole. */
    final: list,
    counts: z
      .array(z.strictObject({ at: DottedPath, less: DottedPath.optional(), price: z.enum(kinds) }))
      .min(1)
      .max(16),
  }),
  prices: z.array(Price).min(1).max(64),
});
export type ModelEndpoint = z.infer<typeof ModelEndpoint>;

const Profile = z.strictObject({ argv: words });

/** A runner's manifest. */
export const Manifest = z.strictObject({
  version: z.literal(1, { error: "version = 1 is taken" }),
  /** A name that is looked up in folders of programs, or an absolute path. */
  program: z.string().regex(/^([a-z0-9][a-z0-9._-]{0,63}|\/.{1,1000})$/),
  /** The folder that belongs to it, so many steps up, known by a file in it. */
  folder: z.strictObject({ up: z.int().min(1).max(3), marker: FileName }).optional(),
  versions: z.strictObject({ argv: words, range: text(64).min(1) }),
  /** The line before each prompt: a prompt is never a client's own command. */
  before_prompt: text(256).min(1),
  /** Words before and after those of the profile. */
  argv: z.strictObject({ common: words, usd: words, first: words, later: words, last: words }),
  environment: z.record(z.string().regex(/^[A-Z][A-Z0-9_]{0,63}$/), text(1_024)),
  profiles: z.record(Name, Profile),
  events: z.strictObject({
    session: DottedPath,
    /** The event of a client's end, and of its messages. */
    end: Marks,
    message: Marks.optional(),
    claim: DottedPath.optional(),
    claim_of_message: DottedPath.optional(),
    cost: DottedPath.optional(),
    error: DottedPath.optional(),
    denials: DottedPath.optional(),
    denied: DottedPath.optional(),
  }),
  endpoint: ModelEndpoint,
});
export type Manifest = z.infer<typeof Manifest>;
