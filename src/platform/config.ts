/**
 * The configuration of a state folder: `config.toml`, overridden by the environment. Errors name
 * the key, unknown keys are refused, and no error widens the listening addresses.
 */

import { realpathSync } from "node:fs";
import { hostname } from "node:os";
import { z } from "zod";
import { PeernetError } from "../contract/errors.ts";
import { portDefault } from "../contract/limits.ts";
import { Address, IpAddress, Name, Path } from "../contract/terms.ts";
import { fittingName } from "../contract/text/naming.ts";
import { stateNames } from "../contract/text/state-names.ts";
import { unfit, worded } from "../contract/text/unfit.ts";
import { webhooksMax } from "../contract/webhooks/limits.ts";
import { type WebhookEvent, WebhookUrl, webhookEvents } from "../contract/webhooks/webhooks.ts";

const Port = z.int().min(0).max(65_535);

const Folder = Path.regex(/^(\/|~(\/|$))/, {
  error: "a folder is an absolute path, or begins with ~/",
}).refine((path) => !path.split("/").includes(".."), { error: "a folder has no .. in its path" });

const File = z.strictObject({
  machine: z.strictObject({ name: Name.optional() }).default({}),
  listen: z
    .strictObject({
      addresses: z
        .array(z.union([z.enum(["tailnet", "lan"]), IpAddress]))
        .max(16)
        .optional(),
      port: Port.default(portDefault),
    })
    .prefault({}),
  discovery: z
    .strictObject({
      tailnet: z.boolean().default(true),
      addresses: z.array(Address).max(64).default([]),
    })
    .prefault({}),
  tailnet: z.strictObject({ same_user_only: z.boolean().default(true) }).prefault({}),
  sessions: z
    .strictObject({
      activate: z.enum(["repositories", "folders", "none"]).default("none"),
      folders: z.array(Folder).max(256).default([]),
      exclude: z.array(Folder).max(256).default([]),
      headless: z.boolean().default(false),
    })
    .prefault({}),
  messages: z
    .strictObject({
      to: z.array(Name).max(256).default(["mine"]),
      wake: z.enum(["always", "never"]).default("always"),
      wake_unattended: z.array(Name).max(256).default([]),
    })
    .prefault({}),
  metrics: z
    .strictObject({
      listen: z
        .string()
        .regex(/^(unix|127\.0\.0\.1:[0-9]{1,5}|\[::1\]:[0-9]{1,5})?$/, {
          error: "metrics are served at unix, or at 127.0.0.1:PORT or [::1]:PORT",
        })
        .default(""),
      names: z.boolean().default(false),
    })
    .prefault({}),
  webhook: z
    .array(
      z
        .strictObject({
          url: WebhookUrl,
          secret_file: Folder.optional(),
          events: z
            .array(z.enum(webhookEvents))
            .min(1)
            .default([...webhookEvents]),
          text: z.boolean().default(false),
        })
        .refine(({ url, secret_file }) => url.startsWith("unix:") || secret_file !== undefined, {
          error: "a webhook at a port has a secret_file",
        }),
    )
    .max(webhooksMax)
    .default([]),
  notify: z
    .strictObject({ desktop: z.boolean().default(false), bell: z.boolean().default(false) })
    .prefault({}),
});

/** The settings of a state folder. */
export interface Config {
  readonly machine: { readonly name: string };
  readonly listen: {
    /** Addresses, and the words `tailnet` and `lan`; null when no setting gives them. */
    readonly addresses: readonly string[] | null;
    readonly port: number;
  };
  readonly discovery: { readonly tailnet: boolean; readonly addresses: readonly string[] };
  readonly tailnet: { readonly sameUserOnly: boolean };
  readonly sessions: SessionsConfig;
  readonly messages: MessagesConfig;
  /** Absent while nothing is served. */
  readonly metrics?: MetricsConfig;
  /** Absent while none is told of events. */
  readonly webhooks?: readonly WebhookConfig[];
  readonly notify: {
    /** True when the desktop shows notifications. */
    readonly desktop: boolean;
    /** True when an agent's terminal rings as mail arrives for its session. */
    readonly bell: boolean;
  };
}

/** A program of this user that is told of events. */
export interface WebhookConfig {
  readonly url: string;
  /** The file of its secret; null for a socket whose events are not signed. */
  readonly secretFile: string | null;
  readonly events: readonly WebhookEvent[];
  /** True when it is told the text of a message. */
  readonly text: boolean;
}

/** The serving of metrics. */
export interface MetricsConfig {
  /** `unix` for a socket in the state folder, or a loopback address with its port; "" for none. */
  readonly listen: string;
  /** True when metrics name the peers; otherwise each has a number. */
  readonly names: boolean;
}

