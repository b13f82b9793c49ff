/** The terms of all messages: names, fingerprints, codes, scopes, bounded text. */

import { z } from "zod";
import {
  branchBytesMax,
  codeDigits,
  handlesMax,
  pathBytesMax,
  projectBytesMax,
  questionBytesMax,
  sessionIdBytesMax,
  subjectCharactersMax,
  summaryBytesMax,
  tokenBytesMax,
  wordCharactersMax,
  wordsMax,
} from "./limits.ts";
import { described } from "./operation/described.ts";
import { grouped } from "./text/numeral.ts";

const nameGrammar = "[a-z0-9][a-z0-9-]{0,30}";

/** One half of a handle: a machine's or a session's name. Never normalised, only refused. */
export const Name = z.string().regex(new RegExp(`^${nameGrammar}$`), {
  error: "a name is 1 to 31 of a-z, 0-9 and -, and starts with a letter or digit",
});
export type Name = z.infer<typeof Name>;

/** `mini/hydrate`, or `hydrate` on its own machine. */
export const Handle = z.string().regex(new RegExp(`^(${nameGrammar}/)?${nameGrammar}$`), {
  error: "a handle is name or machine/name, each half 1 to 31 of a-z, 0-9 and -",
});
export type Handle = z.infer<typeof Handle>;

/** A handle, or `mini/` for every handle of a machine. */
export const HandleOrMachine = z
  .string()
  .regex(new RegExp(`^(${nameGrammar}/|(${nameGrammar}/)?${nameGrammar})$`), {
    error: "a handle is name, machine/name, or machine/ for all of them",
  });

/** `sha256:` and base64url of the SHA-256 of a certificate's DER. */
export const Fingerprint = z.string().regex(/^sha256:[A-Za-z0-9_-]{43}$/, {
  error: "a fingerprint is sha256: and 43 characters",
});
export type Fingerprint = z.infer<typeof Fingerprint>;

/** Six digits, once separators are taken out. */
export const PairingCode = z
  .string()
  .max(4 * codeDigits)
  .transform((text) => text.replace(/[\s-]/g, ""))
  .pipe(
    z
      .string()
      .regex(new RegExp(`^[0-9]{${codeDigits}}$`), { error: `a code is ${codeDigits} digits` }),
  );

/** A right that a peer may hold. A person can grant only those of this version. */
export const Scope = z.enum(["ask", "overlap", "message", "wake"]);
export type Scope = z.infer<typeof Scope>;
export const Scopes = z
  .array(Scope)
  .max(Scope.options.length)
  .refine((scopes) => new Set(scopes).size === scopes.length, { error: "a scope is named once" });

/** A right that a policy gives, never a grant. */
export const PolicyScope = z.enum(["read", "run"]);
export type PolicyScope = z.infer<typeof PolicyScope>;
/** A right as its machine tells the peer that holds it. */
export const ToldScope = z.enum([...Scope.options, ...PolicyScope.options]);
export type ToldScope = z.infer<typeof ToldScope>;

/** Words of another version: bounded; an unknown word is no error. */
const Words = z.array(z.string().max(wordCharactersMax)).max(wordsMax);

/** Scopes that another machine sent; unknown ones are ignored. */
export const ToldScopes = Words.transform((words) =>
  ToldScope.options.filter((scope) => words.includes(scope)),
).register(described, {
  words: `list of at most ${wordsMax} texts; known: \`${ToldScope.options.join("`, `")}\``,
});

/** Optional parts of the protocol that a build supports; unknown ones are ignored. */
export const Features = Words.default([]);

/** An id on the wire and in JSON: a UUIDv7 (RFC 9562), in lower case from here on. */
export const Id = z.uuidv7().toLowerCase().register(described, { words: "UUIDv7, in any case" });
/** Groups asks; minted by the asker's daemon unless given. */
export const ThreadId = Id;
/** Identifies one ask, so that a repeated one gets the same outcome. */
export const AskId = Id;

/** Text that is well-formed Unicode without NUL and of at most that many UTF-8 bytes. */
export const text = (bytesMax: number) =>
  inWords(`at most ${grouped(bytesMax)} bytes`, raw(bytesMax));

/** Registers the words of a text's bound. */
const inWords = (bound: string, schema: z.ZodString): z.ZodString =>
  schema.register(described, { words: `text, ${bound}` });

const raw = (bytesMax: number) =>
  z
    .string()
    .max(bytesMax)
    .refine((value) => value.isWellFormed() && !value.includes("\0"), {
      error: "text must be well-formed Unicode without NUL",
    })
    .refine((value) => bytesOf(value) <= bytesMax, {
      error: ({ input }) =>
        `at most ${grouped(bytesMax)} bytes; ${grouped(bytesOf(String(input)))} were given`,
    });

const bytesOf = (value: string): number => new TextEncoder().encode(value).length;

export const Question = text(questionBytesMax);
export const Summary = text(summaryBytesMax);
export const Project = inWords(
  `1 to ${projectBytesMax} bytes without control characters`,
  text(projectBytesMax).regex(/^\P{Cc}+$/u, {
    error: `a project is 1 to ${projectBytesMax} bytes without control characters`,
  }),
);
export const Branch = text(branchBytesMax);
export const Subject = inWords(
  `at most ${subjectCharactersMax} characters`,
  text(4 * subjectCharactersMax).refine((value) => [...value].length <= subjectCharactersMax, {
    error: `a subject is at most ${subjectCharactersMax} characters`,
  }),
);
export const SessionId = text(sessionIdBytesMax).min(1);
export const Path = text(pathBytesMax).min(1);

/** A commit, as SHA-1 or SHA-256. */
export const Commit = z.string().regex(/^([0-9a-f]{40}|[0-9a-f]{64})$/);
/** SHA-256 in lower-case hexadecimal. */
export const Digest = z.string().regex(/^[0-9a-f]{64}$/);
/** Milliseconds since 1970 by a wall clock: dates records, and decides nothing. */
export const Instant = z.int().min(0);
/** A duration or an age in milliseconds. */
export const Duration = z.int().min(0);
/** A port to dial. */
export const Port = z.int().min(1).max(65_535);
/** `address:port`, IPv6 in brackets, or a host name with an optional port. */
export const Address = z
  .string()
  .max(262)
  .regex(/^(\[[0-9A-Fa-f:.%a-z]+\]|[A-Za-z0-9][A-Za-z0-9.-]*|[0-9a-fA-F:]+)(:[0-9]{1,5})?$/, {
    error: "an address is HOST or HOST:PORT, IPv6 in brackets",
  })
  .refine((text) => Number(/[^:]:([0-9]+)$/.exec(text)?.[1] ?? 1) <= 65_535, {
    error: "a port is 1 to 65535",
  });
/** A numeric address as the socket gives it. */
export const IpAddress = z
  .string()
  .max(64)
  .regex(/^[0-9A-Fa-f:.]+(%[A-Za-z0-9_.-]+)?$/);
/** Bytes as base64url. */
export const Base64url = z.string().regex(/^[A-Za-z0-9_-]*$/);
/** A peer token on the wire. */
export const Token = z
  .string()
  .max(tokenBytesMax)
  .regex(/^[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+$/)
  .register(described, {
    words: `three parts of base64url joined by dots, at most ${grouped(tokenBytesMax)} bytes`,
  });

export const Names = z.array(Name).max(handlesMax);
