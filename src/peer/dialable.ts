/**
 * Says whether a certificate that a machine proved could be pinned and dialled later. Only the
 * fingerprint decides who a machine is: nothing here decides trust.
 */

import { X509Certificate } from "node:crypto";

/** Why a certificate cannot be dialled: out of its dates, not for servers, or another's work. */
export type NotDialable = "expired" | "not_yet_valid" | "not_for_servers" | "not_self_issued";

/** `serverAuth` (RFC 5280, 4.2.1.12). */
const serverAuth = "1.3.6.1.5.5.7.3.1";

/** Why TLS would refuse that certificate, pinned, at that wall time; null where it would not. */
export function whyNotDialable(pem: string, wallMs: number): NotDialable | null {
  const certificate = new X509Certificate(pem);
  if (certificate.validFromDate.getTime() > wallMs) return "not_yet_valid";
  if (certificate.validToDate.getTime() < wallMs) return "expired";
  // Of a certificate without extended usages it is undefined, whatever its type says.
  const usages: readonly string[] | undefined = certificate.keyUsage;
  if (usages !== undefined && !usages.includes(serverAuth)) return "not_for_servers";
  return certificate.issuer === certificate.subject ? null : "not_self_issued";
}
