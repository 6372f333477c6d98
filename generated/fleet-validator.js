// Generated from fleet.schema.json by `npm run generate`. Do not edit: change the schema instead.

// compiled-schemas
var validateFleet = validate21;
var schema6 = { "$schema": "http://json-schema.org/draft-07/schema#", "title": "A fleet of rotations for atlas-secrets rotate --fleet", "type": "object", "required": ["rotations"], "additionalProperties": false, "properties": { "$schema": { "type": "string" }, "defaults": { "type": "object", "additionalProperties": false, "properties": { "groupId": { "$ref": "#/definitions/id" }, "orgId": { "$ref": "#/definitions/id" }, "secretExpiresAfterHours": { "$ref": "#/definitions/secretExpiresAfterHours" }, "exec": { "$ref": "#/definitions/exec" } } }, "rotations": { "title": "an array with at least one entry", "type": "array", "minItems": 1, "items": { "$ref": "#/definitions/rotation" } } }, "allOf": [{ "if": { "required": ["defaults"], "properties": { "defaults": { "required": ["groupId"] } } }, "else": { "properties": { "rotations": { "items": { "required": ["groupId"] } } } } }, { "if": { "required": ["defaults"], "properties": { "defaults": { "required": ["orgId"] } } }, "else": { "properties": { "rotations": { "items": { "required": ["orgId"] } } } } }, { "if": { "required": ["defaults"], "properties": { "defaults": { "required": ["secretExpiresAfterHours"] } } }, "else": { "properties": { "rotations": { "items": { "required": ["secretExpiresAfterHours"] } } } } }, { "if": { "required": ["defaults"], "properties": { "defaults": { "required": ["exec"] } } }, "else": { "properties": { "rotations": { "items": { "anyOf": [{ "required": ["secretFile"] }, { "required": ["exec"] }] } } } } }], "definitions": { "rotation": { "type": "object", "required": ["clientId"], "not": { "type": "object", "required": ["secretFile", "exec"] }, "additionalProperties": false, "properties": { "groupId": { "$ref": "#/definitions/id" }, "orgId": { "$ref": "#/definitions/id" }, "clientId": { "title": "mdb_sa_id_ and 24 hexadecimal digits", "type": "string", "pattern": "^mdb_sa_id_[a-fA-F\\d]{24}$" }, "secretExpiresAfterHours": { "$ref": "#/definitions/secretExpiresAfterHours" }, "previousSecretId": { "$ref": "#/definitions/id" }, "secretFile": { "$ref": "#/definitions/text" }, "exec": { "$ref": "#/definitions/exec" } } }, "id": { "title": "24 hexadecimal digits", "type": "string", "pattern": "^([a-f0-9]{24})$" }, "secretExpiresAfterHours": { "title": "an integer from 1 to 2147483647, or a duration such as 30d", "type": ["integer", "string"], "minimum": 1, "maximum": 2147483647, "pattern": "^[1-9]\\d{0,5}[dh]$" }, "exec": { "$ref": "#/definitions/text" }, "text": { "title": "text that is not blank", "type": "string", "pattern": "^[^\\u0000]*[^\\s\\u0000][^\\u0000]*$" } } };
var func0 = Object.prototype.hasOwnProperty;
var schema7 = { "title": "24 hexadecimal digits", "type": "string", "pattern": "^([a-f0-9]{24})$" };
var pattern0 = new RegExp("^([a-f0-9]{24})$", "u");
function validate22(data, { instancePath = "", parentData, parentDataProperty, rootData = data } = {}) {
  let vErrors = null;
  let errors = 0;
  if (typeof data === "string") {
    if (!pattern0.test(data)) {
      const err0 = { instancePath, keyword: "pattern", params: { pattern: "^([a-f0-9]{24})$" }, parentSchema: schema7, data };
      if (vErrors === null) {
        vErrors = [err0];
      } else {
        vErrors.push(err0);
      }
      errors++;
    }
  } else {
    const err1 = { instancePath, keyword: "type", params: { type: "string" }, parentSchema: schema7, data };
    if (vErrors === null) {
      vErrors = [err1];
    } else {
      vErrors.push(err1);
    }
    errors++;
  }
  validate22.errors = vErrors;
  return errors === 0;
}
var schema8 = { "title": "an integer from 1 to 2147483647, or a duration such as 30d", "type": ["integer", "string"], "minimum": 1, "maximum": 2147483647, "pattern": "^[1-9]\\d{0,5}[dh]$" };
var pattern1 = new RegExp("^[1-9]\\d{0,5}[dh]$", "u");
function validate25(data, { instancePath = "", parentData, parentDataProperty, rootData = data } = {}) {
  let vErrors = null;
  let errors = 0;
  if (!(typeof data == "number" && (!(data % 1) && !isNaN(data)) && isFinite(data)) && typeof data !== "string") {
    const err0 = { instancePath, keyword: "type", params: { type: schema8.type }, parentSchema: schema8, data };
    if (vErrors === null) {
      vErrors = [err0];
    } else {
      vErrors.push(err0);
    }
    errors++;
  }
  if (typeof data == "number" && isFinite(data)) {
    if (data > 2147483647 || isNaN(data)) {
      const err1 = { instancePath, keyword: "maximum", params: { comparison: "<=", limit: 2147483647 }, parentSchema: schema8, data };
      if (vErrors === null) {
        vErrors = [err1];
      } else {
        vErrors.push(err1);
      }
      errors++;
    }
    if (data < 1 || isNaN(data)) {
      const err2 = { instancePath, keyword: "minimum", params: { comparison: ">=", limit: 1 }, parentSchema: schema8, data };
      if (vErrors === null) {
        vErrors = [err2];
      } else {
        vErrors.push(err2);
      }
      errors++;
    }
  }
  if (typeof data === "string") {
    if (!pattern1.test(data)) {
      const err3 = { instancePath, keyword: "pattern", params: { pattern: "^[1-9]\\d{0,5}[dh]$" }, parentSchema: schema8, data };
      if (vErrors === null) {
        vErrors = [err3];
      } else {
        vErrors.push(err3);
      }
      errors++;
    }
  }
  validate25.errors = vErrors;
  return errors === 0;
}
var schema9 = { "title": "text that is not blank", "type": "string", "pattern": "^[^\\u0000]*[^\\s\\u0000][^\\u0000]*$" };
var pattern2 = new RegExp("^[^\\u0000]*[^\\s\\u0000][^\\u0000]*$", "u");
function validate27(data, { instancePath = "", parentData, parentDataProperty, rootData = data } = {}) {
  let vErrors = null;
  let errors = 0;
  if (typeof data === "string") {
    if (!pattern2.test(data)) {
      const err0 = { instancePath, keyword: "pattern", params: { pattern: "^[^\\u0000]*[^\\s\\u0000][^\\u0000]*$" }, parentSchema: schema9, data };
      if (vErrors === null) {
        vErrors = [err0];
      } else {
        vErrors.push(err0);
      }
      errors++;
    }
  } else {
    const err1 = { instancePath, keyword: "type", params: { type: "string" }, parentSchema: schema9, data };
    if (vErrors === null) {
      vErrors = [err1];
    } else {
      vErrors.push(err1);
    }
    errors++;
  }
  validate27.errors = vErrors;
  return errors === 0;
}
var schema10 = { "type": "object", "required": ["clientId"], "not": { "type": "object", "required": ["secretFile", "exec"] }, "additionalProperties": false, "properties": { "groupId": { "$ref": "#/definitions/id" }, "orgId": { "$ref": "#/definitions/id" }, "clientId": { "title": "mdb_sa_id_ and 24 hexadecimal digits", "type": "string", "pattern": "^mdb_sa_id_[a-fA-F\\d]{24}$" }, "secretExpiresAfterHours": { "$ref": "#/definitions/secretExpiresAfterHours" }, "previousSecretId": { "$ref": "#/definitions/id" }, "secretFile": { "$ref": "#/definitions/text" }, "exec": { "$ref": "#/definitions/exec" } } };
function validate34(data, { instancePath = "", parentData, parentDataProperty, rootData = data } = {}) {
  let vErrors = null;
  let errors = 0;
  if (typeof data === "string") {
    if (!pattern2.test(data)) {
      const err0 = { instancePath, keyword: "pattern", params: { pattern: "^[^\\u0000]*[^\\s\\u0000][^\\u0000]*$" }, parentSchema: schema9, data };
      if (vErrors === null) {
        vErrors = [err0];
      } else {
        vErrors.push(err0);
      }
      errors++;
    }
  } else {
    const err1 = { instancePath, keyword: "type", params: { type: "string" }, parentSchema: schema9, data };
    if (vErrors === null) {
      vErrors = [err1];
    } else {
      vErrors.push(err1);
    }
    errors++;
  }
  validate34.errors = vErrors;
  return errors === 0;
}
var pattern3 = new RegExp("^mdb_sa_id_[a-fA-F\\d]{24}$", "u");
function validate29(data, { instancePath = "", parentData, parentDataProperty, rootData = data } = {}) {
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
    const err2 = { instancePath, keyword: "not", params: {}, parentSchema: schema10, data };
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
      const err3 = { instancePath, keyword: "required", params: { missingProperty: "clientId" }, parentSchema: schema10, data };
      if (vErrors === null) {
        vErrors = [err3];
      } else {
        vErrors.push(err3);
      }
      errors++;
    }
    for (const key0 of Object.keys(data)) {
      if (!(key0 === "groupId" || key0 === "orgId" || key0 === "clientId" || key0 === "secretExpiresAfterHours" || key0 === "previousSecretId" || key0 === "secretFile" || key0 === "exec")) {
        const err4 = { instancePath, keyword: "additionalProperties", params: { additionalProperty: key0 }, parentSchema: schema10, data };
        if (vErrors === null) {
          vErrors = [err4];
        } else {
          vErrors.push(err4);
        }
        errors++;
      }
    }
    if (data.groupId !== void 0 && func0.call(data, "groupId")) {
      if (!validate22(data.groupId, { instancePath: instancePath + "/groupId", parentData: data, parentDataProperty: "groupId", rootData })) {
        vErrors = vErrors === null ? validate22.errors : vErrors.concat(validate22.errors);
        errors = vErrors.length;
      }
    }
    if (data.orgId !== void 0 && func0.call(data, "orgId")) {
      if (!validate22(data.orgId, { instancePath: instancePath + "/orgId", parentData: data, parentDataProperty: "orgId", rootData })) {
        vErrors = vErrors === null ? validate22.errors : vErrors.concat(validate22.errors);
        errors = vErrors.length;
      }
    }
    if (data.clientId !== void 0 && func0.call(data, "clientId")) {
      let data2 = data.clientId;
      if (typeof data2 === "string") {
        if (!pattern3.test(data2)) {
          const err5 = { instancePath: instancePath + "/clientId", keyword: "pattern", params: { pattern: "^mdb_sa_id_[a-fA-F\\d]{24}$" }, parentSchema: schema10.properties.clientId, data: data2 };
          if (vErrors === null) {
            vErrors = [err5];
          } else {
            vErrors.push(err5);
          }
          errors++;
        }
      } else {
        const err6 = { instancePath: instancePath + "/clientId", keyword: "type", params: { type: "string" }, parentSchema: schema10.properties.clientId, data: data2 };
        if (vErrors === null) {
          vErrors = [err6];
        } else {
          vErrors.push(err6);
        }
        errors++;
      }
    }
    if (data.secretExpiresAfterHours !== void 0 && func0.call(data, "secretExpiresAfterHours")) {
      if (!validate25(data.secretExpiresAfterHours, { instancePath: instancePath + "/secretExpiresAfterHours", parentData: data, parentDataProperty: "secretExpiresAfterHours", rootData })) {
        vErrors = vErrors === null ? validate25.errors : vErrors.concat(validate25.errors);
        errors = vErrors.length;
      }
    }
    if (data.previousSecretId !== void 0 && func0.call(data, "previousSecretId")) {
      if (!validate22(data.previousSecretId, { instancePath: instancePath + "/previousSecretId", parentData: data, parentDataProperty: "previousSecretId", rootData })) {
        vErrors = vErrors === null ? validate22.errors : vErrors.concat(validate22.errors);
        errors = vErrors.length;
      }
    }
    if (data.secretFile !== void 0 && func0.call(data, "secretFile")) {
      if (!validate34(data.secretFile, { instancePath: instancePath + "/secretFile", parentData: data, parentDataProperty: "secretFile", rootData })) {
        vErrors = vErrors === null ? validate34.errors : vErrors.concat(validate34.errors);
        errors = vErrors.length;
      }
    }
    if (data.exec !== void 0 && func0.call(data, "exec")) {
      if (!validate27(data.exec, { instancePath: instancePath + "/exec", parentData: data, parentDataProperty: "exec", rootData })) {
        vErrors = vErrors === null ? validate27.errors : vErrors.concat(validate27.errors);
        errors = vErrors.length;
      }
    }
  } else {
    const err7 = { instancePath, keyword: "type", params: { type: "object" }, parentSchema: schema10, data };
    if (vErrors === null) {
      vErrors = [err7];
    } else {
      vErrors.push(err7);
    }
    errors++;
  }
  validate29.errors = vErrors;
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
        let data0 = data.defaults;
        if (data0 && typeof data0 == "object" && !Array.isArray(data0)) {
          let missing1;
          if ((data0.groupId === void 0 || !func0.call(data0, "groupId")) && (missing1 = "groupId")) {
            const err1 = {};
            if (vErrors === null) {
              vErrors = [err1];
            } else {
              vErrors.push(err1);
            }
            errors++;
          }
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
            let data2 = data1[i0];
            if (data2 && typeof data2 == "object" && !Array.isArray(data2)) {
              if (data2.groupId === void 0 || !func0.call(data2, "groupId")) {
                const err2 = { instancePath: instancePath + "/rotations/" + i0, keyword: "required", params: { missingProperty: "groupId" }, parentSchema: schema6.allOf[0].else.properties.rotations.items, data: data2 };
                if (vErrors === null) {
                  vErrors = [err2];
                } else {
                  vErrors.push(err2);
                }
                errors++;
              }
            }
          }
        }
      }
    }
    var _valid0 = _errs5 === errors;
    valid1 = _valid0;
  }
  if (!valid1) {
    const err3 = { instancePath, keyword: "if", params: { failingKeyword: "else" }, parentSchema: schema6.allOf[0], data };
    if (vErrors === null) {
      vErrors = [err3];
    } else {
      vErrors.push(err3);
    }
    errors++;
  }
  const _errs9 = errors;
  let valid6 = true;
  const _errs10 = errors;
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
        let data3 = data.defaults;
        if (data3 && typeof data3 == "object" && !Array.isArray(data3)) {
          let missing3;
          if ((data3.orgId === void 0 || !func0.call(data3, "orgId")) && (missing3 = "orgId")) {
            const err5 = {};
            if (vErrors === null) {
              vErrors = [err5];
            } else {
              vErrors.push(err5);
            }
            errors++;
          }
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
            let data5 = data4[i1];
            if (data5 && typeof data5 == "object" && !Array.isArray(data5)) {
              if (data5.orgId === void 0 || !func0.call(data5, "orgId")) {
                const err6 = { instancePath: instancePath + "/rotations/" + i1, keyword: "required", params: { missingProperty: "orgId" }, parentSchema: schema6.allOf[1].else.properties.rotations.items, data: data5 };
                if (vErrors === null) {
                  vErrors = [err6];
                } else {
                  vErrors.push(err6);
                }
                errors++;
              }
            }
          }
        }
      }
    }
    var _valid1 = _errs12 === errors;
    valid6 = _valid1;
  }
  if (!valid6) {
    const err7 = { instancePath, keyword: "if", params: { failingKeyword: "else" }, parentSchema: schema6.allOf[1], data };
    if (vErrors === null) {
      vErrors = [err7];
    } else {
      vErrors.push(err7);
    }
    errors++;
  }
  const _errs16 = errors;
  let valid11 = true;
  const _errs17 = errors;
  if (data && typeof data == "object" && !Array.isArray(data)) {
    let missing4;
    if ((data.defaults === void 0 || !func0.call(data, "defaults")) && (missing4 = "defaults")) {
      const err8 = {};
      if (vErrors === null) {
        vErrors = [err8];
      } else {
        vErrors.push(err8);
      }
      errors++;
    } else {
      if (data.defaults !== void 0 && func0.call(data, "defaults")) {
        let data6 = data.defaults;
        if (data6 && typeof data6 == "object" && !Array.isArray(data6)) {
          let missing5;
          if ((data6.secretExpiresAfterHours === void 0 || !func0.call(data6, "secretExpiresAfterHours")) && (missing5 = "secretExpiresAfterHours")) {
            const err9 = {};
            if (vErrors === null) {
              vErrors = [err9];
            } else {
              vErrors.push(err9);
            }
            errors++;
          }
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
            let data8 = data7[i2];
            if (data8 && typeof data8 == "object" && !Array.isArray(data8)) {
              if (data8.secretExpiresAfterHours === void 0 || !func0.call(data8, "secretExpiresAfterHours")) {
                const err10 = { instancePath: instancePath + "/rotations/" + i2, keyword: "required", params: { missingProperty: "secretExpiresAfterHours" }, parentSchema: schema6.allOf[2].else.properties.rotations.items, data: data8 };
                if (vErrors === null) {
                  vErrors = [err10];
                } else {
                  vErrors.push(err10);
                }
                errors++;
              }
            }
          }
        }
      }
    }
    var _valid2 = _errs19 === errors;
    valid11 = _valid2;
  }
  if (!valid11) {
    const err11 = { instancePath, keyword: "if", params: { failingKeyword: "else" }, parentSchema: schema6.allOf[2], data };
    if (vErrors === null) {
      vErrors = [err11];
    } else {
      vErrors.push(err11);
    }
    errors++;
  }
  const _errs23 = errors;
  let valid16 = true;
  const _errs24 = errors;
  if (data && typeof data == "object" && !Array.isArray(data)) {
    let missing6;
    if ((data.defaults === void 0 || !func0.call(data, "defaults")) && (missing6 = "defaults")) {
      const err12 = {};
      if (vErrors === null) {
        vErrors = [err12];
      } else {
        vErrors.push(err12);
      }
      errors++;
    } else {
      if (data.defaults !== void 0 && func0.call(data, "defaults")) {
        let data9 = data.defaults;
        if (data9 && typeof data9 == "object" && !Array.isArray(data9)) {
          let missing7;
          if ((data9.exec === void 0 || !func0.call(data9, "exec")) && (missing7 = "exec")) {
            const err13 = {};
            if (vErrors === null) {
              vErrors = [err13];
            } else {
              vErrors.push(err13);
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
                const err14 = { instancePath: instancePath + "/rotations/" + i3, keyword: "required", params: { missingProperty: "secretFile" }, parentSchema: schema6.allOf[3].else.properties.rotations.items.anyOf[0], data: data11 };
                if (vErrors === null) {
                  vErrors = [err14];
                } else {
                  vErrors.push(err14);
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
                  const err15 = { instancePath: instancePath + "/rotations/" + i3, keyword: "required", params: { missingProperty: "exec" }, parentSchema: schema6.allOf[3].else.properties.rotations.items.anyOf[1], data: data11 };
                  if (vErrors === null) {
                    vErrors = [err15];
                  } else {
                    vErrors.push(err15);
                  }
                  errors++;
                }
              }
              var _valid4 = _errs31 === errors;
              valid21 = valid21 || _valid4;
            }
            if (!valid21) {
              const err16 = { instancePath: instancePath + "/rotations/" + i3, keyword: "anyOf", params: {}, parentSchema: schema6.allOf[3].else.properties.rotations.items, data: data11 };
              if (vErrors === null) {
                vErrors = [err16];
              } else {
                vErrors.push(err16);
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
    const err17 = { instancePath, keyword: "if", params: { failingKeyword: "else" }, parentSchema: schema6.allOf[3], data };
    if (vErrors === null) {
      vErrors = [err17];
    } else {
      vErrors.push(err17);
    }
    errors++;
  }
  if (data && typeof data == "object" && !Array.isArray(data)) {
    if (data.rotations === void 0 || !func0.call(data, "rotations")) {
      const err18 = { instancePath, keyword: "required", params: { missingProperty: "rotations" }, parentSchema: schema6, data };
      if (vErrors === null) {
        vErrors = [err18];
      } else {
        vErrors.push(err18);
      }
      errors++;
    }
    for (const key0 of Object.keys(data)) {
      if (!(key0 === "$schema" || key0 === "defaults" || key0 === "rotations")) {
        const err19 = { instancePath, keyword: "additionalProperties", params: { additionalProperty: key0 }, parentSchema: schema6, data };
        if (vErrors === null) {
          vErrors = [err19];
        } else {
          vErrors.push(err19);
        }
        errors++;
      }
    }
    if (data.$schema !== void 0 && func0.call(data, "$schema")) {
      let data12 = data.$schema;
      if (typeof data12 !== "string") {
        const err20 = { instancePath: instancePath + "/$schema", keyword: "type", params: { type: "string" }, parentSchema: schema6.properties.$schema, data: data12 };
        if (vErrors === null) {
          vErrors = [err20];
        } else {
          vErrors.push(err20);
        }
        errors++;
      }
    }
    if (data.defaults !== void 0 && func0.call(data, "defaults")) {
      let data13 = data.defaults;
      if (data13 && typeof data13 == "object" && !Array.isArray(data13)) {
        for (const key1 of Object.keys(data13)) {
          if (!(key1 === "groupId" || key1 === "orgId" || key1 === "secretExpiresAfterHours" || key1 === "exec")) {
            const err21 = { instancePath: instancePath + "/defaults", keyword: "additionalProperties", params: { additionalProperty: key1 }, parentSchema: schema6.properties.defaults, data: data13 };
            if (vErrors === null) {
              vErrors = [err21];
            } else {
              vErrors.push(err21);
            }
            errors++;
          }
        }
        if (data13.groupId !== void 0 && func0.call(data13, "groupId")) {
          if (!validate22(data13.groupId, { instancePath: instancePath + "/defaults/groupId", parentData: data13, parentDataProperty: "groupId", rootData })) {
            vErrors = vErrors === null ? validate22.errors : vErrors.concat(validate22.errors);
            errors = vErrors.length;
          }
        }
        if (data13.orgId !== void 0 && func0.call(data13, "orgId")) {
          if (!validate22(data13.orgId, { instancePath: instancePath + "/defaults/orgId", parentData: data13, parentDataProperty: "orgId", rootData })) {
            vErrors = vErrors === null ? validate22.errors : vErrors.concat(validate22.errors);
            errors = vErrors.length;
          }
        }
        if (data13.secretExpiresAfterHours !== void 0 && func0.call(data13, "secretExpiresAfterHours")) {
          if (!validate25(data13.secretExpiresAfterHours, { instancePath: instancePath + "/defaults/secretExpiresAfterHours", parentData: data13, parentDataProperty: "secretExpiresAfterHours", rootData })) {
            vErrors = vErrors === null ? validate25.errors : vErrors.concat(validate25.errors);
            errors = vErrors.length;
          }
        }
        if (data13.exec !== void 0 && func0.call(data13, "exec")) {
          if (!validate27(data13.exec, { instancePath: instancePath + "/defaults/exec", parentData: data13, parentDataProperty: "exec", rootData })) {
            vErrors = vErrors === null ? validate27.errors : vErrors.concat(validate27.errors);
            errors = vErrors.length;
          }
        }
      } else {
        const err22 = { instancePath: instancePath + "/defaults", keyword: "type", params: { type: "object" }, parentSchema: schema6.properties.defaults, data: data13 };
        if (vErrors === null) {
          vErrors = [err22];
        } else {
          vErrors.push(err22);
        }
        errors++;
      }
    }
    if (data.rotations !== void 0 && func0.call(data, "rotations")) {
      let data18 = data.rotations;
      if (Array.isArray(data18)) {
        if (data18.length < 1) {
          const err23 = { instancePath: instancePath + "/rotations", keyword: "minItems", params: { limit: 1 }, parentSchema: schema6.properties.rotations, data: data18 };
          if (vErrors === null) {
            vErrors = [err23];
          } else {
            vErrors.push(err23);
          }
          errors++;
        }
        const len4 = data18.length;
        for (let i4 = 0; i4 < len4; i4++) {
          if (!validate29(data18[i4], { instancePath: instancePath + "/rotations/" + i4, parentData: data18, parentDataProperty: i4, rootData })) {
            vErrors = vErrors === null ? validate29.errors : vErrors.concat(validate29.errors);
            errors = vErrors.length;
          }
        }
      } else {
        const err24 = { instancePath: instancePath + "/rotations", keyword: "type", params: { type: "array" }, parentSchema: schema6.properties.rotations, data: data18 };
        if (vErrors === null) {
          vErrors = [err24];
        } else {
          vErrors.push(err24);
        }
        errors++;
      }
    }
  } else {
    const err25 = { instancePath, keyword: "type", params: { type: "object" }, parentSchema: schema6, data };
    if (vErrors === null) {
      vErrors = [err25];
    } else {
      vErrors.push(err25);
    }
    errors++;
  }
  validate21.errors = vErrors;
  return errors === 0;
}
export {
  validateFleet
};
