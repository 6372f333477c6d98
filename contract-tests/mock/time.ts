/**
 * The mock's time, which can be moved, and durations as people write them.
 */

const UNITS: Readonly<Record<string, number>> = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 };

/** A clock that can be put forward or back. */
export class MovableClock {
  readonly #clock: () => number;
  #offsetMs: number;

  /** @param clock - What it is set by, in milliseconds since 1970. */
  constructor(clock: () => number, offsetMs: number) {
    this.#clock = clock;
    this.#offsetMs = offsetMs;
  }

  readonly now = (): number => this.#clock() + this.#offsetMs;

  move(ms: number): void {
    this.#offsetMs += ms;
  }
}

/** Reads `30d`, `12h`, `90m`, `45s`, `200ms` or a sum of them, with a sign if it goes back; `undefined` for any other text. */
export function durationMs(text: string): number | undefined {
  const [, sign, parts = ""] = /^([+-]?)((?:\d+(?:\.\d+)?(?:ms|[smhd]))+)$/.exec(text.trim()) ?? [];
  if (parts === "") return undefined;
  const sum = [...parts.matchAll(/([\d.]+)(ms|[smhd])/g)]
    .map(([, count, unit = ""]) => Number(count) * (UNITS[unit] ?? 0))
    .reduce((one, other) => one + other);
  return sign === "-" ? -sum : sum;
}
