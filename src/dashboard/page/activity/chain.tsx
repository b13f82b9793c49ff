/** The verified part of the record chain, its end, and a button to verify again. */

import { useSignal } from "@preact/signals";
import type { ComponentChildren } from "preact";
import type { VerifyOutput } from "../../../contract/audit.ts";
import { call } from "../state/server.ts";
import { verifiedTo } from "../state/state.ts";
import { head } from "./trail.ts";

const number = new Intl.NumberFormat("en");

/** The chain, in one permanent line. */
export function Chain({ children }: { readonly children: ComponentChildren }) {
  const checked = useSignal<VerifyOutput | null>(null);
  const isBusy = useSignal(false);
  const verify = async (): Promise<void> => {
    isBusy.value = true;
    const reply = await call("audit/verify", {});
    checked.value = reply.ok ? reply.value : null;
    isBusy.value = false;
  };
  const found = checked.value;
  const isBad = found !== null && !found.ok;
  return (
    <div class={isBad ? "chain bad" : "chain"}>
      <span>
        {isBad ? (
          `broken at ${number.format(found.first_bad_seq)}: ${found.reason}`
        ) : (
          <>
            verified to <b>{number.format(verifiedTo.value)}</b> of {number.format(head.value.seq)}
          </>
        )}
      </span>
      <span>
        head <code title={head.value.hash}>{head.value.hash.slice(0, 12) || "none"}</code>
      </span>
      {found?.ok === true && (
        <span>{found.witnesses === 1 ? "1 witness" : `${found.witnesses} witnesses`}</span>
      )}
      <button type="button" class="quiet" disabled={isBusy.value} onClick={verify}>
        {isBusy.value ? "Verifying…" : "Verify"}
      </button>
      {children}
    </div>
  );
}
