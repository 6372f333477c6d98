/**
 * Operations that the code has never heard of.
 */
import { beforeAll, describe, expect, it } from "vitest";
import { type Contract, readContract } from "../../contract-tests/contract/operations.js";
import { callableOf } from "./cases/callable.js";
import type { Derived } from "./cases/case.js";
import { casesOf } from "./cases/cases-of.js";
import type { Report } from "./report.js";
import { runConformance } from "./run.js";
import { contractWithThirdOperation } from "./testing/third-operation.js";

describe("a contract with further operations", () => {
  let contract: Contract;
  let report: Report;
  beforeAll(async () => {
    contract = await readContract(await contractWithThirdOperation());
    const known = ["createGroupServiceAccountSecret", "deleteOrgServiceAccountSecret"];
    report = await runConformance({ spec: contract, seed: 1, selects: (operationId) => !known.includes(operationId) });
  });

  function derived(operationId: string): Derived {
    const operation = contract.operations.find((each) => each.operationId === operationId);
    if (operation === undefined) throw new Error(`no ${operationId}`);
    const callable = callableOf(operation, { ids: {}, local: true }, []);
    if (typeof callable === "string") throw new Error(callable);
    return casesOf({ seed: 1, local: false }, callable, { credentials: { accessToken: "test-token-not-real" } });
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