/** The settings' file inside the state folder. */
export const configName = stateNames.config;

/**
 * The meanings of `~` in a folder of the settings: the user's home and, when that is a link, its
 * target. The hook follows other links, for the excluded folders.
 */
export function homesOf({ HOME }: ConfigSources["environment"]): readonly string[] {
  if (!HOME?.startsWith("/")) return [];
  try {
    return [...new Set([HOME, realpathSync(HOME)])];
  } catch {
    return [HOME];
  }
}

/** The sessions of coding agents that take a handle by themselves. */
export interface SessionsConfig {
  /** Every session in a work tree, only those in a work tree under `folders`, or none. */
  readonly activate: "repositories" | "folders" | "none";
  /** Paths that are absolute or begin with `~`. */
  readonly folders: readonly string[];
  /** Folders in which no session takes a handle, whatever else is set. */
  readonly exclude: readonly string[];
  /** True when sessions that no person uses take one too. */
  readonly headless: boolean;
}

/** The limits of a model's messages, and of messages that start a turn here. */
export interface MessagesConfig {
  /** Machines to which a model's message may go; `mine` names those granted by `mine`. */
  readonly to: readonly string[];
  /** `never`: a message waits for the session's next turn, whatever a grant says. */
  readonly wake: "always" | "never";
  /** Machines that may wake a session that would act without asking. */
  readonly wakeUnattended: readonly string[];
}

/** The sources of the settings. */
export interface ConfigSources {
  /** The text of config.toml, or null when there is no file. */
  readonly text: string | null;
  readonly environment: Readonly<Record<string, string | undefined>>;
}

/** The variables that override the file, for the environment of a new daemon. */
export const configVariables = [
  "PEERNET_MACHINE_NAME",
  "PEERNET_LISTEN_ADDRESSES",
  "PEERNET_LISTEN_PORT",
  "PEERNET_DISCOVERY_ADDRESSES",
] as const;

/** Reads the settings. @throws {bad_request} naming the key */
export function readConfig(sources: ConfigSources): Config {
  const parsed = File.safeParse(over(parseToml(sources.text ?? ""), sources.environment), worded);
  if (!parsed.success) throw invalid(unfit(parsed.error.issues).message);
  const { machine, listen, discovery, tailnet, sessions, messages, notify, metrics } = parsed.data;
  const webhooks = parsed.data.webhook.map(({ secret_file, ...hook }) => ({
    ...hook,
    secretFile: secret_file ?? null,
  }));
  return {
    machine: { name: machine.name ?? slugOfHost(hostname()) },
    listen: { addresses: listen.addresses ?? null, port: listen.port },
    discovery,
    tailnet: { sameUserOnly: tailnet.same_user_only },
    sessions,
    messages: {
      to: messages.to,
      wake: messages.wake,
      wakeUnattended: messages.wake_unattended,
    },
    notify,
    ...(metrics.listen === "" && !metrics.names ? {} : { metrics }),
    ...(webhooks.length === 0 ? {} : { webhooks }),
  };
}

function parseToml(text: string): Record<string, unknown> {
  try {
    // Bun's parser gives an object for any TOML document; the schema judges what is in it.
    return Bun.TOML.parse(text) as Record<string, unknown>;
  } catch (error) {
    throw invalid(error instanceof Error ? error.message : "not TOML");
  }
}

function over(
  file: Record<string, unknown>,
  environment: ConfigSources["environment"],
): Record<string, unknown> {
  const name = environment.PEERNET_MACHINE_NAME;
  const addresses = environment.PEERNET_LISTEN_ADDRESSES;
  const port = environment.PEERNET_LISTEN_PORT;
  const found = environment.PEERNET_DISCOVERY_ADDRESSES;
  const machine = name === undefined ? {} : { name };
  const discovery = found === undefined ? {} : { addresses: found.split(",").filter(Boolean) };
  const listen = {
    ...(addresses === undefined ? {} : { addresses: addresses.split(",").filter(Boolean) }),
    ...(port === undefined ? {} : { port: /^\d+$/.test(port) ? Number(port) : port }),
  };
  return {
    ...file,
    machine: merge(file.machine, machine),
    listen: merge(file.listen, listen),
    discovery: merge(file.discovery, discovery),
  };
}

const merge = (section: unknown, over: Record<string, unknown>): unknown =>
  section === undefined || (typeof section === "object" && !Array.isArray(section))
    ? { ...section, ...over }
    : section;

/** The first label of a host's name as a machine name. */
const slugOfHost = (host: string): string => fittingName(host.split(".")[0] ?? "") || "machine";

const invalid = (what: string): PeernetError =>
  new PeernetError("bad_request", {
    message: `config.toml: ${what}`,
    hint: "mend config.toml in the state folder",
  });
