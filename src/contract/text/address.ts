/**
 * Addresses as text, `host:port`, IPv6 in brackets: the only parser and formatter. Loads nothing.
 */

/** A host, and its port when that is known. */
export interface HostAndPort {
  readonly host: string;
  readonly port: number | null;
}

/** True for a numeric IPv6 address; no other host has a colon. */
export const isIpv6 = (host: string): boolean => host.includes(":");

/** `host:port`, IPv6 in brackets; the host alone, in brackets too, when no port is known. */
export function formatAddress(host: string, port: number | null): string {
  const bracketed = isIpv6(host) ? `[${host}]` : host;
  return port === null ? bracketed : `${bracketed}:${port}`;
}

/** Splits `HOST`, `HOST:PORT`, `[IPV6]`, `[IPV6]:PORT` or a bare IPv6 address. */
export function parseAddress(text: string): HostAndPort {
  const bracketed = /^\[(.+)\](?::(\d+))?$/.exec(text);
  const named = /^([^:]+)(?::(\d+))?$/.exec(text);
  const [, host = text, port] = bracketed ?? named ?? [];
  return { host, port: port === undefined ? null : Number(port) };
}

/** IPv4 in an IPv6 coat, as sockets write it, without the coat. */
export const plainAddress = (address: string): string => address.replace(/^::ffff:(?=\d+\.)/i, "");

/**
 * An IP address in its one form, for comparison; IPv4 in an IPv6 coat is IPv4. Null for other text,
 * and for an address with a zone, which has a meaning on its own link only.
 */
export function canonicalAddress(text: string): string | null {
  const plain = plainAddress(text);
  if (/^\d+\.\d+\.\d+\.\d+$/.test(plain)) {
    const isAddress = plain
      .split(".")
      .every((octet) => /^(0|[1-9]\d{0,2})$/.test(octet) && Number(octet) < 256);
    return isAddress ? plain : null;
  }
  const url = `http://[${plain}]/`;
  if (!/^[0-9A-Fa-f:.]+$/.test(plain) || !URL.canParse(url)) return null;
  return withoutCoat(new URL(url).hostname.slice(1, -1));
}

/** An address without its zone in its one form; other text unchanged. */
export const comparableAddress = (address: string): string =>
  canonicalAddress(address.replace(/%.*$/, "")) ?? address;

/** The coat in the hexadecimal form that a URL gives it. */
function withoutCoat(address: string): string {
  const [, high, low] = /^::ffff:([0-9a-f]{1,4}):([0-9a-f]{1,4})$/.exec(address) ?? [];
  if (high === undefined || low === undefined) return address;
  const groups = [Number.parseInt(high, 16), Number.parseInt(low, 16)];
  return groups.flatMap((group) => [group >> 8, group & 0xff]).join(".");
}
