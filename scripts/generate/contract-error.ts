// What the generator cannot do, and where in the contract it stands.

/** Thrown for every contract that cannot be generated from. The message is one line. */
export class ContractError extends Error {
  override readonly name = "ContractError";
  /** JSON pointer (RFC 6901) of the place, "" for the document itself. */
  readonly pointer: string;

  constructor(pointer: string, message: string, options?: ErrorOptions) {
    super(message.replaceAll(/\s*\n\s*/g, " "), options);
    this.pointer = pointer;
  }
}
