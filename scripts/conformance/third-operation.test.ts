/**
 * Operations that the code has never heard of.
 */
import { beforeAll, describe, expect, it } from "vitest";
import { type Contract, readContract } from "../../contract-tests/contract/operations.js";
import { callableOf, casesOf } from "./cases/cases-of.js";
import type { Report } from "./report.js";
import { runConformance } from "./run.js";
import { changedContract } from "./testing/checking.js";

/** A PUT, a GET of something that was created, and a GET for which no valid value is known. */
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
        - { name: X-Reason, in: header, required: true, schema: { type: string, minLength: 4, maxLength: 20, pattern: "^[a-z]*$" }, example: tests }
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

describe("a contract with further operations", () => {
  let contract: Contract;
  let report: Report;
  beforeAll(async () => {
    let remove = (): void => undefined;
    const change = (text: string): string => text.replace("\ncomponents:\n", OPERATIONS);
    contract = await readContract(await changedContract(change, { onTestFinished: (end) => (remove = end) }));
    const known = ["createGroupServiceAccountSecret", "deleteOrgServiceAccountSecret"];
    report = await runConformance({ spec: contract, seed: 1, selects: (operationId) => !known.includes(operationId) });
    return remove;
  });

  function derived(operationId: string): ReturnType<typeof casesOf> {
    const operation = contract.operations.find((each) => each.operationId === operationId);
    if (operation === undefined) throw new Error(`no ${operationId}`);
    const callable = callableOf(operation, { ids: {}, local: true }, []);
    if (typeof callable === "string") throw new Error(callable);
    const credentials = { accessToken: "test-token-not-real" };
    return casesOf({ seed: 1, local: false, casesPerKind: () => 100, credentials }, callable);
  }

  it("is checked with all of them, and its mock conforms", () => {
    expect(report.failures).toEqual([]);
    expect(report.operations).toEqual(["replaceLabels", "readUsage", "readReport"]);
    const passed = report.results.filter(
      ({ operationId, verdict }) => operationId === "replaceLabels" && verdict === "passed",
    );
    expect(passed.map(({ check }) => check)).toEqual([
      "status_code_conformance",
      "content_type_conformance",
      "response_schema_conformance",
      "not_a_server_error",
      "negative_data_rejection",
      "positive_data_acceptance",
      "ignored_auth",
      "version_negotiation",
      "unsupported_media_type",
      "unsupported_method",
    ]);
  });

  it("has each constraint broken: query, header, body, nested and optional", () => {
    const titles = derived("replaceLabels")
      .cases.filter(({ check }) => check === "negative_data_rejection")
      .map(({ title }) => title.split(":", 1)[0]);
    expect([...new Set(titles)]).toEqual([
      "orgId pattern",
      "clientId pattern",
      "dryRun type",
      "without dryRun",
      "fields 0 enum",
      "X-Reason minLength",
      "X-Reason maxLength",
      "X-Reason pattern",
      "without X-Reason",
      "body type",
      "body additionalProperties",
      "body required labels",
      "body labels type",
      "body labels minItems",
      "body labels maxItems",
      "body labels uniqueItems",
      "body labels.0 type",
      "body labels.0 maxLength",
      "body weight type",
      "body weight minimum",
      "body weight maximum",
      "body weight multipleOf",
      "body cut off",
      "body that is not JSON",
      "body with something behind it",
      "body twice",
      "body with one bracket too many",
      "body with a comment",
      "body with a comment behind it",
      "body with a comma before its end",
      "body in single quotes",
      "body with names without quotes",
      "body with a leading zero",
      "body with a plus sign",
      "body with a dot behind a number",
      "body with a hexadecimal number",
      "body with TRUE in capitals",
      "body with a comment behind #",
      "body with Infinity",
      "body with NaN",
      "body left empty",
    ]);
  });

  it("is asked for what was created, if an operation names it", () => {
    const result = report.results.find(
      ({ operationId, check }) => operationId === "readUsage" && check === "use_after_free",
    );
    expect(result?.verdict).toBe("passed");
  });

  it("has listed what no request could be made for", () => {
    const ofReports = report.results.filter(({ operationId }) => operationId === "readReport");
    const reason = "not sent: no valid value is known for reportName";
    expect(ofReports.every(({ verdict, judged }) => verdict === "not-provoked" && judged === 0)).toBe(true);
    expect(new Set(ofReports.map((result) => result.reason))).toEqual(new Set([reason]));
    expect(report.notProvoked).toContainEqual({ operationId: "readReport", what: "ignored_auth", reason });
    const ofLabels = report.notTried.filter(({ operationId }) => operationId === "replaceLabels");
    expect(ofLabels.map(({ what }) => what)).toEqual([
      "session",
      "orgId type",
      "clientId type",
      "fields type",
      "fields minItems",
      "fields 0 type",
      "X-Reason type",
      "session type",
    ]);
  });
});
