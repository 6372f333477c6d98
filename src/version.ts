// A test holds it to package.json.
export const VERSION = "0.1.0";

export const USER_AGENT = `atlas-service-account-secrets/${VERSION}`;
