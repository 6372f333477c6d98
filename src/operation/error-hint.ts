/**
 * What the reader of an error from Atlas can do next: it depends on the status.
 */
import type { OperationDescription } from "../../generated/operations.js";
import { excerpt, type Redact } from "../safe/redaction.js";
import { PROXY_HINT } from "../transport/network-failure.js";
import type { TransportRequest } from "../transport/pipeline.js";
import { versionOf, versionsOf } from "../transport/versions.js";
import type { Arguments } from "./arguments.js";

export interface HintContext {
  readonly operation: OperationDescription;
  readonly args: Arguments;
  readonly request: Pick<TransportRequest, "headers" | "retry">;
  /** Client id of the service account that the client signs in as, if it is one. */
  readonly signedInAs: string | undefined;
  readonly redact: Redact;
}

const LONGEST_VALUE = 200;

/** @param waitMs how long Atlas asks to wait, if it does */
export function errorHint(status: number, waitMs: number | undefined, context: HintContext): string | undefined {
  const { operation, signedInAs } = context;
  const client = signedInAs === undefined ? "The client" : `The client signs in as ${signedInAs}, which`;
  switch (status) {
    case 401:
      return signedInAs === undefined
        ? "Check the credentials of the client."
        : `The client signs in as ${signedInAs}: check its secret.`;
    case 403: {
      const { requiredRoles } = operation;
      return requiredRoles && `${client} needs the role ${requiredRoles.join(" or ")}.`;
    }
    case 404:
      return `Check that these exist and belong together: ${pathArguments(context)}.`;
    case 407:
      return PROXY_HINT;
    case 406:
    case 410:
      return versionHint(context);
    default:
      return waitMs === undefined ? undefined : waitHint(waitMs, context);
  }
}

function pathArguments({ operation, args, redact }: HintContext): string {
  return operation.parameters
    .filter((parameter) => parameter.in === "path")
    .map(({ name }) => `${name} ${excerpt(String(args[name]), LONGEST_VALUE, redact)}`)
    .join(", ");
}

function versionHint({ operation, request, redact }: HintContext): string {
  const { accept } = request.headers;
  const asked =
    accept === undefined ? "no version" : `version ${versionOf(accept) ?? excerpt(accept, LONGEST_VALUE, redact)}`;
  return `The call asked for ${asked}; the contract has ${versionsOf(operation).join(", ") || "none"} for this operation.`;
}

function waitHint(waitMs: number, { request: { retry } }: HintContext): string {
  const isTooLong = typeof retry === "object" && waitMs > retry.maxDelayMs;
  const limit = isTooLong ? `, longer than retry.maxDelayMs allows (${retry.maxDelayMs / 1000} s)` : "";
  return `Atlas asks to wait ${Math.ceil(waitMs / 1000)} s${limit}.`;
}
