/** Short names on the page: of one machine's handle, and of the network behind an address. Pure. */

import { nameHalf } from "../../contract/text/handle.ts";

/** The right half of a handle. */
export const rightHalf = (handle: string): string => nameHalf(handle);

const paths: readonly (readonly [RegExp, string])[] = [
  [/^(127\.|\[?::1)/, "loopback"],
  [/^(100\.(6[4-9]|[7-9]\d|1[01]\d|12[0-7])\.|\[?fd7a:115c:a1e0:)/, "tailnet"],
  [/./, "LAN"],
];

/** The network by which an address is reached. */
export const pathOf = (address: string | null): string =>
  address === null ? "no address" : (paths.find(([pattern]) => pattern.test(address))?.[1] ?? "");
