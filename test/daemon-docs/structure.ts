/**
 * Checks a value against OpenAPI 3.0.3, by the rules of that specification that a document of this
 * kind can break. Knows nothing of the document's table.
 */

/** The finding of a rule, and its place. */
export type Fault = string;

type Fields = Readonly<Record<string, unknown>>;

const isFields = (value: unknown): value is Fields =>
  typeof value === "object" && value !== null && !Array.isArray(value);
const fields = (value: unknown): Fields => (isFields(value) ? value : {});
const isStrings = (value: unknown): value is readonly string[] =>
  Array.isArray(value) && value.every((each) => typeof each === "string");

const types = ["string", "number", "integer", "boolean", "array", "object"];

const isNumber = (value: unknown): boolean => typeof value === "number";
const isCount = (value: unknown): boolean => Number.isSafeInteger(value) && Number(value) >= 0;
const isBoolean = (value: unknown): boolean => typeof value === "boolean";
const isText = (value: unknown): boolean => typeof value === "string";
const isAnything = (): boolean => true;

/** The keywords of a Schema Object, and the allowed values of each. */
const keywords: Readonly<Record<string, (value: unknown) => boolean>> = {
  type: (value) => types.includes(String(value)),
  enum: (value) => Array.isArray(value) && value.length > 0,
  format: isText,
  title: isText,
  description: isText,
  nullable: isBoolean,
  default: isAnything,
  minimum: isNumber,
  maximum: isNumber,
  exclusiveMinimum: isBoolean,
  exclusiveMaximum: isBoolean,
  multipleOf: isNumber,
  minLength: isCount,
  maxLength: isCount,
  minItems: isCount,
  maxItems: isCount,
  uniqueItems: isBoolean,
  minProperties: isCount,
  maxProperties: isCount,
  pattern: (value) => isText(value) && new RegExp(String(value), "u") instanceof RegExp,
  required: (value) => isStrings(value) && value.length > 0,
  properties: isFields,
  additionalProperties: (value) => isBoolean(value) || isFields(value),
  items: isFields,
  allOf: Array.isArray,
  anyOf: Array.isArray,
  oneOf: Array.isArray,
  not: isFields,
};

/** Every breach of OpenAPI 3.0.3 in a document. */
export function faultsOf(document: unknown): readonly Fault[] {
  const { openapi, info, paths, components, ...more } = fields(document);
  const { title, version } = fields(info);
  const operations = Object.entries(fields(paths)).flatMap(([path, item]) =>
    Object.entries(fields(item)).map(([method, operation]) => ({ path, method, operation })),
  );
  const names = operations.map(({ operation }) => fields(operation).operationId);
  return [
    ...(openapi === "3.0.3" ? [] : ["openapi is not 3.0.3"]),
    ...(isText(title) && isText(version) ? [] : ["info has no title or version"]),
    ...Object.keys(more).map((key) => `${key} is not a field of a document`),
    ...(new Set(names).size === names.length ? [] : ["two operations have one name"]),
    ...operations.flatMap(({ path, method, operation }) => ofOperation(path, method, operation)),
    ...Object.entries(fields(fields(components).schemas)).flatMap(([name, schema]) =>
      ofSchema(`schemas.${name}`, schema),
    ),
    ...ofReferences(document),
  ];
}

function ofOperation(path: string, method: string, operation: unknown): readonly Fault[] {
  const { operationId, requestBody, responses } = fields(operation);
  const replies = Object.entries(fields(responses));
  return [
    ...(/^(\/[a-z0-9]+)+$/.test(path) ? [] : [`${path} is not a path`]),
    ...(["get", "post"].includes(method) ? [] : [`${path}: ${method} is not a method`]),
    ...(isText(operationId) ? [] : [`${path} has no operationId`]),
    ...(replies.length > 0 ? [] : [`${path} has no response`]),
    ...ofContent(`${path} body`, requestBody),
    ...replies.flatMap(([status, reply]) => [
      ...(/^[1-5]\d\d$/.test(status) ? [] : [`${path}: ${status} is not a status`]),
      ...(isText(fields(reply).description) ? [] : [`${path} ${status} has no description`]),
      ...ofContent(`${path} ${status}`, reply),
    ]),
  ];
}

function ofContent(where: string, holder: unknown): readonly Fault[] {
  const contents = Object.entries(fields(fields(holder).content));
  if (contents.length === 0) return [`${where} has no content`];
  return contents.flatMap(([media, content]) => [
    ...(/^[a-z]+\/[a-z.+-]+$/.test(media) ? [] : [`${where}: ${media} is not a media type`]),
    ...ofSchema(where, fields(content).schema),
  ]);
}

function ofSchema(where: string, schema: unknown): readonly Fault[] {
  if (!isFields(schema)) return [`${where} has no schema`];
  // Beside a reference every other field is ignored.
  if ("$ref" in schema) {
    return Object.keys(schema).length === 1 ? [] : [`${where} has more than a reference`];
  }
  const found: Fault[] = Object.entries(schema).flatMap(([key, value]) => {
    const rule = keywords[key];
    if (rule === undefined) return [`${where}: ${key} is not a keyword`];
    return rule(value) ? [] : [`${where}: ${key} holds what it may not`];
  });
  const properties = fields(schema.properties);
  const required = isStrings(schema.required) ? schema.required : [];
  if (schema.type === "array" && !isFields(schema.items)) found.push(`${where} has no items`);
  for (const name of required) {
    if (!Object.hasOwn(properties, name)) found.push(`${where}: ${name} is required, not defined`);
  }
  return [
    ...found,
    ...innerOf(schema).flatMap(([name, each]) => ofSchema(`${where}.${name}`, each)),
  ];
}

function innerOf(schema: Fields): readonly (readonly [string, unknown])[] {
  const { properties, items, not, additionalProperties, allOf, anyOf, oneOf } = schema;
  const lists = [allOf, anyOf, oneOf].flatMap((list) => (Array.isArray(list) ? list : []));
  const singles = Object.entries({ items, not, additionalProperties });
  return [
    ...Object.entries(fields(properties)),
    ...singles.filter(([, value]) => isFields(value)),
    ...lists.entries().map(([index, each]): [string, unknown] => [String(index), each]),
  ];
}

function ofReferences(document: unknown): readonly Fault[] {
  const found: Fault[] = [];
  const walk = (value: unknown): void => {
    if (typeof value !== "object" || value === null) return;
    for (const [key, inner] of Object.entries(value)) {
      if (key === "$ref" && !leads(document, String(inner))) found.push(`${inner} leads nowhere`);
      walk(inner);
    }
  };
  walk(document);
  return found;
}

/** True when a reference (RFC 6901 after the #) leads to an object of the document. */
function leads(document: unknown, reference: string): boolean {
  if (!reference.startsWith("#/")) return false;
  const names = reference.slice(2).split("/");
  return isFields(names.reduce((value: unknown, name) => fields(value)[name], document));
}
