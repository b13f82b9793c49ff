/** Says in a line what peernet is. */
export const about =
  "peernet: coding sessions on your machines, asking each other, on your network";
