/** The description of peernet in one line. */
export const about =
  "peernet: coding sessions on your machines, asking each other, on your network";
