/**
 * Reads the header of a bundle (gitformat-bundle(5)): versions 2 and 3, one ref, and no
 * capability but the object format. Git itself never reads a bundle from elsewhere.
 */

import { closeSync, openSync, readSync } from "node:fs";

/** A bundle's header. */
export interface BundleHeader {
  readonly format: "sha1" | "sha256";
  /** Commits that the receiver must have. */
  readonly prerequisites: readonly string[];
  readonly commit: string;
  /** The place at which its pack begins. */
  readonly packAt: number;
}

const headerBytesMax = 65_536;
const prerequisitesMax = 1_024;

/** Reads the header of a bundle; null for any other form. @throws when the file cannot be read */
export function bundleHeader(path: string): BundleHeader | null {
  const descriptor = openSync(path, "r");
  const bytes = Buffer.alloc(headerBytesMax);
  try {
    const length = readSync(descriptor, bytes, 0, bytes.length, 0);
    const end = bytes.subarray(0, length).indexOf("\n\n");
    return end < 0 ? null : headerOf(bytes.toString("utf8", 0, end).split("\n"), end + 2);
  } finally {
    closeSync(descriptor);
  }
}

function headerOf(lines: readonly string[], packAt: number): BundleHeader | null {
  const [first, ...rest] = lines;
  if (first !== "# v2 git bundle" && first !== "# v3 git bundle") return null;
  const isThree = first.startsWith("# v3");
  const capabilities = rest.filter((line) => line.startsWith("@"));
  const format = capabilities.includes("@object-format=sha256") ? "sha256" : "sha1";
  const known = ["@object-format=sha1", "@object-format=sha256"];
  if (!isThree && capabilities.length > 0) return null;
  if (capabilities.length > 1 || capabilities.some((each) => !known.includes(each))) return null;
  const id = format === "sha256" ? "[0-9a-f]{64}" : "[0-9a-f]{40}";
  const prerequisites: string[] = [];
  const commits: string[] = [];
  for (const line of rest.slice(capabilities.length)) {
    const needed = new RegExp(`^-(${id})( .*)?$`).exec(line)?.[1];
    const told = new RegExp(`^(${id}) refs/heads/[A-Za-z0-9/_-]{1,100}$`).exec(line)?.[1];
    if (needed !== undefined && commits.length === 0) prerequisites.push(needed);
    else if (told !== undefined) commits.push(told);
    else return null;
  }
  const [commit] = commits;
  if (commit === undefined || commits.length > 1) return null;
  return prerequisites.length > prerequisitesMax ? null : { format, prerequisites, commit, packAt };
}
