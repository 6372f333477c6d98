// Generated from the OpenAPI contract by `npm run generate`. Do not edit: change the contract instead.

// compiled-schemas
var anyPattern = false;
var expressionOf = (source, flags) => {
  try {
    return new RegExp(source, flags);
  } catch {
    return new RegExp(source);
  }
};
var patternOf = (source, flags) => {
  const expression = expressionOf(source, flags);
  return { test: (text) => anyPattern || expression.test(text) };
};
function withoutPatterns(validate, data) {
  anyPattern = true;
  try {
    return validate(data);
  } finally {
    anyPattern = false;
  }
}
var check1 = validate21;
var func0 = Object.prototype.hasOwnProperty;
var func49 = patternOf;
var pattern0 = func49("^([a-f0-9]{24})$", "u");
var pattern1 = func49("^mdb_sa_id_[a-fA-F\\d]{24}$", "u");
function validate22(data, { instancePath = "", parentData, parentDataProperty, rootData = data } = {}) {
  let vErrors = null;
  let errors = 0;
  if (data && typeof data == "object" && !Array.isArray(data)) {
    if (data.secretExpiresAfterHours === void 0 || !func0.call(data, "secretExpiresAfterHours")) {
      const err0 = { instancePath, keyword: "required", params: { missingProperty: "secretExpiresAfterHours" }, message: "must have required property 'secretExpiresAfterHours'" };
      if (vErrors === null) {
        vErrors = [err0];
      } else {
        vErrors.push(err0);
      }
      errors++;
    }
    if (data.secretExpiresAfterHours !== void 0 && func0.call(data, "secretExpiresAfterHours")) {
      let data0 = data.secretExpiresAfterHours;
      if (!(typeof data0 == "number" && (!(data0 % 1) && !isNaN(data0)) && isFinite(data0))) {
        const err1 = { instancePath: instancePath + "/secretExpiresAfterHours", keyword: "type", params: { type: "integer" }, message: "must be integer" };
        if (vErrors === null) {
          vErrors = [err1];
        } else {
          vErrors.push(err1);
        }
        errors++;
      }
      if (typeof data0 == "number" && isFinite(data0)) {
        if (data0 > 2147483647 || isNaN(data0)) {
          const err2 = { instancePath: instancePath + "/secretExpiresAfterHours", keyword: "maximum", params: { comparison: "<=", limit: 2147483647 }, message: "must be <= 2147483647" };
          if (vErrors === null) {
            vErrors = [err2];
          } else {
            vErrors.push(err2);
          }
          errors++;
        }
        if (data0 <= 0 || isNaN(data0)) {
          const err3 = { instancePath: instancePath + "/secretExpiresAfterHours", keyword: "exclusiveMinimum", params: { comparison: ">", limit: 0 }, message: "must be > 0" };
          if (vErrors === null) {
            vErrors = [err3];
          } else {
            vErrors.push(err3);
          }
          errors++;
        }
      }
    }
  } else {
    const err4 = { instancePath, keyword: "type", params: { type: "object" }, message: "must be object" };
    if (vErrors === null) {
      vErrors = [err4];
    } else {
      vErrors.push(err4);
    }
    errors++;
  }
  validate22.errors = vErrors;
  return errors === 0;
}
function validate21(data, { instancePath = "", parentData, parentDataProperty, rootData = data } = {}) {
  let vErrors = null;
  let errors = 0;
  if (data && typeof data == "object" && !Array.isArray(data)) {
    if (data.groupId === void 0 || !func0.call(data, "groupId")) {
      const err0 = { instancePath, keyword: "required", params: { missingProperty: "groupId" }, message: "must have required property 'groupId'" };
      if (vErrors === null) {
        vErrors = [err0];
      } else {
        vErrors.push(err0);
      }
      errors++;
    }
    if (data.clientId === void 0 || !func0.call(data, "clientId")) {
      const err1 = { instancePath, keyword: "required", params: { missingProperty: "clientId" }, message: "must have required property 'clientId'" };
      if (vErrors === null) {
        vErrors = [err1];
      } else {
        vErrors.push(err1);
      }
      errors++;
    }
    if (data.body === void 0 || !func0.call(data, "body")) {
      const err2 = { instancePath, keyword: "required", params: { missingProperty: "body" }, message: "must have required property 'body'" };
      if (vErrors === null) {
        vErrors = [err2];
      } else {
        vErrors.push(err2);
      }
      errors++;
    }
    for (const key0 of Object.keys(data)) {
      if (!(key0 === "groupId" || key0 === "clientId" || key0 === "envelope" || key0 === "pretty" || key0 === "body")) {
        const err3 = { instancePath, keyword: "additionalProperties", params: { additionalProperty: key0 }, message: "must NOT have additional properties" };
        if (vErrors === null) {
          vErrors = [err3];
        } else {
          vErrors.push(err3);
        }
        errors++;
      }
    }
    if (data.groupId !== void 0 && func0.call(data, "groupId")) {
      let data0 = data.groupId;
      if (typeof data0 === "string") {
        if (!pattern0.test(data0)) {
          const err4 = { instancePath: instancePath + "/groupId", keyword: "pattern", params: { pattern: "^([a-f0-9]{24})$" }, message: 'must match pattern "^([a-f0-9]{24})$"' };
          if (vErrors === null) {
            vErrors = [err4];
          } else {
            vErrors.push(err4);
          }
          errors++;
        }
      } else {
        const err5 = { instancePath: instancePath + "/groupId", keyword: "type", params: { type: "string" }, message: "must be string" };
        if (vErrors === null) {
          vErrors = [err5];
        } else {
          vErrors.push(err5);
        }
        errors++;
      }
    }
    if (data.clientId !== void 0 && func0.call(data, "clientId")) {
      let data1 = data.clientId;
      if (typeof data1 === "string") {
        if (!pattern1.test(data1)) {
          const err6 = { instancePath: instancePath + "/clientId", keyword: "pattern", params: { pattern: "^mdb_sa_id_[a-fA-F\\d]{24}$" }, message: 'must match pattern "^mdb_sa_id_[a-fA-F\\d]{24}$"' };
          if (vErrors === null) {
            vErrors = [err6];
          } else {
            vErrors.push(err6);
          }
          errors++;
        }
      } else {
        const err7 = { instancePath: instancePath + "/clientId", keyword: "type", params: { type: "string" }, message: "must be string" };
        if (vErrors === null) {
          vErrors = [err7];
        } else {
          vErrors.push(err7);
        }
        errors++;
      }
    }
    if (data.envelope !== void 0 && func0.call(data, "envelope")) {
      if (typeof data.envelope !== "boolean") {
        const err8 = { instancePath: instancePath + "/envelope", keyword: "type", params: { type: "boolean" }, message: "must be boolean" };
        if (vErrors === null) {
          vErrors = [err8];
        } else {
          vErrors.push(err8);
        }
        errors++;
      }
    }
    if (data.pretty !== void 0 && func0.call(data, "pretty")) {
      if (typeof data.pretty !== "boolean") {
        const err9 = { instancePath: instancePath + "/pretty", keyword: "type", params: { type: "boolean" }, message: "must be boolean" };
        if (vErrors === null) {
          vErrors = [err9];
        } else {
          vErrors.push(err9);
        }
        errors++;
      }
    }
    if (data.body !== void 0 && func0.call(data, "body")) {
      if (!validate22(data.body, { instancePath: instancePath + "/body", parentData: data, parentDataProperty: "body", rootData })) {
        vErrors = vErrors === null ? validate22.errors : vErrors.concat(validate22.errors);
        errors = vErrors.length;
      }
    }
  } else {
    const err10 = { instancePath, keyword: "type", params: { type: "object" }, message: "must be object" };
    if (vErrors === null) {
      vErrors = [err10];
    } else {
      vErrors.push(err10);
    }
    errors++;
  }
  validate21.errors = vErrors;
  return errors === 0;
}
var check2 = validate24;
var schema9 = { "type": "object", "properties": { "createdAt": { "type": "string" }, "expiresAt": { "type": "string" }, "id": { "type": "string", "pattern": "^([a-f0-9]{24})$" }, "lastUsedAt": { "type": ["string", "null"] }, "maskedSecretValue": { "type": "string" }, "secret": { "type": "string" } }, "required": ["createdAt", "expiresAt", "id"] };
function validate25(data, { instancePath = "", parentData, parentDataProperty, rootData = data } = {}) {
  let vErrors = null;
  let errors = 0;
  if (data && typeof data == "object" && !Array.isArray(data)) {
    if (data.createdAt === void 0 || !func0.call(data, "createdAt")) {
      const err0 = { instancePath, keyword: "required", params: { missingProperty: "createdAt" }, message: "must have required property 'createdAt'" };
      if (vErrors === null) {
        vErrors = [err0];
      } else {
        vErrors.push(err0);
      }
      errors++;
    }
    if (data.expiresAt === void 0 || !func0.call(data, "expiresAt")) {
      const err1 = { instancePath, keyword: "required", params: { missingProperty: "expiresAt" }, message: "must have required property 'expiresAt'" };
      if (vErrors === null) {
        vErrors = [err1];
      } else {
        vErrors.push(err1);
      }
      errors++;
    }
    if (data.id === void 0 || !func0.call(data, "id")) {
      const err2 = { instancePath, keyword: "required", params: { missingProperty: "id" }, message: "must have required property 'id'" };
      if (vErrors === null) {
        vErrors = [err2];
      } else {
        vErrors.push(err2);
      }
      errors++;
    }
    if (data.createdAt !== void 0 && func0.call(data, "createdAt")) {
      if (typeof data.createdAt !== "string") {
        const err3 = { instancePath: instancePath + "/createdAt", keyword: "type", params: { type: "string" }, message: "must be string" };
        if (vErrors === null) {
          vErrors = [err3];
        } else {
          vErrors.push(err3);
        }
        errors++;
      }
    }
    if (data.expiresAt !== void 0 && func0.call(data, "expiresAt")) {
      if (typeof data.expiresAt !== "string") {
        const err4 = { instancePath: instancePath + "/expiresAt", keyword: "type", params: { type: "string" }, message: "must be string" };
        if (vErrors === null) {
          vErrors = [err4];
        } else {
          vErrors.push(err4);
        }
        errors++;
      }
    }
    if (data.id !== void 0 && func0.call(data, "id")) {
      let data2 = data.id;
      if (typeof data2 === "string") {
        if (!pattern0.test(data2)) {
          const err5 = { instancePath: instancePath + "/id", keyword: "pattern", params: { pattern: "^([a-f0-9]{24})$" }, message: 'must match pattern "^([a-f0-9]{24})$"' };
          if (vErrors === null) {
            vErrors = [err5];
          } else {
            vErrors.push(err5);
          }
          errors++;
        }
      } else {
        const err6 = { instancePath: instancePath + "/id", keyword: "type", params: { type: "string" }, message: "must be string" };
        if (vErrors === null) {
          vErrors = [err6];
        } else {
          vErrors.push(err6);
        }
        errors++;
      }
    }
    if (data.lastUsedAt !== void 0 && func0.call(data, "lastUsedAt")) {
      let data3 = data.lastUsedAt;
      if (typeof data3 !== "string" && data3 !== null) {
        const err7 = { instancePath: instancePath + "/lastUsedAt", keyword: "type", params: { type: schema9.properties.lastUsedAt.type }, message: "must be string,null" };
        if (vErrors === null) {
          vErrors = [err7];
        } else {
          vErrors.push(err7);
        }
        errors++;
      }
    }
    if (data.maskedSecretValue !== void 0 && func0.call(data, "maskedSecretValue")) {
      if (typeof data.maskedSecretValue !== "string") {
        const err8 = { instancePath: instancePath + "/maskedSecretValue", keyword: "type", params: { type: "string" }, message: "must be string" };
        if (vErrors === null) {
          vErrors = [err8];
        } else {
          vErrors.push(err8);
        }
        errors++;
      }
    }
    if (data.secret !== void 0 && func0.call(data, "secret")) {
      if (typeof data.secret !== "string") {
        const err9 = { instancePath: instancePath + "/secret", keyword: "type", params: { type: "string" }, message: "must be string" };
        if (vErrors === null) {
          vErrors = [err9];
        } else {
          vErrors.push(err9);
        }
        errors++;
      }
    }
  } else {
    const err10 = { instancePath, keyword: "type", params: { type: "object" }, message: "must be object" };
    if (vErrors === null) {
      vErrors = [err10];
    } else {
      vErrors.push(err10);
    }
    errors++;
  }
  validate25.errors = vErrors;
  return errors === 0;
}
function validate24(data, { instancePath = "", parentData, parentDataProperty, rootData = data } = {}) {
  let vErrors = null;
  let errors = 0;
  if (!validate25(data, { instancePath, parentData, parentDataProperty, rootData })) {
    vErrors = vErrors === null ? validate25.errors : vErrors.concat(validate25.errors);
    errors = vErrors.length;
  }
  validate24.errors = vErrors;
  return errors === 0;
}
var check3 = validate27;
function validate27(data, { instancePath = "", parentData, parentDataProperty, rootData = data } = {}) {
  let vErrors = null;
  let errors = 0;
  if (data && typeof data == "object" && !Array.isArray(data)) {
    if (data.orgId === void 0 || !func0.call(data, "orgId")) {
      const err0 = { instancePath, keyword: "required", params: { missingProperty: "orgId" }, message: "must have required property 'orgId'" };
      if (vErrors === null) {
        vErrors = [err0];
      } else {
        vErrors.push(err0);
      }
      errors++;
    }
    if (data.clientId === void 0 || !func0.call(data, "clientId")) {
      const err1 = { instancePath, keyword: "required", params: { missingProperty: "clientId" }, message: "must have required property 'clientId'" };
      if (vErrors === null) {
        vErrors = [err1];
      } else {
        vErrors.push(err1);
      }
      errors++;
    }
    if (data.secretId === void 0 || !func0.call(data, "secretId")) {
      const err2 = { instancePath, keyword: "required", params: { missingProperty: "secretId" }, message: "must have required property 'secretId'" };
      if (vErrors === null) {
        vErrors = [err2];
      } else {
        vErrors.push(err2);
      }
      errors++;
    }
    for (const key0 of Object.keys(data)) {
      if (!(key0 === "orgId" || key0 === "clientId" || key0 === "secretId" || key0 === "envelope" || key0 === "pretty")) {
        const err3 = { instancePath, keyword: "additionalProperties", params: { additionalProperty: key0 }, message: "must NOT have additional properties" };
        if (vErrors === null) {
          vErrors = [err3];
        } else {
          vErrors.push(err3);
        }
        errors++;
      }
    }
    if (data.orgId !== void 0 && func0.call(data, "orgId")) {
      let data0 = data.orgId;
      if (typeof data0 === "string") {
        if (!pattern0.test(data0)) {
          const err4 = { instancePath: instancePath + "/orgId", keyword: "pattern", params: { pattern: "^([a-f0-9]{24})$" }, message: 'must match pattern "^([a-f0-9]{24})$"' };
          if (vErrors === null) {
            vErrors = [err4];
          } else {
            vErrors.push(err4);
          }
          errors++;
        }
      } else {
        const err5 = { instancePath: instancePath + "/orgId", keyword: "type", params: { type: "string" }, message: "must be string" };
        if (vErrors === null) {
          vErrors = [err5];
        } else {
          vErrors.push(err5);
        }
        errors++;
      }
    }
    if (data.clientId !== void 0 && func0.call(data, "clientId")) {
      let data1 = data.clientId;
      if (typeof data1 === "string") {
        if (!pattern1.test(data1)) {
          const err6 = { instancePath: instancePath + "/clientId", keyword: "pattern", params: { pattern: "^mdb_sa_id_[a-fA-F\\d]{24}$" }, message: 'must match pattern "^mdb_sa_id_[a-fA-F\\d]{24}$"' };
          if (vErrors === null) {
            vErrors = [err6];
          } else {
            vErrors.push(err6);
          }
          errors++;
        }
      } else {
        const err7 = { instancePath: instancePath + "/clientId", keyword: "type", params: { type: "string" }, message: "must be string" };
        if (vErrors === null) {
          vErrors = [err7];
        } else {
          vErrors.push(err7);
        }
        errors++;
      }
    }
    if (data.secretId !== void 0 && func0.call(data, "secretId")) {
      let data2 = data.secretId;
      if (typeof data2 === "string") {
        if (!pattern0.test(data2)) {
          const err8 = { instancePath: instancePath + "/secretId", keyword: "pattern", params: { pattern: "^([a-f0-9]{24})$" }, message: 'must match pattern "^([a-f0-9]{24})$"' };
          if (vErrors === null) {
            vErrors = [err8];
          } else {
            vErrors.push(err8);
          }
          errors++;
        }
      } else {
        const err9 = { instancePath: instancePath + "/secretId", keyword: "type", params: { type: "string" }, message: "must be string" };
        if (vErrors === null) {
          vErrors = [err9];
        } else {
          vErrors.push(err9);
        }
        errors++;
      }
    }
    if (data.envelope !== void 0 && func0.call(data, "envelope")) {
      if (typeof data.envelope !== "boolean") {
        const err10 = { instancePath: instancePath + "/envelope", keyword: "type", params: { type: "boolean" }, message: "must be boolean" };
        if (vErrors === null) {
          vErrors = [err10];
        } else {
          vErrors.push(err10);
        }
        errors++;
      }
    }
    if (data.pretty !== void 0 && func0.call(data, "pretty")) {
      if (typeof data.pretty !== "boolean") {
        const err11 = { instancePath: instancePath + "/pretty", keyword: "type", params: { type: "boolean" }, message: "must be boolean" };
        if (vErrors === null) {
          vErrors = [err11];
        } else {
          vErrors.push(err11);
        }
        errors++;
      }
    }
  } else {
    const err12 = { instancePath, keyword: "type", params: { type: "object" }, message: "must be object" };
    if (vErrors === null) {
      vErrors = [err12];
    } else {
      vErrors.push(err12);
    }
    errors++;
  }
  validate27.errors = vErrors;
  return errors === 0;
}
var argumentValidators = {
  createGroupServiceAccountSecret: check1,
  deleteOrgServiceAccountSecret: check3
};
var responseValidators = {
  createGroupServiceAccountSecret: { 201: check2 },
  deleteOrgServiceAccountSecret: {}
};
export {
  argumentValidators,
  responseValidators,
  withoutPatterns
};
