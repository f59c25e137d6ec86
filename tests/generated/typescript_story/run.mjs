import { readdirSync, readFileSync } from "node:fs";
import { join, parse } from "node:path";
import { run } from "./built/story.js";

const [, , url, folder] = process.argv;
const proofs = Object.fromEntries(
  readdirSync(folder).map((name) => [parse(name).name, { name, content: readFileSync(join(folder, name)) }]),
);
const { EDITOR: editor, LEAD: lead, VERIFIER: verifier } = process.env;
console.log((await run(url, { editor, lead, verifier }, proofs)).join("\n"));
