/**
 * Loaded into a process before anything else: reaching for a network ends it with 99. Pipes, which tsx uses, are none.
 */
import { Socket } from "node:net";

const { connect } = Socket.prototype;
Socket.prototype.connect = function (this: Socket, ...args: unknown[]) {
  const [options] = args.flat();
  const isNetwork = typeof options === "object" && options !== null && "port" in options;
  return isNetwork ? process.exit(99) : Reflect.apply(connect, this, args);
};
