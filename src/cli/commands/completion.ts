/**
 * `atlas-secrets completion`: scripts that let a shell complete the command line, written from commander's own tables, so
 * that they know every command and option that `--help` knows, and no other.
 */
import type { Command, Option } from "commander";

export type Shell = "bash" | "zsh" | "fish";

/** What can follow the name of a command. */
interface Completed {
  readonly name: string;
  readonly description: string;
  readonly options: readonly Option[];
  /** The values of its argument, if it has one. */
  readonly values: readonly string[];
}

export function completionScript(program: Command, shell: Shell): string {
  const help = program.createHelp();
  const completed = (command: Command): Completed => ({
    name: command.name(),
    description: help.subcommandDescription(command),
    options: help.visibleOptions(command),
    values: command.registeredArguments.flatMap(({ argChoices }) => argChoices ?? []),
  });
  return { bash, zsh, fish }[shell](completed(program), help.visibleCommands(program).map(completed));
}

/** An option's value is the path of a file, or nothing that a shell could know; undefined if it has none. */
function valueKind({ flags, required, optional }: Option): "file" | "other" | undefined {
  if (!required && !optional) return undefined;
  return /<(?:file|path)>$/.test(flags) ? "file" : "other";
}

const namesOf = (options: readonly Option[]) => options.flatMap(({ short, long }) => [short ?? [], long ?? []].flat());
const quoted = (text: string) => `'${text.replaceAll("'", "'\\''")}'`;

function bash(program: Completed, commands: readonly Completed[]): string {
  const options = commands.flatMap((command) => command.options);
  const taking = (value: string) => namesOf(options.filter((each) => valueKind(each) === value));
  const pattern = (names: readonly string[]) => [...new Set(names)].join("|");
  const wordsOf = (words: readonly string[]) => quoted(words.join(" "));
  const cases = commands.map(
    ({ name, options: own, values }) => `      ${name}) words=${wordsOf([...values, ...namesOf(own)])} ;;\n`,
  );
  const first = wordsOf([...commands.map(({ name }) => name), ...namesOf(program.options)]);
  return `# Completion of atlas-secrets: eval "$(atlas-secrets completion bash)"
_atlas_secrets() {
  local word=\${COMP_WORDS[COMP_CWORD]} before=\${COMP_WORDS[COMP_CWORD-1]} words=${first} reply
  COMPREPLY=()
  # readline takes --option=value apart.
  if [[ $word == "=" ]]; then word=""; elif [[ $before == "=" ]]; then before=\${COMP_WORDS[COMP_CWORD-2]}; fi
  case $before in
    ${pattern(taking("file"))})
      compopt -o filenames 2>/dev/null
      while IFS= read -r reply; do COMPREPLY+=("$reply"); done < <(compgen -f -- "$word")
      return ;;
    ${pattern(taking("other"))}) return ;;
  esac
  if ((COMP_CWORD > 1)); then
    case \${COMP_WORDS[1]} in
${cases.join("")}      *) words="" ;;
    esac
  fi
  while IFS= read -r reply; do COMPREPLY+=("$reply"); done < <(compgen -W "$words" -- "$word")
}
complete -F _atlas_secrets atlas-secrets
`;
}

function zsh(program: Completed, commands: readonly Completed[]): string {
  const actions = { file: ":file:_files", other: ":value: " };
  const specs = ({ options, values }: Completed) => [
    ...(values.length === 0 ? [] : [`1:value:(${values.join(" ")})`]),
    ...options.flatMap((option) => {
      const value = valueKind(option);
      const described = `[${option.description.replace(/[[\]\\]/g, "\\$&")}]`;
      return namesOf([option]).map((name) =>
        value === undefined ? `${name}${described}` : `${name}=${described}${actions[value]}`,
      );
    }),
  ];
  const argumentsOf = (completed: Completed) =>
    `_arguments${specs(completed)
      .map((spec) => ` \\\n      ${quoted(spec)}`)
      .join("")}`;
  const described = commands.map(({ name, description }) => quoted(`${name}:${description.replaceAll(":", "\\:")}`));
  return `#compdef atlas-secrets
# Completion of atlas-secrets: eval "$(atlas-secrets completion zsh)", or save it as _atlas-secrets in a folder of $fpath
_atlas_secrets() {
  local -a commands=(
    ${described.join("\n    ")}
  )
  if ((CURRENT == 2)); then
    _describe command commands
    ${argumentsOf(program)}
    return
  fi
  # _arguments takes the first word for the name of the program.
  shift words
  ((CURRENT -= 1))
  case $words[1] in
${commands.map((command) => `    ${command.name}) ${argumentsOf(command)} ;;\n`).join("")}  esac
}
if [[ $funcstack[1] == _atlas-secrets ]]; then _atlas_secrets "$@"; else compdef _atlas_secrets atlas-secrets; fi
`;
}

function fish(program: Completed, commands: readonly Completed[]): string {
  const text = (words: string) => `'${words.replace(/[\\']/g, "\\$&")}'`;
  const actions = { file: " -r -F", other: " -x" };
  const line = (condition: string, more: string, description: string) =>
    `complete -c atlas-secrets -n ${text(condition)}${more} -d ${text(description)}\n`;
  const optionLines = (condition: string, { options }: Completed) =>
    options.map((option) => {
      const value = valueKind(option);
      const names = namesOf([option]).map((name) =>
        name.startsWith("--") ? ` -l ${name.slice(2)}` : ` -s ${name.slice(1)}`,
      );
      return line(condition, `${names.join("")}${value === undefined ? "" : actions[value]}`, option.description);
    });
  const first = "__fish_use_subcommand";
  return [
    "# Completion of atlas-secrets: atlas-secrets completion fish | source\n",
    "complete -c atlas-secrets -f\n",
    ...commands.map(({ name, description }) => line(first, ` -a ${name}`, description)),
    ...optionLines(first, program),
    ...commands.flatMap((command) => {
      const condition = `__fish_seen_subcommand_from ${command.name}`;
      const { values } = command;
      return [
        ...optionLines(condition, command),
        ...values.map((value) => `complete -c atlas-secrets -n ${text(condition)} -a ${value}\n`),
      ];
    }),
  ].join("");
}
