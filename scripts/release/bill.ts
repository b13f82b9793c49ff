/**
 * The software bill of materials, in CycloneDX: the packages that the executables are bundled of,
 * as package-lock.json has them, and the Bun of each system. Holds no time and no random number:
 * the same source gives the same bytes.
 */

import manifest from "../../package.json";
import { type Locked, lockedAt, packagesOf } from "./lock.ts";
import type { Target } from "./targets.ts";

/** The subject of a bill. */
export interface Subject {
  readonly commit: string;
  readonly targets: readonly Target[];
  /** Every file that was bundled. */
  readonly files: readonly string[];
}

/** The bill, as JSON text. */
export function billOfMaterials({ commit, targets, files }: Subject): string {
  const runtimes = targets.map(({ runtime }) => lockedAt(`node_modules/${runtime}`));
  const components = [...packagesOf(files), ...runtimes].map(componentOf);
  const self = purl(manifest);
  const bill = {
    $schema: "http://cyclonedx.org/schema/bom-1.5.schema.json",
    bomFormat: "CycloneDX",
    specVersion: "1.5",
    version: 1,
    metadata: {
      component: {
        "bom-ref": self,
        type: "application",
        name: manifest.name,
        version: manifest.version,
        description: manifest.description,
        licenses: [{ license: { id: manifest.license } }],
        purl: self,
        properties: [{ name: "peernet:commit", value: commit }],
      },
    },
    components,
    dependencies: [{ ref: self, dependsOn: components.map((each) => each["bom-ref"]) }],
  };
  return `${JSON.stringify(bill, null, 2)}\n`;
}

function componentOf(locked: Locked) {
  const { name, version, integrity, license } = locked;
  const content = Buffer.from(integrity.replace(/^sha512-/, ""), "base64").toString("hex");
  return {
    "bom-ref": purl(locked),
    type: "library",
    name,
    version,
    purl: purl(locked),
    hashes: [{ alg: "SHA-512", content }],
    ...(license === null ? {} : { licenses: [{ expression: license }] }),
  };
}

/** A package's URL, in which the `@` of a scope is escaped. */
const purl = ({ name, version }: { readonly name: string; readonly version: string }): string =>
  `pkg:npm/${name.replace(/^@/, "%40")}@${version}`;
