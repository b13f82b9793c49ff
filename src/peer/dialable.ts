/**
 * Decides whether a machine's certificate can be pinned and dialled later. Only the fingerprint
 * identifies a machine: nothing here decides trust.
 */

import { X509Certificate } from "node:crypto";

/**
 * The reason why a certificate cannot be dialled: its dates, its usage, or an issuer other than
 * itself.
 */
export type NotDialable = "expired" | "not_yet_valid" | "not_for_servers" | "not_self_issued";

/** `serverAuth` (RFC 5280, 4.2.1.12). */
const serverAuth = "1.3.6.1.5.5.7.3.1";

/**
 * The reason why TLS would refuse that certificate, pinned, at that wall time; null if it would
 * not.
 */
export function whyNotDialable(pem: string, wallMs: number): NotDialable | null {
  const certificate = new X509Certificate(pem);
  if (certificate.validFromDate.getTime() > wallMs) return "not_yet_valid";
  if (certificate.validToDate.getTime() < wallMs) return "expired";
  // Without extended usages the certificate's field is undefined, whatever its type says.
  const usages: readonly string[] | undefined = certificate.keyUsage;
  if (usages !== undefined && !usages.includes(serverAuth)) return "not_for_servers";
  return certificate.issuer === certificate.subject ? null : "not_self_issued";
}
