import { describe } from "vitest";
import { all, itReports, places, remove, set } from "../testing/editing.js";

const { post, del, schemes } = places;

describe("edits to security and servers", () => {
  itReports([
    {
      edit: "digest is no longer accepted",
      change: remove([...post, "security", 1]),
      verdict: "breaking",
      what: "only ours: signing in with DigestAuth",
      ours: [...post, "security", 1],
      theirs: [...post, "security"],
    },
    {
      edit: "no credentials at all",
      change: set([...post, "security"], []),
      verdict: "breaking",
      what: "only ours: security",
      ours: [...post, "security"],
    },
    {
      edit: "one more way to sign in",
      change: all(
        set([...schemes, "Key"], { type: "apiKey", in: "header", name: "X-Key" }),
        set([...del, "security", 2], { Key: [] }),
      ),
      verdict: "compatible",
      what: "only theirs: signing in with Key",
      ours: [...del, "security"],
      theirs: [...del, "security", 2],
    },
    {
      edit: "another token URL",
      change: set(
        [...schemes, "ServiceAccounts", "flows", "clientCredentials", "tokenUrl"],
        "https://auth.mongodb.com/token",
      ),
      verdict: "breaking",
      what: "tokenUrl of security scheme ServiceAccounts",
      ours: [...schemes, "ServiceAccounts", "flows", "clientCredentials", "tokenUrl"],
    },
    {
      edit: "basic instead of digest",
      change: set([...schemes, "DigestAuth", "scheme"], "basic"),
      verdict: "breaking",
      what: "scheme of security scheme DigestAuth",
      ours: [...schemes, "DigestAuth", "scheme"],
    },
    {
      edit: "a token needs a scope",
      change: set([...post, "security", 0, "ServiceAccounts"], ["secrets:write"]),
      verdict: "breaking",
      what: "scopes of ServiceAccounts",
      ours: [...post, "security", 0, "ServiceAccounts"],
    },
    {
      edit: "another host",
      change: set(
        ["servers"],
        [
          { url: "https://atlas.example.com" },
          { url: "https://cloud.mongodb.com" },
          { url: "https://cloud.mongodbgov.com" },
        ],
      ),
      verdict: "compatible",
      what: "only theirs: server https://atlas.example.com",
      ours: ["servers"],
      theirs: ["servers", 0],
    },
  ]);
});
