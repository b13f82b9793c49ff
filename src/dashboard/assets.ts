/**
 * The page's files, which hold nothing of this machine: from the executable, or bundled at once
 * when the source runs unbuilt.
 */

import { PeernetError } from "../contract/errors.ts";
import page from "./page/index.html";

/** One file of the page. */
export interface Asset {
  readonly type: string;
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly gzipped: Uint8Array<ArrayBuffer>;
}

/** The files by path; the page itself is `/`. */
export type Assets = ReadonlyMap<string, Asset>;

/** Loads every file of the page. @throws {internal} when the source does not build */
export async function loadAssets(): Promise<Assets> {
  const files = page.files ?? [];
  const blobs =
    files.length > 0
      ? files.map(({ path, headers }) => [path, Bun.file(path), headers["content-type"]] as const)
      : (await bundled()).map((output) => [output.path, output, output.type] as const);
  const assets = new Map<string, Asset>();
  for (const [path, blob, type] of blobs) {
    const bytes = new Uint8Array(await blob.arrayBuffer());
    const name = path.slice(path.lastIndexOf("/") + 1);
    const at = name.endsWith(".html") ? "/" : `/${name}`;
    assets.set(at, { type, bytes, gzipped: Bun.gzipSync(bytes) });
  }
  return assets;
}

async function bundled(): Promise<readonly Bun.BuildArtifact[]> {
  const entry = `${import.meta.dir}/page/index.html`;
  const built = await Bun.build({ entrypoints: [entry], publicPath: "/", throw: false });
  if (built.success) return built.outputs;
  throw new PeernetError("internal", { message: `the page: ${built.logs.join("; ")}` });
}
