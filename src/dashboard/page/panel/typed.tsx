/** A form of one typed text. */

import { useState } from "preact/hooks";

/** True for a text that can be a machine's name. */
export const isName = (text: string): boolean => /^[a-z0-9][a-z0-9-]{0,30}$/.test(text);

/** A form of one text, which starts with a proposal. */
export function Typed({
  label,
  start,
  submit,
  accepts,
  take,
}: {
  readonly label: string;
  readonly start: string;
  readonly submit: string;
  readonly accepts: (text: string) => boolean;
  readonly take: (text: string) => Promise<void>;
}) {
  const [text, type] = useState(start);
  return (
    <form
      class="typed"
      onSubmit={(event) => {
        event.preventDefault();
        if (accepts(text)) void take(text);
      }}
    >
      <label>
        {label}
        <input
          value={text}
          maxLength={31}
          autocomplete="off"
          spellcheck={false}
          onInput={(event) => type(event.currentTarget.value)}
        />
      </label>
      <button type="submit" disabled={!accepts(text)}>
        {submit}
      </button>
    </form>
  );
}
