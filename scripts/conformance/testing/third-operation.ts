/**
 * A contract with operations more, as somebody may add them.
 */
import { mkdtemp, readFile, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { FROZEN_CONTRACT } from "../../../contract-tests/contract/operations.js";

const OPERATIONS = `
  /api/atlas/v2/orgs/{orgId}/serviceAccounts/{clientId}/labels:
    put:
      operationId: replaceLabels
      security:
        - ServiceAccounts: []
      parameters:
        - $ref: "#/components/parameters/orgId"
        - $ref: "#/components/parameters/clientId"
        - { name: dryRun, in: query, required: true, schema: { type: boolean }, example: false }
        - { name: fields, in: query, required: false, schema: { type: array, minItems: 1, items: { type: string, enum: [name, owner] } }, example: [name] }
        - { name: X-Reason, in: header, required: true, schema: { type: string, minLength: 4, maxLength: 20 }, example: tests }
        - { name: session, in: cookie, required: false, schema: { type: string } }
      requestBody:
        required: true
        content:
          application/json:
            schema:
              type: object
              additionalProperties: false
              required: [labels]
              properties:
                labels: { type: array, minItems: 1, maxItems: 3, uniqueItems: true, items: { type: string, maxLength: 8 } }
                weight: { type: number, minimum: 1, maximum: 10, multipleOf: 0.5 }
            example: { labels: [blue], weight: 2 }
      responses:
        "200":
          description: All labels.
          content:
            application/vnd.atlas.2025-03-12+json:
              schema: { type: object, required: [labels], properties: { labels: { type: array, items: { type: string } } } }
              example: { labels: [blue] }
        "400":
          $ref: "#/components/responses/badRequest"
        "401":
          $ref: "#/components/responses/unauthorized"
  /api/atlas/v2/orgs/{orgId}/serviceAccounts/{clientId}/secrets/{secretId}/usage:
    get:
      operationId: readUsage
      security:
        - ServiceAccounts: []
      parameters:
        - $ref: "#/components/parameters/orgId"
        - $ref: "#/components/parameters/clientId"
        - $ref: "#/components/parameters/secretId"
      responses:
        "200":
          description: How often it was used.
          content:
            application/vnd.atlas.2025-03-12+json:
              schema: { type: object, required: [count], properties: { count: { type: integer } } }
              example: { count: 3 }
        "401":
          $ref: "#/components/responses/unauthorized"
        "404":
          $ref: "#/components/responses/notFound"
  /api/atlas/v2/orgs/{orgId}/reports/{reportName}:
    get:
      operationId: readReport
      security:
        - ServiceAccounts: []
      parameters:
        - $ref: "#/components/parameters/orgId"
        - { name: reportName, in: path, required: true, schema: { type: string, pattern: "^(?=[A-Z])[A-Z]{3}-[0-9]{4}$" } }
      responses:
        "200":
          description: One report.
          content:
            application/vnd.atlas.2025-03-12+json:
              schema: { type: object }
              example: {}
        "401":
          $ref: "#/components/responses/unauthorized"
components:
`;

/** Writes the contract with a PUT, a GET of something made and a GET for which no valid value is known. */
export async function contractWithThirdOperation(): Promise<string> {
  return changedContract((text) => text.replace("\ncomponents:\n", OPERATIONS));
}

/** Writes a copy of the contract in which something is changed. */
export async function changedContract(change: (text: string) => string): Promise<string> {
  const file = join(await mkdtemp(join(tmpdir(), "conformance-")), "contract.yaml");
  await writeFile(file, change(await readFile(FROZEN_CONTRACT, "utf8")));
  return file;
}
