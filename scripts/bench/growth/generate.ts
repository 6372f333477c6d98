/**
 * Generates from a contract of some size in a fresh process, and tells how long it took. Arguments: number of
 * operations, folder for the generated files.
 */
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { generate } from "../../generate/generate.js";
import { readContract } from "../../generate/read-contract.js";
import { documentOf } from "./document.js";

const [size = "2", folder = ""] = process.argv.slice(2);
const text = documentOf(Number(size));
const started = performance.now();
const files = await generate(await readContract(text));
const milliseconds = performance.now() - started;
mkdirSync(folder, { recursive: true });
for (const [name, content] of files) writeFileSync(join(folder, name), content);
process.send?.(milliseconds, () => process.disconnect());
