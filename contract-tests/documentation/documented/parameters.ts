/** The parameters, as the two documentation pages describe them. */

const hexadecimalId = { type: "string", pattern: "^([a-f0-9]{24})$" };
const flag = { type: "boolean", default: false };

export const groupId = {
  name: "groupId",
  in: "path",
  required: true,
  schema: hexadecimalId,
  example: "5f0c1a2b3c4d5e6f70819203",
};

export const orgId = {
  name: "orgId",
  in: "path",
  required: true,
  schema: hexadecimalId,
  example: "4e1b0a9f8d7c6b5a49382716",
};

export const clientId = {
  name: "clientId",
  in: "path",
  required: true,
  schema: { type: "string", pattern: "^mdb_sa_id_[a-fA-F\\d]{24}$" },
  example: "mdb_sa_id_65a1b2c3d4e5f60718293a4b",
};

/** The page gives no pattern, only "24-hexadecimal digit string": the contract says that it is stricter. */
export const secretId = {
  name: "secretId",
  in: "path",
  required: true,
  schema: { ...hexadecimalId, "x-stricter-than-documentation": { keyword: "pattern" } },
  example: "32b6e34b3d91647abb20e7b8",
};

export const envelope = { name: "envelope", in: "query", required: false, schema: flag, example: false };
export const pretty = { name: "pretty", in: "query", required: false, schema: flag, example: false };
