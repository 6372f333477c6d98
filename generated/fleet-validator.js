// Generated from fleet.schema.json by `npm run generate`. Do not edit: change the schema instead.

// compiled-schemas
var validateFleet = validate21;
var schema6 = { "$schema": "http://json-schema.org/draft-07/schema#", "title": "A fleet of rotations for atlas-secrets rotate --fleet", "type": "object", "required": ["rotations"], "additionalProperties": false, "properties": { "$schema": { "type": "string" }, "defaults": { "type": "object", "additionalProperties": false, "properties": { "groupId": { "$ref": "#/definitions/groupId" }, "orgId": { "$ref": "#/definitions/orgId" }, "secretExpiresAfterHours": { "$ref": "#/definitions/secretExpiresAfterHours" }, "exec": { "$ref": "#/definitions/exec" } } }, "rotations": { "title": "an array with at least one entry", "type": "array", "minItems": 1, "items": { "$ref": "#/definitions/rotation" } } }, "allOf": [{ "if": { "required": ["defaults"], "properties": { "defaults": { "$ref": "#/definitions/withGroupId" } } }, "else": { "properties": { "rotations": { "items": { "$ref": "#/definitions/withGroupId" } } } } }, { "if": { "required": ["defaults"], "properties": { "defaults": { "$ref": "#/definitions/withOrgId" } } }, "else": { "properties": { "rotations": { "items": { "$ref": "#/definitions/withOrgId" } } } } }, { "if": { "required": ["defaults"], "properties": { "defaults": { "$ref": "#/definitions/withLife" } } }, "else": { "properties": { "rotations": { "items": { "$ref": "#/definitions/withLife" } } } } }, { "if": { "required": ["defaults"], "properties": { "defaults": { "required": ["exec"] } } }, "else": { "properties": { "rotations": { "items": { "anyOf": [{ "required": ["secretFile"] }, { "required": ["exec"] }] } } } } }], "definitions": { "rotation": { "type": "object", "required": ["clientId"], "not": { "type": "object", "required": ["secretFile", "exec"] }, "additionalProperties": false, "properties": { "groupId": { "$ref": "#/definitions/groupId" }, "orgId": { "$ref": "#/definitions/orgId" }, "clientId": { "title": "mdb_sa_id_ and 24 hexadecimal digits", "type": "string", "pattern": "^mdb_sa_id_[a-fA-F\\d]{24}$" }, "secretExpiresAfterHours": { "$ref": "#/definitions/secretExpiresAfterHours" }, "previousSecretId": { "$ref": "#/definitions/id" }, "secretFile": { "$ref": "#/definitions/text" }, "exec": { "$ref": "#/definitions/exec" } } }, "withGroupId": { "required": ["groupId"] }, "withOrgId": { "required": ["orgId"] }, "withLife": { "required": ["secretExpiresAfterHours"] }, "groupId": { "$ref": "#/definitions/id" }, "orgId": { "$ref": "#/definitions/id" }, "id": { "title": "24 hexadecimal digits", "type": "string", "pattern": "^([a-f0-9]{24})$" }, "secretExpiresAfterHours": { "title": "an integer from 1 to 2147483647, or a duration such as 30d", "type": ["integer", "string"], "minimum": 1, "maximum": 2147483647, "pattern": "^[1-9]\\d{0,5}[dh]$" }, "exec": { "$ref": "#/definitions/text" }, "text": { "title": "text that is not blank", "type": "string", "pattern": "^[^\\u0000]*[^\\s\\u0000][^\\u0000]*$" } } };
var func0 = Object.prototype.hasOwnProperty;
var schema7 = { "required": ["groupId"] };
function validate22(data, { instancePath = "", parentData, parentDataProperty, rootData = data } = {}) {
  let vErrors = null;
  let errors = 0;
  if (data && typeof data == "object" && !Array.isArray(data)) {
    if (data.groupId === void 0 || !func0.call(data, "groupId")) {
      const err0 = { instancePath, schemaPath: "#/required", keyword: "required", params: { missingProperty: "groupId" }, schema: schema7.required, parentSchema: schema7, data };
      if (vErrors === null) {
        vErrors = [err0];
      } else {
        vErrors.push(err0);
      }
      errors++;
    }
  }
  validate22.errors = vErrors;
  return errors === 0;
}
var schema8 = { "required": ["orgId"] };
function validate25(data, { instancePath = "", parentData, parentDataProperty, rootData = data } = {}) {
  let vErrors = null;
  let errors = 0;
  if (data && typeof data == "object" && !Array.isArray(data)) {
    if (data.orgId === void 0 || !func0.call(data, "orgId")) {
      const err0 = { instancePath, schemaPath: "#/required", keyword: "required", params: { missingProperty: "orgId" }, schema: schema8.required, parentSchema: schema8, data };
      if (vErrors === null) {
        vErrors = [err0];
      } else {
        vErrors.push(err0);
      }
      errors++;
    }
  }
  validate25.errors = vErrors;
  return errors === 0;
}
var schema9 = { "required": ["secretExpiresAfterHours"] };
function validate28(data, { instancePath = "", parentData, parentDataProperty, rootData = data } = {}) {
  let vErrors = null;
  let errors = 0;
  if (data && typeof data == "object" && !Array.isArray(data)) {
    if (data.secretExpiresAfterHours === void 0 || !func0.call(data, "secretExpiresAfterHours")) {
      const err0 = { instancePath, schemaPath: "#/required", keyword: "required", params: { missingProperty: "secretExpiresAfterHours" }, schema: schema9.required, parentSchema: schema9, data };
      if (vErrors === null) {
        vErrors = [err0];
      } else {
        vErrors.push(err0);
      }
      errors++;
    }
  }
  validate28.errors = vErrors;
  return errors === 0;
}
var schema10 = { "title": "24 hexadecimal digits", "type": "string", "pattern": "^([a-f0-9]{24})$" };
var pattern0 = new RegExp("^([a-f0-9]{24})$", "u");
function validate31(data, { instancePath = "", parentData, parentDataProperty, rootData = data } = {}) {
  let vErrors = null;
  let errors = 0;
  if (typeof data === "string") {
    if (!pattern0.test(data)) {
      const err0 = { instancePath, schemaPath: "#/pattern", keyword: "pattern", params: { pattern: "^([a-f0-9]{24})$" }, schema: "^([a-f0-9]{24})$", parentSchema: schema10, data };
      if (vErrors === null) {
        vErrors = [err0];
      } else {
        vErrors.push(err0);
      }
      errors++;
    }
  } else {
    const err1 = { instancePath, schemaPath: "#/type", keyword: "type", params: { type: "string" }, schema: schema10.type, parentSchema: schema10, data };
    if (vErrors === null) {
      vErrors = [err1];
    } else {
      vErrors.push(err1);
    }
    errors++;
  }
  validate31.errors = vErrors;
  return errors === 0;
}
function validate33(data, { instancePath = "", parentData, parentDataProperty, rootData = data } = {}) {
  let vErrors = null;
  let errors = 0;
  if (typeof data === "string") {
    if (!pattern0.test(data)) {
      const err0 = { instancePath, schemaPath: "#/pattern", keyword: "pattern", params: { pattern: "^([a-f0-9]{24})$" }, schema: "^([a-f0-9]{24})$", parentSchema: schema10, data };
      if (vErrors === null) {
        vErrors = [err0];
      } else {
        vErrors.push(err0);
      }
      errors++;
    }
  } else {
    const err1 = { instancePath, schemaPath: "#/type", keyword: "type", params: { type: "string" }, schema: schema10.type, parentSchema: schema10, data };
    if (vErrors === null) {
      vErrors = [err1];
    } else {
      vErrors.push(err1);
    }
    errors++;
  }
  validate33.errors = vErrors;
  return errors === 0;
}
var schema12 = { "title": "an integer from 1 to 2147483647, or a duration such as 30d", "type": ["integer", "string"], "minimum": 1, "maximum": 2147483647, "pattern": "^[1-9]\\d{0,5}[dh]$" };
var pattern2 = new RegExp("^[1-9]\\d{0,5}[dh]$", "u");
function validate35(data, { instancePath = "", parentData, parentDataProperty, rootData = data } = {}) {
  let vErrors = null;
  let errors = 0;
  if (!(typeof data == "number" && (!(data % 1) && !isNaN(data)) && isFinite(data)) && typeof data !== "string") {
    const err0 = { instancePath, schemaPath: "#/type", keyword: "type", params: { type: schema12.type }, schema: schema12.type, parentSchema: schema12, data };
    if (vErrors === null) {
      vErrors = [err0];
    } else {
      vErrors.push(err0);
    }
    errors++;
  }
  if (typeof data == "number" && isFinite(data)) {
    if (data > 2147483647 || isNaN(data)) {
      const err1 = { instancePath, schemaPath: "#/maximum", keyword: "maximum", params: { comparison: "<=", limit: 2147483647 }, schema: 2147483647, parentSchema: schema12, data };
      if (vErrors === null) {
        vErrors = [err1];
      } else {
        vErrors.push(err1);
      }
      errors++;
    }
    if (data < 1 || isNaN(data)) {
      const err2 = { instancePath, schemaPath: "#/minimum", keyword: "minimum", params: { comparison: ">=", limit: 1 }, schema: 1, parentSchema: schema12, data };
      if (vErrors === null) {
        vErrors = [err2];
      } else {
        vErrors.push(err2);
      }
      errors++;
    }
  }
  if (typeof data === "string") {
    if (!pattern2.test(data)) {
      const err3 = { instancePath, schemaPath: "#/pattern", keyword: "pattern", params: { pattern: "^[1-9]\\d{0,5}[dh]$" }, schema: "^[1-9]\\d{0,5}[dh]$", parentSchema: schema12, data };
      if (vErrors === null) {
        vErrors = [err3];
      } else {
        vErrors.push(err3);
      }
      errors++;
    }
  }
  validate35.errors = vErrors;
  return errors === 0;
}
var schema13 = { "title": "text that is not blank", "type": "string", "pattern": "^[^\\u0000]*[^\\s\\u0000][^\\u0000]*$" };
var pattern3 = new RegExp("^[^\\u0000]*[^\\s\\u0000][^\\u0000]*$", "u");
function validate37(data, { instancePath = "", parentData, parentDataProperty, rootData = data } = {}) {
  let vErrors = null;
  let errors = 0;
  if (typeof data === "string") {
    if (!pattern3.test(data)) {
      const err0 = { instancePath, schemaPath: "#/pattern", keyword: "pattern", params: { pattern: "^[^\\u0000]*[^\\s\\u0000][^\\u0000]*$" }, schema: "^[^\\u0000]*[^\\s\\u0000][^\\u0000]*$", parentSchema: schema13, data };
      if (vErrors === null) {
        vErrors = [err0];
      } else {
        vErrors.push(err0);
      }
      errors++;
    }
  } else {
    const err1 = { instancePath, schemaPath: "#/type", keyword: "type", params: { type: "string" }, schema: schema13.type, parentSchema: schema13, data };
    if (vErrors === null) {
      vErrors = [err1];
    } else {
      vErrors.push(err1);
    }
    errors++;
  }
  validate37.errors = vErrors;
  return errors === 0;
}
var schema14 = { "type": "object", "required": ["clientId"], "not": { "type": "object", "required": ["secretFile", "exec"] }, "additionalProperties": false, "properties": { "groupId": { "$ref": "#/definitions/groupId" }, "orgId": { "$ref": "#/definitions/orgId" }, "clientId": { "title": "mdb_sa_id_ and 24 hexadecimal digits", "type": "string", "pattern": "^mdb_sa_id_[a-fA-F\\d]{24}$" }, "secretExpiresAfterHours": { "$ref": "#/definitions/secretExpiresAfterHours" }, "previousSecretId": { "$ref": "#/definitions/id" }, "secretFile": { "$ref": "#/definitions/text" }, "exec": { "$ref": "#/definitions/exec" } } };
function validate43(data, { instancePath = "", parentData, parentDataProperty, rootData = data } = {}) {
  let vErrors = null;
  let errors = 0;
  if (typeof data === "string") {
    if (!pattern0.test(data)) {
      const err0 = { instancePath, schemaPath: "#/pattern", keyword: "pattern", params: { pattern: "^([a-f0-9]{24})$" }, schema: "^([a-f0-9]{24})$", parentSchema: schema10, data };
      if (vErrors === null) {
        vErrors = [err0];
      } else {
        vErrors.push(err0);
      }
      errors++;
    }
  } else {
    const err1 = { instancePath, schemaPath: "#/type", keyword: "type", params: { type: "string" }, schema: schema10.type, parentSchema: schema10, data };
    if (vErrors === null) {
      vErrors = [err1];
    } else {
      vErrors.push(err1);
    }
    errors++;
  }
  validate43.errors = vErrors;
  return errors === 0;
}
function validate45(data, { instancePath = "", parentData, parentDataProperty, rootData = data } = {}) {
  let vErrors = null;
  let errors = 0;
  if (typeof data === "string") {
    if (!pattern3.test(data)) {
      const err0 = { instancePath, schemaPath: "#/pattern", keyword: "pattern", params: { pattern: "^[^\\u0000]*[^\\s\\u0000][^\\u0000]*$" }, schema: "^[^\\u0000]*[^\\s\\u0000][^\\u0000]*$", parentSchema: schema13, data };
      if (vErrors === null) {
        vErrors = [err0];
      } else {
        vErrors.push(err0);
      }
      errors++;
    }
  } else {
    const err1 = { instancePath, schemaPath: "#/type", keyword: "type", params: { type: "string" }, schema: schema13.type, parentSchema: schema13, data };
    if (vErrors === null) {
      vErrors = [err1];
    } else {
      vErrors.push(err1);
    }
    errors++;
  }
  validate45.errors = vErrors;
  return errors === 0;
}
var pattern4 = new RegExp("^mdb_sa_id_[a-fA-F\\d]{24}$", "u");
function validate39(data, { instancePath = "", parentData, parentDataProperty, rootData = data } = {}) {
  let vErrors = null;
  let errors = 0;
  const _errs1 = errors;
  const _errs2 = errors;
  if (errors === _errs2) {
    if (data && typeof data == "object" && !Array.isArray(data)) {
      let missing0;
      if ((data.secretFile === void 0 || !func0.call(data, "secretFile")) && (missing0 = "secretFile") || (data.exec === void 0 || !func0.call(data, "exec")) && (missing0 = "exec")) {
        const err0 = {};
        if (vErrors === null) {
          vErrors = [err0];
        } else {
          vErrors.push(err0);
        }
        errors++;
      }
    } else {
      const err1 = {};
      if (vErrors === null) {
        vErrors = [err1];
      } else {
        vErrors.push(err1);
      }
      errors++;
    }
  }
  var valid0 = _errs2 === errors;
  if (valid0) {
    const err2 = { instancePath, schemaPath: "#/not", keyword: "not", params: {}, schema: schema14.not, parentSchema: schema14, data };
    if (vErrors === null) {
      vErrors = [err2];
    } else {
      vErrors.push(err2);
    }
    errors++;
  } else {
    errors = _errs1;
    if (vErrors !== null) {
      if (_errs1) {
        vErrors.length = _errs1;
      } else {
        vErrors = null;
      }
    }
  }
  if (data && typeof data == "object" && !Array.isArray(data)) {
    if (data.clientId === void 0 || !func0.call(data, "clientId")) {
      const err3 = { instancePath, schemaPath: "#/required", keyword: "required", params: { missingProperty: "clientId" }, schema: schema14.required, parentSchema: schema14, data };
      if (vErrors === null) {
        vErrors = [err3];
      } else {
        vErrors.push(err3);
      }
      errors++;
    }
    for (const key0 of Object.keys(data)) {
      if (!(key0 === "groupId" || key0 === "orgId" || key0 === "clientId" || key0 === "secretExpiresAfterHours" || key0 === "previousSecretId" || key0 === "secretFile" || key0 === "exec")) {
        const err4 = { instancePath, schemaPath: "#/additionalProperties", keyword: "additionalProperties", params: { additionalProperty: key0 }, schema: false, parentSchema: schema14, data };
        if (vErrors === null) {
          vErrors = [err4];
        } else {
          vErrors.push(err4);
        }
        errors++;
      }
    }
    if (data.groupId !== void 0 && func0.call(data, "groupId")) {
      if (!validate31(data.groupId, { instancePath: instancePath + "/groupId", parentData: data, parentDataProperty: "groupId", rootData })) {
        vErrors = vErrors === null ? validate31.errors : vErrors.concat(validate31.errors);
        errors = vErrors.length;
      }
    }
    if (data.orgId !== void 0 && func0.call(data, "orgId")) {
      if (!validate33(data.orgId, { instancePath: instancePath + "/orgId", parentData: data, parentDataProperty: "orgId", rootData })) {
        vErrors = vErrors === null ? validate33.errors : vErrors.concat(validate33.errors);
        errors = vErrors.length;
      }
    }
    if (data.clientId !== void 0 && func0.call(data, "clientId")) {
      let data2 = data.clientId;
      if (typeof data2 === "string") {
        if (!pattern4.test(data2)) {
          const err5 = { instancePath: instancePath + "/clientId", schemaPath: "#/properties/clientId/pattern", keyword: "pattern", params: { pattern: "^mdb_sa_id_[a-fA-F\\d]{24}$" }, schema: "^mdb_sa_id_[a-fA-F\\d]{24}$", parentSchema: schema14.properties.clientId, data: data2 };
          if (vErrors === null) {
            vErrors = [err5];
          } else {
            vErrors.push(err5);
          }
          errors++;
        }
      } else {
        const err6 = { instancePath: instancePath + "/clientId", schemaPath: "#/properties/clientId/type", keyword: "type", params: { type: "string" }, schema: schema14.properties.clientId.type, parentSchema: schema14.properties.clientId, data: data2 };
        if (vErrors === null) {
          vErrors = [err6];
        } else {
          vErrors.push(err6);
        }
        errors++;
      }
    }
    if (data.secretExpiresAfterHours !== void 0 && func0.call(data, "secretExpiresAfterHours")) {
      if (!validate35(data.secretExpiresAfterHours, { instancePath: instancePath + "/secretExpiresAfterHours", parentData: data, parentDataProperty: "secretExpiresAfterHours", rootData })) {
        vErrors = vErrors === null ? validate35.errors : vErrors.concat(validate35.errors);
        errors = vErrors.length;
      }
    }
    if (data.previousSecretId !== void 0 && func0.call(data, "previousSecretId")) {
      if (!validate43(data.previousSecretId, { instancePath: instancePath + "/previousSecretId", parentData: data, parentDataProperty: "previousSecretId", rootData })) {
        vErrors = vErrors === null ? validate43.errors : vErrors.concat(validate43.errors);
        errors = vErrors.length;
      }
    }
    if (data.secretFile !== void 0 && func0.call(data, "secretFile")) {
      if (!validate45(data.secretFile, { instancePath: instancePath + "/secretFile", parentData: data, parentDataProperty: "secretFile", rootData })) {
        vErrors = vErrors === null ? validate45.errors : vErrors.concat(validate45.errors);
        errors = vErrors.length;
      }
    }
    if (data.exec !== void 0 && func0.call(data, "exec")) {
      if (!validate37(data.exec, { instancePath: instancePath + "/exec", parentData: data, parentDataProperty: "exec", rootData })) {
        vErrors = vErrors === null ? validate37.errors : vErrors.concat(validate37.errors);
        errors = vErrors.length;
      }
    }
  } else {
    const err7 = { instancePath, schemaPath: "#/type", keyword: "type", params: { type: "object" }, schema: schema14.type, parentSchema: schema14, data };
    if (vErrors === null) {
      vErrors = [err7];
    } else {
      vErrors.push(err7);
    }
    errors++;
  }
  validate39.errors = vErrors;
  return errors === 0;
}
function validate21(data, { instancePath = "", parentData, parentDataProperty, rootData = data } = {}) {
  let vErrors = null;
  let errors = 0;
  const _errs2 = errors;
  let valid1 = true;
  const _errs3 = errors;
  if (data && typeof data == "object" && !Array.isArray(data)) {
    let missing0;
    if ((data.defaults === void 0 || !func0.call(data, "defaults")) && (missing0 = "defaults")) {
      const err0 = {};
      if (vErrors === null) {
        vErrors = [err0];
      } else {
        vErrors.push(err0);
      }
      errors++;
    } else {
      if (data.defaults !== void 0 && func0.call(data, "defaults")) {
        if (!validate22(data.defaults, { instancePath: instancePath + "/defaults", parentData: data, parentDataProperty: "defaults", rootData })) {
          vErrors = vErrors === null ? validate22.errors : vErrors.concat(validate22.errors);
          errors = vErrors.length;
        }
      }
    }
  }
  var _valid0 = _errs3 === errors;
  errors = _errs2;
  if (vErrors !== null) {
    if (_errs2) {
      vErrors.length = _errs2;
    } else {
      vErrors = null;
    }
  }
  if (!_valid0) {
    const _errs5 = errors;
    if (data && typeof data == "object" && !Array.isArray(data)) {
      if (data.rotations !== void 0 && func0.call(data, "rotations")) {
        let data1 = data.rotations;
        if (Array.isArray(data1)) {
          const len0 = data1.length;
          for (let i0 = 0; i0 < len0; i0++) {
            if (!validate22(data1[i0], { instancePath: instancePath + "/rotations/" + i0, parentData: data1, parentDataProperty: i0, rootData })) {
              vErrors = vErrors === null ? validate22.errors : vErrors.concat(validate22.errors);
              errors = vErrors.length;
            }
          }
        }
      }
    }
    var _valid0 = _errs5 === errors;
    valid1 = _valid0;
  }
  if (!valid1) {
    const err1 = { instancePath, schemaPath: "#/allOf/0/if", keyword: "if", params: { failingKeyword: "else" }, schema: schema6.allOf[0].if, parentSchema: schema6.allOf[0], data };
    if (vErrors === null) {
      vErrors = [err1];
    } else {
      vErrors.push(err1);
    }
    errors++;
  }
  const _errs9 = errors;
  let valid6 = true;
  const _errs10 = errors;
  if (data && typeof data == "object" && !Array.isArray(data)) {
    let missing1;
    if ((data.defaults === void 0 || !func0.call(data, "defaults")) && (missing1 = "defaults")) {
      const err2 = {};
      if (vErrors === null) {
        vErrors = [err2];
      } else {
        vErrors.push(err2);
      }
      errors++;
    } else {
      if (data.defaults !== void 0 && func0.call(data, "defaults")) {
        if (!validate25(data.defaults, { instancePath: instancePath + "/defaults", parentData: data, parentDataProperty: "defaults", rootData })) {
          vErrors = vErrors === null ? validate25.errors : vErrors.concat(validate25.errors);
          errors = vErrors.length;
        }
      }
    }
  }
  var _valid1 = _errs10 === errors;
  errors = _errs9;
  if (vErrors !== null) {
    if (_errs9) {
      vErrors.length = _errs9;
    } else {
      vErrors = null;
    }
  }
  if (!_valid1) {
    const _errs12 = errors;
    if (data && typeof data == "object" && !Array.isArray(data)) {
      if (data.rotations !== void 0 && func0.call(data, "rotations")) {
        let data4 = data.rotations;
        if (Array.isArray(data4)) {
          const len1 = data4.length;
          for (let i1 = 0; i1 < len1; i1++) {
            if (!validate25(data4[i1], { instancePath: instancePath + "/rotations/" + i1, parentData: data4, parentDataProperty: i1, rootData })) {
              vErrors = vErrors === null ? validate25.errors : vErrors.concat(validate25.errors);
              errors = vErrors.length;
            }
          }
        }
      }
    }
    var _valid1 = _errs12 === errors;
    valid6 = _valid1;
  }
  if (!valid6) {
    const err3 = { instancePath, schemaPath: "#/allOf/1/if", keyword: "if", params: { failingKeyword: "else" }, schema: schema6.allOf[1].if, parentSchema: schema6.allOf[1], data };
    if (vErrors === null) {
      vErrors = [err3];
    } else {
      vErrors.push(err3);
    }
    errors++;
  }
  const _errs16 = errors;
  let valid11 = true;
  const _errs17 = errors;
  if (data && typeof data == "object" && !Array.isArray(data)) {
    let missing2;
    if ((data.defaults === void 0 || !func0.call(data, "defaults")) && (missing2 = "defaults")) {
      const err4 = {};
      if (vErrors === null) {
        vErrors = [err4];
      } else {
        vErrors.push(err4);
      }
      errors++;
    } else {
      if (data.defaults !== void 0 && func0.call(data, "defaults")) {
        if (!validate28(data.defaults, { instancePath: instancePath + "/defaults", parentData: data, parentDataProperty: "defaults", rootData })) {
          vErrors = vErrors === null ? validate28.errors : vErrors.concat(validate28.errors);
          errors = vErrors.length;
        }
      }
    }
  }
  var _valid2 = _errs17 === errors;
  errors = _errs16;
  if (vErrors !== null) {
    if (_errs16) {
      vErrors.length = _errs16;
    } else {
      vErrors = null;
    }
  }
  if (!_valid2) {
    const _errs19 = errors;
    if (data && typeof data == "object" && !Array.isArray(data)) {
      if (data.rotations !== void 0 && func0.call(data, "rotations")) {
        let data7 = data.rotations;
        if (Array.isArray(data7)) {
          const len2 = data7.length;
          for (let i2 = 0; i2 < len2; i2++) {
            if (!validate28(data7[i2], { instancePath: instancePath + "/rotations/" + i2, parentData: data7, parentDataProperty: i2, rootData })) {
              vErrors = vErrors === null ? validate28.errors : vErrors.concat(validate28.errors);
              errors = vErrors.length;
            }
          }
        }
      }
    }
    var _valid2 = _errs19 === errors;
    valid11 = _valid2;
  }
  if (!valid11) {
    const err5 = { instancePath, schemaPath: "#/allOf/2/if", keyword: "if", params: { failingKeyword: "else" }, schema: schema6.allOf[2].if, parentSchema: schema6.allOf[2], data };
    if (vErrors === null) {
      vErrors = [err5];
    } else {
      vErrors.push(err5);
    }
    errors++;
  }
  const _errs23 = errors;
  let valid16 = true;
  const _errs24 = errors;
  if (data && typeof data == "object" && !Array.isArray(data)) {
    let missing3;
    if ((data.defaults === void 0 || !func0.call(data, "defaults")) && (missing3 = "defaults")) {
      const err6 = {};
      if (vErrors === null) {
        vErrors = [err6];
      } else {
        vErrors.push(err6);
      }
      errors++;
    } else {
      if (data.defaults !== void 0 && func0.call(data, "defaults")) {
        let data9 = data.defaults;
        if (data9 && typeof data9 == "object" && !Array.isArray(data9)) {
          let missing4;
          if ((data9.exec === void 0 || !func0.call(data9, "exec")) && (missing4 = "exec")) {
            const err7 = {};
            if (vErrors === null) {
              vErrors = [err7];
            } else {
              vErrors.push(err7);
            }
            errors++;
          }
        }
      }
    }
  }
  var _valid3 = _errs24 === errors;
  errors = _errs23;
  if (vErrors !== null) {
    if (_errs23) {
      vErrors.length = _errs23;
    } else {
      vErrors = null;
    }
  }
  if (!_valid3) {
    const _errs26 = errors;
    if (data && typeof data == "object" && !Array.isArray(data)) {
      if (data.rotations !== void 0 && func0.call(data, "rotations")) {
        let data10 = data.rotations;
        if (Array.isArray(data10)) {
          const len3 = data10.length;
          for (let i3 = 0; i3 < len3; i3++) {
            let data11 = data10[i3];
            const _errs29 = errors;
            let valid21 = false;
            const _errs30 = errors;
            if (data11 && typeof data11 == "object" && !Array.isArray(data11)) {
              if (data11.secretFile === void 0 || !func0.call(data11, "secretFile")) {
                const err8 = { instancePath: instancePath + "/rotations/" + i3, schemaPath: "#/allOf/3/else/properties/rotations/items/anyOf/0/required", keyword: "required", params: { missingProperty: "secretFile" }, schema: schema6.allOf[3].else.properties.rotations.items.anyOf[0].required, parentSchema: schema6.allOf[3].else.properties.rotations.items.anyOf[0], data: data11 };
                if (vErrors === null) {
                  vErrors = [err8];
                } else {
                  vErrors.push(err8);
                }
                errors++;
              }
            }
            var _valid4 = _errs30 === errors;
            valid21 = valid21 || _valid4;
            if (!valid21) {
              const _errs31 = errors;
              if (data11 && typeof data11 == "object" && !Array.isArray(data11)) {
                if (data11.exec === void 0 || !func0.call(data11, "exec")) {
                  const err9 = { instancePath: instancePath + "/rotations/" + i3, schemaPath: "#/allOf/3/else/properties/rotations/items/anyOf/1/required", keyword: "required", params: { missingProperty: "exec" }, schema: schema6.allOf[3].else.properties.rotations.items.anyOf[1].required, parentSchema: schema6.allOf[3].else.properties.rotations.items.anyOf[1], data: data11 };
                  if (vErrors === null) {
                    vErrors = [err9];
                  } else {
                    vErrors.push(err9);
                  }
                  errors++;
                }
              }
              var _valid4 = _errs31 === errors;
              valid21 = valid21 || _valid4;
            }
            if (!valid21) {
              const err10 = { instancePath: instancePath + "/rotations/" + i3, schemaPath: "#/allOf/3/else/properties/rotations/items/anyOf", keyword: "anyOf", params: {}, schema: schema6.allOf[3].else.properties.rotations.items.anyOf, parentSchema: schema6.allOf[3].else.properties.rotations.items, data: data11 };
              if (vErrors === null) {
                vErrors = [err10];
              } else {
                vErrors.push(err10);
              }
              errors++;
            } else {
              errors = _errs29;
              if (vErrors !== null) {
                if (_errs29) {
                  vErrors.length = _errs29;
                } else {
                  vErrors = null;
                }
              }
            }
          }
        }
      }
    }
    var _valid3 = _errs26 === errors;
    valid16 = _valid3;
  }
  if (!valid16) {
    const err11 = { instancePath, schemaPath: "#/allOf/3/if", keyword: "if", params: { failingKeyword: "else" }, schema: schema6.allOf[3].if, parentSchema: schema6.allOf[3], data };
    if (vErrors === null) {
      vErrors = [err11];
    } else {
      vErrors.push(err11);
    }
    errors++;
  }
  if (data && typeof data == "object" && !Array.isArray(data)) {
    if (data.rotations === void 0 || !func0.call(data, "rotations")) {
      const err12 = { instancePath, schemaPath: "#/required", keyword: "required", params: { missingProperty: "rotations" }, schema: schema6.required, parentSchema: schema6, data };
      if (vErrors === null) {
        vErrors = [err12];
      } else {
        vErrors.push(err12);
      }
      errors++;
    }
    for (const key0 of Object.keys(data)) {
      if (!(key0 === "$schema" || key0 === "defaults" || key0 === "rotations")) {
        const err13 = { instancePath, schemaPath: "#/additionalProperties", keyword: "additionalProperties", params: { additionalProperty: key0 }, schema: false, parentSchema: schema6, data };
        if (vErrors === null) {
          vErrors = [err13];
        } else {
          vErrors.push(err13);
        }
        errors++;
      }
    }
    if (data.$schema !== void 0 && func0.call(data, "$schema")) {
      let data12 = data.$schema;
      if (typeof data12 !== "string") {
        const err14 = { instancePath: instancePath + "/$schema", schemaPath: "#/properties/%24schema/type", keyword: "type", params: { type: "string" }, schema: schema6.properties.$schema.type, parentSchema: schema6.properties.$schema, data: data12 };
        if (vErrors === null) {
          vErrors = [err14];
        } else {
          vErrors.push(err14);
        }
        errors++;
      }
    }
    if (data.defaults !== void 0 && func0.call(data, "defaults")) {
      let data13 = data.defaults;
      if (data13 && typeof data13 == "object" && !Array.isArray(data13)) {
        for (const key1 of Object.keys(data13)) {
          if (!(key1 === "groupId" || key1 === "orgId" || key1 === "secretExpiresAfterHours" || key1 === "exec")) {
            const err15 = { instancePath: instancePath + "/defaults", schemaPath: "#/properties/defaults/additionalProperties", keyword: "additionalProperties", params: { additionalProperty: key1 }, schema: false, parentSchema: schema6.properties.defaults, data: data13 };
            if (vErrors === null) {
              vErrors = [err15];
            } else {
              vErrors.push(err15);
            }
            errors++;
          }
        }
        if (data13.groupId !== void 0 && func0.call(data13, "groupId")) {
          if (!validate31(data13.groupId, { instancePath: instancePath + "/defaults/groupId", parentData: data13, parentDataProperty: "groupId", rootData })) {
            vErrors = vErrors === null ? validate31.errors : vErrors.concat(validate31.errors);
            errors = vErrors.length;
          }
        }
        if (data13.orgId !== void 0 && func0.call(data13, "orgId")) {
          if (!validate33(data13.orgId, { instancePath: instancePath + "/defaults/orgId", parentData: data13, parentDataProperty: "orgId", rootData })) {
            vErrors = vErrors === null ? validate33.errors : vErrors.concat(validate33.errors);
            errors = vErrors.length;
          }
        }
        if (data13.secretExpiresAfterHours !== void 0 && func0.call(data13, "secretExpiresAfterHours")) {
          if (!validate35(data13.secretExpiresAfterHours, { instancePath: instancePath + "/defaults/secretExpiresAfterHours", parentData: data13, parentDataProperty: "secretExpiresAfterHours", rootData })) {
            vErrors = vErrors === null ? validate35.errors : vErrors.concat(validate35.errors);
            errors = vErrors.length;
          }
        }
        if (data13.exec !== void 0 && func0.call(data13, "exec")) {
          if (!validate37(data13.exec, { instancePath: instancePath + "/defaults/exec", parentData: data13, parentDataProperty: "exec", rootData })) {
            vErrors = vErrors === null ? validate37.errors : vErrors.concat(validate37.errors);
            errors = vErrors.length;
          }
        }
      } else {
        const err16 = { instancePath: instancePath + "/defaults", schemaPath: "#/properties/defaults/type", keyword: "type", params: { type: "object" }, schema: schema6.properties.defaults.type, parentSchema: schema6.properties.defaults, data: data13 };
        if (vErrors === null) {
          vErrors = [err16];
        } else {
          vErrors.push(err16);
        }
        errors++;
      }
    }
    if (data.rotations !== void 0 && func0.call(data, "rotations")) {
      let data18 = data.rotations;
      if (Array.isArray(data18)) {
        if (data18.length < 1) {
          const err17 = { instancePath: instancePath + "/rotations", schemaPath: "#/properties/rotations/minItems", keyword: "minItems", params: { limit: 1 }, schema: 1, parentSchema: schema6.properties.rotations, data: data18 };
          if (vErrors === null) {
            vErrors = [err17];
          } else {
            vErrors.push(err17);
          }
          errors++;
        }
        const len4 = data18.length;
        for (let i4 = 0; i4 < len4; i4++) {
          if (!validate39(data18[i4], { instancePath: instancePath + "/rotations/" + i4, parentData: data18, parentDataProperty: i4, rootData })) {
            vErrors = vErrors === null ? validate39.errors : vErrors.concat(validate39.errors);
            errors = vErrors.length;
          }
        }
      } else {
        const err18 = { instancePath: instancePath + "/rotations", schemaPath: "#/properties/rotations/type", keyword: "type", params: { type: "array" }, schema: schema6.properties.rotations.type, parentSchema: schema6.properties.rotations, data: data18 };
        if (vErrors === null) {
          vErrors = [err18];
        } else {
          vErrors.push(err18);
        }
        errors++;
      }
    }
  } else {
    const err19 = { instancePath, schemaPath: "#/type", keyword: "type", params: { type: "object" }, schema: schema6.type, parentSchema: schema6, data };
    if (vErrors === null) {
      vErrors = [err19];
    } else {
      vErrors.push(err19);
    }
    errors++;
  }
  validate21.errors = vErrors;
  return errors === 0;
}
export {
  validateFleet
};
