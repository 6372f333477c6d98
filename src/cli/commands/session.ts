/** What every command shares: its options, signals, output, errors, its client, and the proxy in between. */
import * as http from "node:http";
import { setTimeout as sleep } from "node:timers/promises";
import { type AtlasClient, createAtlasClient, DEFAULT_OPTIONS, optionsFromEnv, type Redactor } from "../../index.js";
import type { StateFile } from "../state/state-file.js";
import { type CommandIo, createMessages, type Messages } from "../terminal/command-io.js";
import { codeOf, EXIT, type ExitCode, exitCodeOf, problemsIn, UsageError } from "../terminal/exit-code.js";
import { describeError, type Ending, messageOf, type OpenAccount, stoppedAtOnce } from "../terminal/report.js";
import { type Options, readOptions, type TypedOptions } from "./options.js";

export type RunCommand = (session: Session) => Promise<Ending>;

const BASE_URL_VARIABLE = "MONGODB_ATLAS_BASE_URL";
const SIGNALS: readonly NodeJS.Signals[] = ["SIGINT", "SIGTERM", "SIGHUP"];
/** One press of Ctrl-C arrives twice under npx, from the terminal and from npm; systemd sends SIGHUP after SIGTERM. */
const SAME_REQUEST_MS = 500;
/** A token that is not revoked changes nothing; it ends by itself within the hour. */
const LONGEST_CLOSE_MS = 3000;

export class Session {
  readonly messages: Messages;
  readonly options: Options;
  /** Collected, so that whoever made three mistakes does not have to try four times. */
  readonly problems: string[] = [];
  /** What was not due then has not been checked, and is left to the next run. */
  readonly startedAt: number;
  readonly #interrupter = new AbortController();
  /** Aborts when the process is asked to stop. */
  readonly interruption = this.#interrupter.signal;
  #firstSignalAt: number | undefined;
  /** The accounts that the command is working on, by client id. */
  readonly open = new Map<string, OpenAccount>();
  /** Known once the last step is over: from then on no signal changes it. */
  #exitCode: ExitCode | undefined;
  #isOver = false;
  /** Closed when the command has ended; then the tokens of the client are revoked. */
  state: StateFile | undefined;
  #client: AtlasClient | undefined;

  constructor(
    readonly io: CommandIo,
    redactor: Redactor,
    typed: TypedOptions,
  ) {
    this.startedAt = io.now();
    this.messages = createMessages(io, redactor, typed["quiet"] === true);
    this.options = readOptions(typed, io.env, this.problems);
    // Until the process ends: a signal that nobody listens to would change its exit code.
    for (const name of SIGNALS) io.onSignal(name, () => this.#onSignal(name));
  }

  /** Runs the command to its end, prints how it ended, and returns its exit code. */
  async run(commandName: string, command: RunCommand): Promise<ExitCode> {
    const { messages, interruption, io } = this;
    const ending = await command(this).catch((error: unknown): Ending => {
      const exitCode = exitCodeOf(error, interruption);
      const usage = [`nothing was sent; see atlas-secrets ${commandName} --help`];
      const lines = exitCode === EXIT.usage ? [...problemsIn(error), ...usage] : [describeError(error, io.env)];
      return { exitCode, messages: lines, output: undefined };
    });
    const exitCode = await this.#end(ending);
    await this.state?.close(messages.print);
    this.#isOver = true;
    const revoked = this.#client?.close().catch((error: unknown) => messages.info(messageOf(error)));
    await Promise.race([revoked, sleep(LONGEST_CLOSE_MS, undefined, { ref: false })]);
    return exitCode;
  }

  /** What the function returns; undefined if it throws an error that says what cannot be used, which is then a problem. */
  async check<Result>(read: () => Result | Promise<Result>): Promise<Result | undefined> {
    try {
      return await read();
    } catch (error) {
      this.problems.push(...problemsIn(error));
      return undefined;
    }
  }

  /** What was found, all of it defined; throws a UsageError if there is any problem. */
  complete<Found extends object>(found: Found) {
    if (this.problems.length > 0) throw new UsageError(...this.problems);
    // A member is undefined only if a problem was added.
    return found as { readonly [Name in keyof Found]: NonNullable<Found[Name]> };
  }

  /** The client with the credentials of the environment; throws a UsageError if there is any problem. */
  async createClient(): Promise<AtlasClient> {
    const { io, messages, options } = this;
    const { baseUrl, timeout: timeoutMs, retries, maxWait: maxDelayMs } = options;
    // The option wins, whatever the variable holds.
    const env = baseUrl === undefined ? io.env : { ...io.env, [BASE_URL_VARIABLE]: undefined };
    const client = await this.check(() => {
      this.#client = createAtlasClient({
        ...{ ...optionsFromEnv(env), ...(baseUrl !== undefined && { baseUrl }), timeoutMs },
        retry: { maxAttempts: retries === undefined ? undefined : retries + 1, maxDelayMs },
        onRetry({ operationId, reason, delayMs }) {
          const got = typeof reason === "number" ? `status ${reason}` : "no response";
          messages.progress(`${operationId} got ${got}: trying again in ${Math.ceil(delayMs / 1000)} s`);
        },
        onDeprecation({ operationId, version, sunsetOn }) {
          const end = sunsetOn ? ` and ends on ${sunsetOn}` : "";
          messages.info(`version ${version} of ${operationId} is deprecated${end}`);
        },
      });
      const withoutProxy = useProxy(io, this.#baseUrl());
      if (withoutProxy !== undefined) messages.print(withoutProxy);
      return this.#client;
    });
    return this.complete({ client }).client;
  }

