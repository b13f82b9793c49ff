/** Text from elsewhere as lines. */

import { FileLine } from "../ui.tsx";

/** Text from elsewhere line by line, of allowed characters alone. */
export const Lines = ({ text, label }: { readonly text: string; readonly label: string }) => (
  // A person scrolls it by keys.
  // biome-ignore lint/a11y/noNoninteractiveTabindex: a scrolled region needs the focus
  <section class="words file" aria-label={label} tabIndex={0}>
    {text.split("\n").map((line, index) => (
      <p key={index}>
        <FileLine text={line} />
      </p>
    ))}
  </section>
);
