/** The message after two machines were paired. */

import type { Paired } from "../../../contract/pairing.ts";
import { dialog } from "../state/selection.ts";

/** Two machines are paired. */
export const PairedNow = ({ paired: { peer, visible } }: { readonly paired: Paired }) => (
  <div class="paired" role="status">
    <p class="big">Paired with {peer.name}</p>
    <code class="fingerprint">{peer.fingerprint}</code>
    {peer.look_alike !== null && (
      <p class="failed">
        {peer.look_alike.name} is another machine: <code>{peer.look_alike.fingerprint}</code>
      </p>
    )}
    <p>
      {peer.grants.theirs.length > 0 ? "It may ask " : "It may not ask; live here: "}
      {visible.length === 0 ? "no live handles yet" : visible.join(", ")}
    </p>
    <button
      type="button"
      class="primary"
      onClick={() => {
        dialog.value = null;
      }}
    >
      Done
    </button>
  </div>
);
