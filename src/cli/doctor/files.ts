/** Doctor's checks of the two files that a person writes: settings and policy. */

import type { Check } from "../../contract/doctor.ts";
import { PeernetError } from "../../contract/errors.ts";
import type { PolicyOutput } from "../../contract/policy/rows.ts";
import { configName, readConfig } from "../../platform/config.ts";

/** A check of settings that cannot be read; the daemon keeps those that it started with. */
export function configChecks(text: string | null): readonly Check[] {
  try {
    readConfig({ text, environment: {} });
    return [];
  } catch (error) {
    if (!(error instanceof PeernetError)) throw error;
    const fix = `mend ${configName} in the state folder, then: peernet stop, peernet start`;
    return [{ name: "settings", state: "failed", detail: error.message, fix }];
  }
}

/** A check of a policy that cannot be read: it lets nobody do anything. */
export function policyChecks({ fault }: Pick<PolicyOutput, "fault">): readonly Check[] {
  if (fault === null) return [];
  const detail = `policy.toml, line ${fault.line}: ${fault.message}; it lets nobody read or run`;
  return [{ name: "policy", state: "failed", detail, fix: "peernet policy edit" }];
}
