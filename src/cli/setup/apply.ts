/** Carries the plan out, brings the daemon up, and checks each registration. */

import type { Check } from "../../contract/doctor.ts";
import { PeernetError } from "../../contract/errors.ts";
import { stateNames } from "../../contract/text/state-names.ts";
import { stateFiles } from "../../platform/files.ts";
import { type Applied, apply } from "../../setup/apply/apply.ts";
import { readLedger, writeLedger } from "../../setup/apply/ledger.ts";
import { agentChecks } from "../../setup/health/health.ts";
import { ledgerIn } from "../../setup/home.ts";
import type { Plan } from "../../setup/plan/plan.ts";
import { openSessions } from "../../setup/plan/survey.ts";
import { enable } from "../../setup/service/service.ts";
import { bringUp } from "../frame/bring-up.ts";
import { cwdOf, runningParts, type Survey } from "../frame/setup-parts.ts";
import type { Io } from "../terminal/io.ts";
import { counted } from "../terminal/text.ts";

/** The outcome of setup, and of its checks. */
export interface Done {
  readonly applied: readonly Applied[];
  readonly checks: readonly Check[];
}

/** Carries a plan out. @throws the reason why it cannot be carried out */
export async function applyPlan(io: Io, survey: Survey, plan: Plan): Promise<Done> {
  const files = stateFiles(io.home);
  const { registered, places, folder } = survey;
  const applied = await apply({ ...runningParts(io), files, registered }, plan);
  const own = new Set([`${folder}/${stateNames.config}`, survey.service?.path]);
  const changed =
    applied.some(({ path }) => own.has(path)) || plan.undone.some(({ kind }) => kind === "service");
  // A variable overrides the settings: then they promise nothing.
  const isOverridden = io.environment.PEERNET_LISTEN_ADDRESSES !== undefined;
  const promised = { ...survey, listen: isOverridden ? [] : plan.settings.listen };
  const up = await bringUp(io, { service: plan.service, changed, promised }).catch(notUp);
  if (plan.keeper !== null) await enable(runningParts(io), plan.keeper);
  if (up.lingering) writeLedger(files, { ...readLedger(files), lingering: true });
  const ledger = ledgerIn(folder);
  const home = registered.home;
  const parts = { ...runningParts(io), places, ledger, command: io.command, cwd: cwdOf(io), home };
  const checks = [...up.checks, ...byHand(applied), ...(await agentChecks(parts))];
  // A session reads its hooks when it starts.
  const hooksAreNew = plan.steps.some(
    ({ change, state }) =>
      change.kind === "hooks" && change.agent?.name === "claude-code" && state !== "same",
  );
  const waiting = hooksAreNew ? openSessions(places, isAlive) : 0;
  return { applied, checks: waiting === 0 ? checks : [...checks, joining(waiting)] };
}

/**
 * The files are written all the same: the reason that keeps the daemon down is one problem to mend.
 */
function notUp(error: unknown) {
  if (!(error instanceof PeernetError)) throw error;
  const { message, hint } = error;
  const check: Check = { name: "daemon", state: "failed", detail: message, fix: hint };
  return { checks: [check], lingering: false };
}

/** Reports each agent whose own command failed, so that setup wrote its file instead. */
const byHand = (applied: readonly Applied[]): readonly Check[] =>
  applied
    .filter(({ by_hand }) => by_hand)
    .map(({ agent, path }) => ({
      name: agent ?? "setup",
      state: "ok",
      detail: `its own command did not register: ${path} was written instead`,
      fix: null,
    }));

const joining = (count: number): Check => ({
  name: "claude-code",
  state: "warning",
  detail: `${counted(count, "open session")} of Claude Code without a handle until restarted`,
  fix: "restart them",
});

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}
