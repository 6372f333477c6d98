/**
 * What the server did, whatever it answered: the truth that the client's words are compared with.
 */
import type { Proof } from "./exchange.js";

/** One request as the server treated it. */
export interface Arrival {
  readonly method: string;
  /** Name of the fault, or of the honest answer. */
  readonly fault: string;
  /** The status that was answered, where it proves that nothing was done; undefined otherwise. */
  proof: Proof;
}

/** A secret that a call has made. */
export interface MadeSecret {
  readonly id: string;
  readonly value: string;
  readonly madeBy: number;
}

export class Ledger {
  readonly #live = new Set<string>();
  readonly #made: MadeSecret[] = [];
  readonly #arrivals = new Map<number, Arrival[]>();
  /** How often each call was carried out. */
  readonly #applied = new Map<number, number>();

  /** A secret that is there from the beginning. */
  seed(id: string): void {
    this.#live.add(id);
  }

  /** Writes a request down before it is treated; what it proves is filled in when that is over. */
  arrived(call: number, request: Pick<Arrival, "method" | "fault">): Arrival {
    const arrival: Arrival = { ...request, proof: undefined };
    this.#arrivals.set(call, [...this.arrivals(call), arrival]);
    return arrival;
  }

  /** Makes a secret for a call. */
  create(call: number): MadeSecret {
    const id = String(this.#made.length).padStart(24, "0");
    const secret = { id, value: `mdb_sa_sk_not-real-${id}`, madeBy: call };
    this.#made.push(secret);
    this.#live.add(id);
    this.#count(call);
    return secret;
  }

  /** Deletes a secret for a call; false where there is none. */
  delete(call: number, id: string): boolean {
    const found = this.#live.delete(id);
    if (found) this.#count(call);
    return found;
  }

  isLive(id: string): boolean {
    return this.#live.has(id);
  }

  applied(call: number): number {
    return this.#applied.get(call) ?? 0;
  }

  arrivals(call: number): readonly Arrival[] {
    return this.#arrivals.get(call) ?? [];
  }

  secretsMade(): readonly MadeSecret[] {
    return this.#made;
  }

  /** How often each fault was met. */
  faults(): ReadonlyMap<string, number> {
    const counts = new Map<string, number>();
    for (const { fault } of [...this.#arrivals.values()].flat()) counts.set(fault, (counts.get(fault) ?? 0) + 1);
    return counts;
  }

  #count(call: number): void {
    this.#applied.set(call, this.applied(call) + 1);
  }
}
