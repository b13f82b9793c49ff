/** The message after two machines were paired, and the person's name for the other one. */

import type { Paired } from "../../../contract/pairing.ts";
import { remarksOn } from "../../../contract/text/naming.ts";
import { NameForm } from "../panel/name-form.tsx";
import { dialog } from "../state/selection.ts";
import { Foreign } from "../ui.tsx";

/** Two machines are paired. */
export const PairedNow = ({ paired: { peer, visible } }: { readonly paired: Paired }) => (
  <div class="paired" role="status">
    <p class="big">Paired with {peer.name}</p>
    <code class="fingerprint">{peer.fingerprint}</code>
    {remarksOn(peer).map((remark) => (
      <p class="failed" key={remark}>
        <Foreign text={remark} />
      </p>
    ))}
    <p>
      {peer.grants.theirs.length > 0 ? "It may ask " : "It may not ask; live here: "}
      {visible.length === 0 ? "no live handles yet" : visible.join(", ")}
    </p>
    {peer.named_by === "itself" ? (
      <NameForm name={peer.name} submit="Use this name" done={close} />
    ) : (
      <button type="button" class="primary" onClick={close}>
        Done
      </button>
    )}
  </div>
);

const close = (): void => {
  dialog.value = null;
};
