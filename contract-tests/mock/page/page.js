/**
 * The page of the mock: Swagger UI on the contract, and beside it what the mock holds and what it has served, live.
 */
const SHOWN_REQUESTS = 50;
const METHODS = ["get", "put", "post", "delete", "options", "head", "patch", "trace"];
const dark = matchMedia("(prefers-color-scheme: dark)");

function element(name, attributes = {}, ...children) {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  made.append(...children);
  return made;
}

/** A time as people say it: `in 7 d`, `3 min ago`. */
function relative(time, now) {
  const seconds = Math.round((Date.parse(time) - now) / 1000);
  const [size, unit] = [
    [86_400, "d"],
    [3_600, "h"],
    [60, "min"],
    [1, "s"],
  ].find(([each]) => Math.abs(seconds) >= each * 2) ?? [1, "s"];
  const count = Math.abs(Math.round(seconds / size));
  return seconds > 0 ? `in ${count} ${unit}` : `${count} ${unit} ago`;
}

function timeOf(label, time, now) {
  if (!time) return `${label} never`;
  return element("span", {}, `${label} `, element("time", { datetime: time, title: time }, relative(time, now)));
}

function showAccounts({ accounts, now }) {
  const items = accounts.map(({ clientId, orgId, groupIds, secrets }) =>
    element(
      "li",
      { "data-client-id": clientId },
      element("code", {}, clientId),
      element(
        "p",
        { class: "place" },
        `organization ${orgId ?? "not named yet"} · project ${groupIds.join(", ") || "not named yet"}`,
      ),
      secrets.length === 0
        ? element("p", { class: "none" }, "no secret")
        : element(
            "ul",
            {},
            ...secrets.map(({ id, masked, createdAt, expiresAt, lastUsedAt }) =>
              element(
                "li",
                { "data-secret-id": id },
                element("code", {}, id),
                " ",
                element("code", { class: "masked" }, masked),
                element(
                  "p",
                  {},
                  timeOf("created", createdAt, now),
                  " · ",
                  timeOf("expires", expiresAt, now),
                  " · ",
                  timeOf("used", lastUsedAt, now),
                ),
              ),
            ),
          ),
    ),
  );
  document.getElementById("accounts").replaceChildren(...items);
}

function showRequest({ method, path, status, reason, at }) {
  const list = document.getElementById("requests");
  const kind = status === undefined ? "none" : status < 400 ? "success" : "failure";
  const item = element(
    "li",
    { class: kind },
    element("span", { class: "status" }, status === undefined ? "none" : String(status)),
    element("span", { class: "line" }, element("b", {}, method), " ", element("code", {}, path)),
    element("time", { datetime: at, title: at }, new Date(at).toLocaleTimeString()),
  );
  if (reason) item.append(element("p", { class: "reason" }, reason));
  list.prepend(item);
  while (list.children.length > SHOWN_REQUESTS) list.lastElementChild.remove();
}

function listen() {
  const connection = document.getElementById("connection");
  const events = new EventSource("/__mock/events");
  events.addEventListener("open", () => {
    // After a break all of them come again.
    document.getElementById("requests").replaceChildren();
    connection.textContent = `live · ${location.origin}`;
  });
  events.addEventListener("error", () => {
    connection.textContent = "The mock is not there. Trying again …";
  });
  events.addEventListener("accounts", ({ data }) => showAccounts(JSON.parse(data)));
  events.addEventListener("request", ({ data }) => showRequest(JSON.parse(data)));
}

function showCredentials({ accessToken, clientId, clientSecret, publicKey, privateKey }) {
  const named = {
    "access token": [accessToken],
    "service account": [clientId, clientSecret],
    "API key": [publicKey, privateKey],
  };
  for (const [name, values] of Object.entries(named)) {
    document
      .getElementById("credentials")
      .append(element("dt", {}, name), ...values.map((value) => element("dd", {}, element("code", {}, value))));
  }
}

/** The media types of an operation's success, which `Accept` has to name one of. */
function successTypes(operation) {
  const responses = Object.entries(operation.responses ?? {}).filter(([status]) => status.startsWith("2"));
  return responses.flatMap(([, response]) => Object.keys(response.content ?? {}));
}

function fits(template, path) {
  const literals = template.split(/\{[^}]*\}/).map((literal) => literal.replace(/[.*+?^${}()|[\]\\]/g, "\\$&"));
  return new RegExp(`^${literals.join("[^/]*")}$`).test(path);
}

function showService(contract, { accessToken, clientId, clientSecret }) {
  const here = { ...contract, servers: [{ url: location.origin, description: "This mock" }] };
  const schemes = Object.values(here.components?.securitySchemes ?? {});
  for (const { flows } of schemes) {
    const flow = flows?.clientCredentials;
    if (flow) flow.tokenUrl = location.origin + new URL(flow.tokenUrl, location.origin).pathname;
  }
  const ui = SwaggerUIBundle({
    spec: here,
    dom_id: "#service",
    deepLinking: false,
    docExpansion: "list",
    defaultModelsExpandDepth: 0,
    displayRequestDuration: true,
    tryItOutEnabled: true,
    validatorUrl: null,
    requestInterceptor(request) {
      const { pathname } = new URL(request.url, location.origin);
      if (pathname.startsWith("/__mock/")) return request;
      request.headers.Authorization ??= `Bearer ${accessToken}`;
      const [, item] = Object.entries(contract.paths).find(([template]) => fits(template, pathname)) ?? [];
      const operation = item?.[METHODS.find((method) => method === request.method?.toLowerCase())];
      const types = operation ? successTypes(operation) : [];
      if (types.length > 0 && !types.includes(request.headers.Accept ?? request.headers.accept)) {
        delete request.headers.accept;
        request.headers.Accept = types[0];
      }
      return request;
    },
  });
  ui.initOAuth({ clientId, clientSecret });
}

function dress() {
  document.documentElement.classList.toggle("dark-mode", dark.matches);
}

async function start() {
  dress();
  dark.addEventListener("change", dress);
  listen();
  const json = async (path) => (await fetch(path)).json();
  const [contract, credentials] = await Promise.all([json("/__mock/contract.json"), json("/__mock/credentials.json")]);
  showCredentials(credentials);
  showService(contract, credentials);
}

start();
