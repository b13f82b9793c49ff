/**
 * The inputs that the Builder offers, as JSON Schema of the contract's own rows. Runs when the page
 * is bundled, so that the page holds the schemas and not their generator.
 */

import { control } from "../../../contract/control.ts";
import { jsonSchema } from "../../../contract/operation/json-schema.ts";

/** The JSON Schema of each input, by path. */
export const inputSchemas = () => ({
  ask: jsonSchema(control.ask.input, "draft-2020-12"),
  preview: jsonSchema(control.preview.input, "draft-2020-12"),
  "peers/grant": jsonSchema(control["peers/grant"].input, "draft-2020-12"),
  audit: jsonSchema(control.audit.input, "draft-2020-12"),
});
