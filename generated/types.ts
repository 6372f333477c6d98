// Generated from the OpenAPI contract by `npm run generate`. Do not edit: change the contract instead.
/**
 * What the function of each operation takes and returns: the types that openapi-typescript wrote to schema.ts.
 */

import type { operations } from "./schema.js";

/** Arguments of `createGroupServiceAccountSecret`. */
export interface CreateGroupServiceAccountSecretArguments {
  /**
   * Id of the project, 24 hexadecimal digits. Atlas also calls a project a group; both words mean the same.
   *
   * Pattern: `^([a-f0-9]{24})$`
   */
  groupId: operations["createGroupServiceAccountSecret"]["parameters"]["path"]["groupId"];
  /**
   * Client id of the service account.
   *
   * Pattern: `^mdb_sa_id_[a-fA-F\d]{24}$`
   */
  clientId: operations["createGroupServiceAccountSecret"]["parameters"]["path"]["clientId"];
  /** How long the new secret is valid. */
  body: operations["createGroupServiceAccountSecret"]["requestBody"]["content"]["application/vnd.atlas.2024-08-05+json"];
  /**
   * Whether the response comes with status 200 and its real status and body inside a JSON object, for programs that
   * cannot read a response's status or headers.
   *
   * @defaultValue `false`
   */
  envelope?: ParameterType<operations["createGroupServiceAccountSecret"]["parameters"]["query"], "envelope">;
  /**
   * Whether the JSON of the response is indented for people to read.
   *
   * @defaultValue `false`
   */
  pretty?: ParameterType<operations["createGroupServiceAccountSecret"]["parameters"]["query"], "pretty">;
}

/** Arguments of `deleteOrgServiceAccountSecret`. */
export interface DeleteOrgServiceAccountSecretArguments {
  /**
   * Id of the organization that holds the projects, 24 hexadecimal digits.
   *
   * Pattern: `^([a-f0-9]{24})$`
   */
  orgId: operations["deleteOrgServiceAccountSecret"]["parameters"]["path"]["orgId"];
  /**
   * Client id of the service account.
   *
   * Pattern: `^mdb_sa_id_[a-fA-F\d]{24}$`
   */
  clientId: operations["deleteOrgServiceAccountSecret"]["parameters"]["path"]["clientId"];
  /**
   * Id of the secret, 24 hexadecimal digits. It is the id in the response to the creation, not the secret's value.
   *
   * Pattern: `^([a-f0-9]{24})$`
   */
  secretId: operations["deleteOrgServiceAccountSecret"]["parameters"]["path"]["secretId"];
  /**
   * Whether the response comes with status 200 and its real status and body inside a JSON object, for programs that
   * cannot read a response's status or headers.
   *
   * @defaultValue `false`
   */
  envelope?: ParameterType<operations["deleteOrgServiceAccountSecret"]["parameters"]["query"], "envelope">;
  /**
   * Whether the JSON of the response is indented for people to read.
   *
   * @defaultValue `false`
   */
  pretty?: ParameterType<operations["deleteOrgServiceAccountSecret"]["parameters"]["query"], "pretty">;
}

/** What `createGroupServiceAccountSecret` returns. */
export type CreateGroupServiceAccountSecretResult =
  operations["createGroupServiceAccountSecret"]["responses"][201]["content"]["application/vnd.atlas.2024-08-05+json"];

/** What `deleteOrgServiceAccountSecret` returns. */
export type DeleteOrgServiceAccountSecretResult = void;

/** The type of one parameter; without undefined, since what is optional is left out instead. */
type ParameterType<Parameters, Name extends keyof NonNullable<Parameters>> = Exclude<
  NonNullable<Parameters>[Name],
  undefined
>;