  #baseUrl(): string {
    return this.options.baseUrl ?? (this.io.env[BASE_URL_VARIABLE] || DEFAULT_OPTIONS.baseUrl);
  }

  onStep(account: OpenAccount): void {
    const { clientId, secretId } = account;
    const before = this.open.get(clientId);
    // Before its creation is asked for there is nothing to do about it; what is resumed was created by an earlier run.
    if (secretId !== undefined && before?.step === "create" && before.remedies.length > 0) {
      // At once and in every log: even a run that is killed leaves the id of what it created.
      this.messages.print(`created secret ${secretId} of ${clientId}`);
    }
    this.open.set(clientId, account);
  }

  /** The last step is over. */
  async #end({ exitCode, messages = [], output, info, done }: Ending): Promise<ExitCode> {
    this.#exitCode = exitCode;
    for (const message of messages) this.messages.print(message);
    this.messages.clearProgress();
    try {
      const text = typeof output === "object" ? `${JSON.stringify(output, undefined, 2)}\n` : output;
      if (text !== undefined) await this.io.stdout.write(text);
      if (info !== undefined) this.messages.info(info);
    } catch (error) {
      this.#exitCode = done === undefined ? exitCode || EXIT.refused : EXIT.uncertain;
      for (const line of [`cannot write to stdout (${codeOf(error)})`, ...(done ?? [])]) this.messages.print(line);
    }
    return this.#exitCode;
  }

  /** `--dry-run`: what would be done, without credentials. */
  preview(preview: object, warnings: readonly (string | undefined)[] = []): Ending {
    const found = warnings.filter((warning) => warning !== undefined);
    return {
      exitCode: EXIT.done,
      messages: found.map((warning) => `warning: ${warning}`),
      output: { dryRun: true, baseUrl: this.#baseUrl(), ...preview, ...(found.length > 0 && { warnings: found }) },
    };
  }

  /** The first stops the command after the current step, the second stops it at once. */
  #onSignal(name: NodeJS.Signals): void {
    // Without a terminal nothing can hang up, as under nohup.
    if (name === "SIGHUP" && this.io.stderr.columns === undefined) return;
    const isFirst = this.#firstSignalAt === undefined;
    this.#firstSignalAt ??= performance.now();
    if (!isFirst && performance.now() - this.#firstSignalAt <= SAME_REQUEST_MS) return;
    if (isFirst && !this.#isOver) {
      if (this.#exitCode === undefined) {
        this.messages.print(`${name}: finishing the current step; send it again to stop at once`);
      }
      this.#interrupter.abort(Object.assign(new Error(`by ${name}`), { name: "Interrupted" }));
      return;
    }
    if (this.#exitCode === undefined) {
      // Nobody waits for a reader that is stuck; if it is lost, the messages have said the same.
      void this.#end(stoppedAtOnce([...this.open.values()], name, this.options.fleet !== undefined));
    }
    this.io.exit(this.#exitCode ?? EXIT.uncertain);
  }
}

/** What Node.js offers to use a proxy with `fetch`, by version. */
export interface ProxySupport {
  /** Since 24.14: at any time. */
  readonly setGlobalProxyFromEnv?: (env: CommandIo["env"]) => unknown;
  /** Since 22.21 and 24.5: if `NODE_USE_ENV_PROXY=1` was set when the process started. */
  readonly isUsableAtStart: boolean;
}

const OF_THIS_NODE: ProxySupport = {
  // The type declarations are those of the oldest Node.js that is supported.
  ...(http as Pick<ProxySupport, "setGlobalProxyFromEnv">),
  isUsableAtStart: process.allowedNodeEnvironmentFlags.has("--use-env-proxy"),
};

/** @returns why the proxy of the environment is not used; undefined if it is used, or there is none for this host */
export function useProxy(
  { env }: Pick<CommandIo, "env">,
  baseUrl: string,
  { setGlobalProxyFromEnv, isUsableAtStart }: ProxySupport = OF_THIS_NODE,
): string | undefined {
  const { protocol, hostname } = new URL(baseUrl);
  const name = protocol === "https:" ? "HTTPS_PROXY" : "HTTP_PROXY";
  const read = (variable: string) => env[variable] || env[variable.toLowerCase()] || "";
  // A host of the list and its subdomains, or all.
  const isExcepted = (entry: string) => {
    const host = entry.toLowerCase().replace(/^\*?\.|:\d+$/g, "");
    return entry === "*" || (host !== "" && `.${hostname}`.endsWith(`.${host}`));
  };
  const exceptions = read("NO_PROXY").split(/[\s,]+/);
  if (read(name) === "" || exceptions.some(isExcepted)) return undefined;
  if (setGlobalProxyFromEnv === undefined) {
    if (!isUsableAtStart) return `${name} is not used: Node.js ${process.version} cannot; version 24 can`;
    return env["NODE_USE_ENV_PROXY"] === "1" ? undefined : `${name} is not used; set NODE_USE_ENV_PROXY=1 as well`;
  }
  try {
    setGlobalProxyFromEnv(env);
    return undefined;
  } catch {
    // The error may quote the URL, which can hold a password.
    throw new UsageError("HTTPS_PROXY or HTTP_PROXY is not the URL of a proxy");
  }
}
