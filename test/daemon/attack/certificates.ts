/**
 * Certificates that machines prove with a key of their own and that TLS refuses to dial, by the
 * reason; each with its key. Another program made them: no code here can.
 */

import { X509Certificate } from "node:crypto";
import { fingerprintOf } from "../../../src/peer/certificate.ts";
import type { NotDialable } from "../../../src/peer/dialable.ts";
import type { Identity } from "../../../src/peer/identity.ts";
import { sha256 } from "../../../src/platform/real.ts";
import { newIdentity } from "./connection.ts";

const pem = (label: string, lines: string): string =>
  `-----BEGIN ${label}-----\n${lines.replace(/.{64}(?=.)/g, "$&\n")}\n-----END ${label}-----\n`;

/** Base64 of each certificate and of its key (PKCS #8). */
const samples: Readonly<Record<NotDialable, readonly [string, string]>> = {
  expired: [
    "MIIBIzCByqADAgECAhQw6lbnYEAvVDl5/NME7BbSdoSL9zAKBggqhkjOPQQDAjASMRAwDgYDVQQDDAdwZWVy" +
      "bmV0MB4XDTcxMDEwMTAwMDAwMFoXDTcyMDEwMTAwMDAwMFowEjEQMA4GA1UEAwwHcGVlcm5ldDBZMBMGByqG" +
      "SM49AgEGCCqGSM49AwEHA0IABGHyuOmUEx1nf42vcj6Av2SAxq27l3IHAb8/OBGfJXAwiHWzdrsIz2cKeeGM" +
      "KVUM8DeBbfZbi/rwAD4QWzDC1M8wCgYIKoZIzj0EAwIDSAAwRQIhAIhlRo3DQPGB0TU7HDML8t5PAp6WoVeg" +
      "kNH5riKT61EIAiA2T8kBV3/PpTXiz+ftPtkvNFO731kUdKtbU7uhWlPz2Q==",
    "MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgmHXmcrkO9N4NcouZCsjqqY3fCFLZSuIYBjp9" +
      "tqahTNmhRANCAARh8rjplBMdZ3+Nr3I+gL9kgMatu5dyBwG/PzgRnyVwMIh1s3a7CM9nCnnhjClVDPA3gW32" +
      "W4v68AA+EFswwtTP",
  ],
  not_yet_valid: [
    "MIIBJzCBzqADAgECAhQ5nt9U4AE9vmolGVJKrWXKmOIrxzAKBggqhkjOPQQDAjASMRAwDgYDVQQDDAdwZWVy" +
      "bmV0MCIYDzk5OTgwMTAxMDAwMDAwWhgPOTk5OTEyMzEwMDAwMDBaMBIxEDAOBgNVBAMMB3BlZXJuZXQwWTAT" +
      "BgcqhkjOPQIBBggqhkjOPQMBBwNCAAQPyy/CTsNE2aO8ULI9prVThu2wbqsC9s4aem1jmS+Mu7py2Q31On44" +
      "K+kmZisrB5KuvHo2rcdiJbeiJkEu1lIVMAoGCCqGSM49BAMCA0gAMEUCIQCbz64u+vMUmTVsnGGcvzP0ysUp" +
      "YfFdLXpGY/vUoGuFawIgUhRts4/pJeoxSpngK1vUqi5Z/OV6u3CxAlAFpDGHL88=",
    "MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgSWXc1sWnkgxTFLUAlXQWgYRRwht9P6kYnjcM" +
      "eVyEHQ6hRANCAAQPyy/CTsNE2aO8ULI9prVThu2wbqsC9s4aem1jmS+Mu7py2Q31On44K+kmZisrB5KuvHo2" +
      "rcdiJbeiJkEu1lIV",
  ],
  not_for_servers: [
    "MIIBPjCB5aADAgECAhRikPz5HNSnhmUDwLWfIc2s6xwBoTAKBggqhkjOPQQDAjASMRAwDgYDVQQDDAdwZWVy" +
      "bmV0MCAXDTcxMDEwMTAwMDAwMFoYDzk5OTkxMjMxMDAwMDAwWjASMRAwDgYDVQQDDAdwZWVybmV0MFkwEwYH" +
      "KoZIzj0CAQYIKoZIzj0DAQcDQgAEt4yQDfi6QfniGBSO3DPT70qzjrHXV+NVHBv9ycA6aLW9q5ozjvpan2Va" +
      "EGYzy0bfFsFVnqVNfiYGHpIyk6tXvqMXMBUwEwYDVR0lBAwwCgYIKwYBBQUHAwIwCgYIKoZIzj0EAwIDSAAw" +
      "RQIhAPcBhwYgtORw++d/Lxk0FBZ4JacPJHEHMfBN7LlfGiXcAiBYaQkMLB5d2MWCIPFl7pxcQ6qQiSQeM4DZ" +
      "IUg5HORxog==",
    "MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgKoT+Zr6u4cAhb60S3X7OXQmBF8oZgj91AjzA" +
      "WwbgD4ihRANCAAS3jJAN+LpB+eIYFI7cM9PvSrOOsddX41UcG/3JwDpotb2rmjOO+lqfZVoQZjPLRt8WwVWe" +
      "pU1+JgYekjKTq1e+",
  ],
  not_self_issued: [
    "MIIBHzCBxqADAgECAhR7lDSbtNfwnPfMSLNRlMkleIJvPDAKBggqhkjOPQQDAjAPMQ0wCwYDVQQDDARyb290" +
      "MCAXDTcxMDEwMTAwMDAwMFoYDzk5OTkxMjMxMDAwMDAwWjAPMQ0wCwYDVQQDDARsZWFmMFkwEwYHKoZIzj0C" +
      "AQYIKoZIzj0DAQcDQgAEi/acsGgBgkOoD4XuggDsf5kwRPQVMRaY96cVnktpG+wm18ut6vuKZsV/51fJMnPA" +
      "X9Q4FzmVyEY0s1WAzkWuuzAKBggqhkjOPQQDAgNIADBFAiBeLokZ5yijkq++1Nh5L+xwszhSkOVSq+2tewaC" +
      "cSc/pwIhALfbbSdGOP2cYrBQv6t2+14t3u9Xebd6uWOlQb5q3kp6",
    "MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgQoFmFx3q/Klh/k7ONtB3m1Lymqfs02TThR48" +
      "OOb1l5ehRANCAASL9pywaAGCQ6gPhe6CAOx/mTBE9BUxFpj3pxWeS2kb7CbXy63q+4pmxX/nV8kyc8Bf1DgX" +
      "OZXIRjSzVYDORa67",
  ],
};

/** A machine whose certificate cannot be dialled for that reason. */
export function undialable(reason: NotDialable): Identity {
  const [certificate, key] = samples[reason];
  const text = pem("CERTIFICATE", certificate);
  const fingerprint = fingerprintOf(new X509Certificate(text).raw, sha256);
  return { ...newIdentity(), fingerprint, certificate: text, key: pem("PRIVATE KEY", key) };
}

/** Every reason. */
export const reasons: readonly NotDialable[] = [
  "expired",
  "not_yet_valid",
  "not_for_servers",
  "not_self_issued",
];
