/**
 * What a person has to do, as a sentence for somebody who writes a program with this library.
 */
import { expect, it } from "vitest";
import { deleteSecret, describeRemedy, lookInAtlas } from "./remedies.js";

const clientId = "mdb_sa_id_65a1b2c3d4e5f60718293a4b";
const orgId = "4e1b0a9f8d7c6b5a49382716";
const account = { orgId, clientId };
const id = "32b6e34b3d91647abb20e7b8";
const deletion = (secretId: string) =>
  `deleteOrgServiceAccountSecret({ orgId: "${orgId}", clientId: "${clientId}", secretId: ${secretId} })`;

it.each([
  [
    "to delete a secret that nothing uses",
    deleteSecret(account, id),
    `Delete secret ${id} with ${deletion(`"${id}"`)}.`,
  ],
  [
    "to find out which of two is in use",
    lookInAtlas(account, id),
    `Find out which one is in use and delete the other; the new one with ${deletion(`"${id}"`)}.`,
  ],
  [
    "to look for a secret whose id is not known",
    lookInAtlas(account),
    `Before rotating again, look in Atlas at the secrets of ${clientId} in organization ${orgId}, and delete the one that nothing uses with ${deletion("its id")}.`,
  ],
])("a remedy: %s", (_what, remedy, sentence) => {
  expect(describeRemedy(remedy)).toBe(sentence);
});
