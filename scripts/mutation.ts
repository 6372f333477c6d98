/**
 * `npm run test:mutation`: Stryker on one folder after the other. What it finds out about a folder is kept in .stryker-tmp/,
 * so that the next run, or the one after Ctrl-C, tries again only the mutants whose own code or tests have changed.
 */
import { readdirSync, rmSync } from "node:fs";
import { posix } from "node:path";
import { Stryker } from "@stryker-mutator/core";
import { command, EXIT, flag, integer, names, runMain, withDefault } from "./command.js";

/** Percent of the mutants of all folders together. */
const LEAST_SCORE = 90;

/** Tests that hold what other folders promise too; Stryker runs only those that reach a mutant. */
const TESTS_OF_MANY = [
  "src/client.test.ts",
  "src/auth/{revocation,service-account-tokens,token-endpoint,verify-secret}.test.ts",
  "src/auth/digest/digest-authentication.test.ts",
  "src/operation/{api-error,call-options,hostile-arguments,hostile-responses,operation,request,response}.test.ts",
  "src/options/{client-options,options-from-env}.test.ts",
  "src/raw/*.test.ts",
  "src/safe/{foreign-error,secrecy}.test.ts",
  "src/transport/{caller-abort,envelope,network-failure,observe,outcome,versions}.test.ts",
];

await runMain(
  command({
    name: "test:mutation",
    about:
      "Changes the code of src/ (without cli/) in thousands of small ways and tries on each the tests that reach it. " +
      "Prints the share that was noticed, for each folder and over all, and lists the mutants that survived. Takes about " +
      "an hour; a second run tries only what has changed, also after Ctrl-C (the folder that it was in starts again).",
    options: {
      only: names("folders", "these folders of src/, separated by commas", foldersToMutate()),
      force: flag("try all mutants again: an earlier result does not know what changed in other folders"),
      concurrency: withDefault(integer("n", "how many mutants at a time", 1, 64), 1),
    },
    afterHelp: `Exit codes: 0 at least ${LEAST_SCORE} % are noticed, 1 fewer are, 2 wrong usage.`,
    async run({ only = foldersToMutate(), force, concurrency }, { out, err }) {
      const tempDirName = `.stryker-tmp/sandbox-${process.pid}`;
      process.once("exit", () => rmSync(tempDirName, { recursive: true, force: true }));
      let [noticed, tried] = [0, 0];
      for (const folder of only) {
        err(`test:mutation: ${folder}`);
        const mutants = await new Stryker({
          mutate: [`${folder}/*.ts`, "!**/*.test.ts"],
          testFiles: [`${folder}/*.test.ts`, ...TESTS_OF_MANY],
          incremental: true,
          incrementalFile: `.stryker-tmp/${folder.replaceAll("/", "-")}.json`,
          force,
          tempDirName,
          concurrency,
        }).runMutationTest();
        const found = mutants.filter(({ status }) => status === "Killed" || status === "Timeout").length;
        noticed += found;
        // Those that no test reaches count too.
        tried += found + mutants.filter(({ status }) => status === "Survived" || status === "NoCoverage").length;
      }
      const score = (100 * noticed) / tried;
      out(`${noticed} of ${tried} are noticed: ${score.toFixed(2)} %`);
      return score >= LEAST_SCORE ? EXIT.ok : EXIT.found;
    },
  }),
);

/** Every folder with code of its own, without the command line. */
function foldersToMutate(): readonly string[] {
  const files = readdirSync("src", { recursive: true, encoding: "utf8" }).map((file) => file.replaceAll("\\", "/"));
  const code = files.filter((file) => /\.ts$/.test(file) && !/\.test\.ts$|(^|\/)testing\/|^cli\//.test(file));
  return [...new Set(code.map((file) => posix.join("src", posix.dirname(file))))].sort();
}
