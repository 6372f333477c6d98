/** The limits of the generator: each problem with the pointer of its place, and all of them at once. */
import { checkMapping } from "./discriminators.js";
import { childPointer, isObject, type Json, type Place, type Remarks } from "./json-document.js";
import {
  type Operation,
  operationsIn,
  operationsOf,
  type Parameter,
  parameterKey,
  pathItemsOf,
} from "./operation-model.js";
import { alternativesOf, mayBe, partsOfAll, reached, walkDocument } from "./walk-document.js";

/** openapi-typescript's parser takes them for methods of its own, in data too, and ajv passes over `__proto__`. */
const UNSUPPORTED_NAMES = new Set(
  // These two it calls without harm.
  Object.getOwnPropertyNames(Object.prototype).filter((name) => name !== "constructor" && name !== "toString"),
);

/** RFC 9110, section 5.6.2. */
const TOKEN = "[\\w!#$%&'*+.^`|~-]+";
const HEADER_NAME = new RegExp(`^${TOKEN}$`);
const MEDIA_TYPE = new RegExp(`^${TOKEN}/${TOKEN}\\s*(;[\\x20-\\x7e]*)?$`);

/** The names of query parameters that a URL does not keep. */
const ENCODED = /^$|[&=#+%\p{Cc}]/u;

/** Finds the references that lead nowhere, and takes them out: what follows references can then look at all the rest. */
export function checkReferences(document: Place, problems: Remarks): void {
  const checkReference = (place: Place): void => {
    if (!problems.collect(() => place.target) && isObject(place.value)) delete place.value["$ref"];
  };
  // In data too: every tool that reads the contract follows references wherever they are.
  walkDocument(document, checkReference, checkReference);
  walkDocument(document, (place) => checkMapping(place, problems));
}

/** Whether every operation has a name of its own, in the document as it is written. */
export function checkOperationIds(document: Place, problems: Remarks): void {
  const pointers = new Map<Json, string>();
  for (const { place } of operationsOf(document)) {
    const at = place.at("operationId");
    if (at === undefined) continue;
    const { value, pointer } = at;
    const other = pointers.get(value);
    if (typeof value !== "string") problems.report(pointer, `the operationId ${JSON.stringify(value)} is not a string`);
    else if (other !== undefined) problems.report(pointer, `the operationId ${value} is also that of ${other}`);
    else pointers.set(value, place.pointer);
  }
}

/** Finds what the writers cannot write. @param document what `normalForm` returns */
export function checkSupported(document: Place, problems: Remarks): void {
  const checkName = ({ name, pointer }: Place): void => {
    if (UNSUPPORTED_NAMES.has(name)) problems.report(pointer, `the name ${name} is not supported`);
  };
  const checkPlace = (place: Place): void => {
    checkName(place);
    if (place.read("$ref") !== undefined) checkEnd(place, problems);
    for (const { name, pointer } of place.children("content")) {
      if (!MEDIA_TYPE.test(name)) problems.report(pointer, `${name} is not a media type, such as application/json`);
    }
  };
  walkDocument(document, checkPlace, checkName);
  for (const pathItem of pathItemsOf(document)) {
    checkTemplate(pathItem, problems);
    checkRepeats(pathItem, problems);
    for (const operation of operationsIn(pathItem)) {
      checkRepeats(operation.place, problems);
      checkParameters(operation, problems);
      checkRequestBody(operation, problems);
    }
  }
  if (operationsOf(document).length === 0) problems.report("/paths", "there is no operation");
}

/** A schema that is made of itself, rather than of parts that may be of its kind, has no type and no end. */
function checkEnd({ target }: Place, problems: Remarks): void {
  const isEndless = reached(alternativesOf(target), alternativesOf).some(({ pointer }) => pointer === target.pointer);
  if (isEndless) problems.report(target.pointer, "the schema consists of itself");
}

const PLACEHOLDER = /\{([^{}]*)\}/g;

function checkTemplate({ name: path, pointer }: Place, problems: Remarks): void {
  // openapi-fetch reads these marks as styles of serialization.
  const isStyled = [...path.matchAll(PLACEHOLDER)].some(([, name = ""]) => /^$|^[.;]|\*$/.test(name));
  if (isStyled || /[{}?#]/.test(path.replaceAll(PLACEHOLDER, ""))) {
    problems.report(pointer, `the path ${path} is not a template of the form /name/{parameter}`);
  }
}

/** A list replaces what the path item says, but must not name one parameter twice. */
function checkRepeats(owner: Place, problems: Remarks): void {
  const seen = new Set<string>();
  for (const { pointer, target } of owner.children("parameters")) {
    const key = parameterKey(target);
    if (seen.has(key)) problems.report(pointer, `two parameters have the name ${target.read("name")}`);
    seen.add(key);
  }
}

/** Flat arguments need one name each, and one way to write each value. */
function checkParameters({ path, parameters, place: operation }: Operation, problems: Remarks): void {
  const placeholders = new Set([...path.matchAll(PLACEHOLDER)].map(([, name = ""]) => name));
  const pointers = new Map<string, string>();
  for (const parameter of parameters) {
    const { name, in: location, required, at, place } = parameter;
    const other = pointers.get(name);
    const quoted = JSON.stringify(name);
    const isInPath = location === "path";
    const faults: readonly (readonly [isFault: boolean, { pointer: string }, message: string])[] = [
      [name === "body", at, "a parameter named body: that is the name of the request body"],
      [name === "__proto__", at, "a parameter named __proto__ is not supported"],
      [other !== undefined, at, `two parameters have the name ${name}, here and at ${other}`],
      [
        !["path", "query", "header"].includes(location),
        { pointer: childPointer(place.pointer, "in") },
        `a parameter is in path, query or header, not in ${JSON.stringify(place.read("in")) ?? "nothing"}`,
      ],
      [isInPath && !required, place, `the path parameter ${name} must be required`],
      [location === "query" && ENCODED.test(name), place, `the query parameter ${quoted} would have to be encoded`],
      [location === "header" && !HEADER_NAME.test(name), place, `${quoted} is not the name of a header`],
      [isInPath && !placeholders.delete(name), at, `the path ${path} has no {${name}} for the path parameter ${name}`],
    ];
    for (const [isFault, { pointer }, message] of faults) if (isFault) problems.report(pointer, message);
    checkSerialization(parameter, problems);
    pointers.set(name, at.pointer);
  }
  for (const missing of placeholders) {
    problems.report(operation.pointer, `no path parameter is described for {${missing}} of ${path}`);
  }
}

/** The styles in which openapi-fetch writes queries. */
const QUERY_STYLES = ["form", "spaceDelimited", "pipeDelimited", "deepObject"];

/** Whether openapi-fetch's serializers, which write every value, can write this one as the contract says. */
function checkSerialization({ in: location, style, schema, place }: Parameter, problems: Remarks): void {
  if (schema === undefined) {
    // With a content, the argument is the text that is sent.
    if (place.read("content") === undefined) problems.report(place.pointer, "the parameter has no schema");
    return;
  }
  const isObject = mayBe(schema, "object");
  const supported = location === "query" ? QUERY_STYLES : ["simple"];
  const at = childPointer(place.pointer, "style");
  if (!supported.includes(style)) {
    problems.report(at, `style ${style} is not supported here, only ${supported.join(", ")}`);
  } else if (isObject && location !== "query") {
    problems.report(schema.pointer, `an object in ${location} is not supported`);
  } else if (isObject && style !== "form" && style !== "deepObject") {
    problems.report(at, `style ${style} is not supported for an object`);
  } else if (style === "deepObject" && mayBe(schema, "array")) {
    problems.report(at, "style deepObject is not supported for an array");
  } else checkScalars(partsOfAll(schema), "a parameter whose parts are arrays or objects is not supported", problems);
}

function checkScalars(schemas: readonly Place[], message: string, problems: Remarks): void {
  const compound = schemas.find((schema) => mayBe(schema, "object") || mayBe(schema, "array"));
  if (compound !== undefined) problems.report(compound.pointer, message);
}

function checkRequestBody({ body }: Operation, problems: Remarks): void {
  if (body === undefined) return;
  const { place, encoding, content } = body;
  const names = place.children("content").map(({ name }) => name);
  if (names.length === 0) problems.report(place.pointer, "the body has no media type");
  else if (content.length === 0) {
    problems.report(childPointer(place.pointer, "content"), `a body of ${names.join(" or ")} is not supported`);
  }
  if (encoding === "form") for (const form of content) checkForm(form.place, problems);
}

/** openapi-fetch writes arrays and objects of a form, but nothing inside of them, and each in one way. */
function checkForm(form: Place, problems: Remarks): void {
  for (const { value, pointer } of form.children("encoding")) {
    const { style = "form", explode = true, allowReserved = false } = isObject(value) ? value : {};
    const isUsual = ["form", "deepObject"].includes(String(style)) && explode === true && allowReserved === false;
    const usual = "a form's arrays are written as a=1&a=2 and its objects as a[b]=1, not otherwise";
    if (!isUsual) problems.report(pointer, usual);
  }
  const schema = form.at("schema");
  const parts = schema === undefined ? [] : partsOfAll(schema).flatMap(partsOfAll);
  checkScalars(parts, "a part of a form's part is an array or an object", problems);
}
