/** `npm run test:page`: the page of the mock in a real browser, Chromium as Debian's package `chromium` installs it. */
import assert from "node:assert/strict";
import axe from "axe-core";
import { type Browser, chromium } from "playwright-core";
import { firstLineOf } from "../contract-tests/contract/document.js";
import { mockCredentials } from "../contract-tests/mock/settings.js";
import { type Mock, startMock } from "../contract-tests/mock/start-mock.js";
import { CommandError, command, EXIT, runMain, text, withDefault } from "./command.js";

const { exampleClientId, firstSecretId } = mockCredentials;
const CREATE = "#operations-Service_Accounts-createGroupServiceAccountSecret";
const DELETE = "#operations-Service_Accounts-deleteOrgServiceAccountSecret";
const NARROW = { width: 400, height: 900 };
const WIDE = { width: 1400, height: 1000 };

/** Runs in the page: what WCAG's levels A and AA forbid, but for Swagger UI's own part. */
const AUDIT = "axe.run({ include: ['header', '#live'] }, { runOnly: ['wcag2a', 'wcag2aa'] })";

await runMain(
  command({
    name: "test:page",
    about:
      "Opens the page of the mock in Chromium, creates and deletes a secret through it, and looks at it in every size.",
    options: {
      chromium: withDefault(text("file", "the browser"), process.env["CHROMIUM"] ?? "/usr/bin/chromium"),
    },
    async run({ chromium: executablePath }, { out }) {
      // As root, which a container often is, Chromium starts without its sandbox only.
      const args = process.getuid?.() === 0 ? ["--no-sandbox"] : [];
      const browser = await chromium.launch({ executablePath, args }).catch((error: unknown) => {
        throw new CommandError([`cannot start ${executablePath}: ${firstLineOf(error)}`]);
      });
      const mock = await startMock();
      try {
        await useThePage(browser, mock, out);
        await lookAtThePage(browser, mock, out);
      } finally {
        await browser.close();
        await mock.stop();
      }
      return EXIT.ok;
    },
  }),
);

/** Creates a secret, sees it appear, deletes it and sees it go. */
async function useThePage(browser: Browser, mock: Mock, out: (text: string) => void): Promise<void> {
  const { page, problems } = await open(browser, mock, WIDE, "light");
  const account = page.locator(`[data-client-id="${exampleClientId}"]`);
  const secrets = account.locator("[data-secret-id]");

  await page.locator(`${CREATE} .opblock-summary-control`).click();
  await page.locator(`${CREATE} .execute`).click();
  await secrets.nth(1).waitFor();
  const [made] = mock.accounts.secretsOf(exampleClientId).filter(({ id }) => id !== firstSecretId);
  assert(made, "the mock has a second secret");
  assert.equal(await secrets.count(), 2);
  const shown = (await account.textContent()) ?? "";
  assert(shown.includes(made.id) && !shown.includes(made.value), "the account shows the id and hides the value");
  assert.match(shown, /expires in \d+ h/);
  assert.match((await page.locator(`${CREATE} .live-responses-table`).textContent()) ?? "", /201[\s\S]*mdb_sa_sk_fake/);
  out("created through the page, and it appears");

  await page.locator(`${CREATE} .execute`).click();
  await page.locator("#requests .failure .reason", { hasText: "two secrets" }).waitFor();
  out("a third is refused, and the page says why");

  await page.locator(`${DELETE} .opblock-summary-control`).click();
  await page.locator(`${DELETE} tr[data-param-name="secretId"] input`).fill(made.id);
  await page.locator(`${DELETE} .execute`).click();
  await page.locator(`[data-secret-id="${made.id}"]`).waitFor({ state: "detached" });
  assert.equal(await secrets.count(), 1);
  assert.deepEqual(
    mock.requests.map(({ method, status }) => `${method} ${status}`),
    ["POST 201", "POST 400", "DELETE 204"],
  );
  out("deleted through the page, and it goes");

  await page.locator(".auth-wrapper .authorize").click();
  const oauth = page.locator(".auth-container", { hasText: "clientCredentials" });
  await oauth.locator(".authorize").click();
  await oauth.locator("text=Logout").waitFor();
  assert.equal(mock.requests.at(-1)?.path, "/api/oauth/token");
  out("signed in as the service account");
  // The refusal is shown by the browser as well.
  assert.deepEqual(
    problems.filter((problem) => !problem.includes("status of 400")),
    [],
  );
  await page.close();
}

/** Each size in each colour scheme: nothing wider than the window, and nothing that is hard to read. */
async function lookAtThePage(browser: Browser, mock: Mock, out: (text: string) => void): Promise<void> {
  for (const viewport of [NARROW, WIDE]) {
    for (const scheme of ["light", "dark"] as const) {
      const { page, problems } = await open(browser, mock, viewport, scheme);
      await page.locator(`${CREATE} .opblock-summary-control`).click();
      const width = await page.evaluate("document.documentElement.scrollWidth");
      assert(Number(width) <= viewport.width, `${width} px wide in a window of ${viewport.width}`);
      await page.evaluate(axe.source);
      const { violations } = await page.evaluate<axe.AxeResults>(AUDIT);
      const found = violations.flatMap(({ help, nodes }) => nodes.map(({ html }) => `${help}: ${html}`));
      assert.deepEqual(found, [], `at ${viewport.width} px, ${scheme}`);
      assert.deepEqual(problems, []);
      await page.close();
      out(`readable at ${viewport.width} px, ${scheme}`);
    }
  }
}

/** The page, and everything that the browser complains of. */
async function open(browser: Browser, { url }: Mock, viewport: typeof WIDE, colorScheme: "light" | "dark") {
  const page = await browser.newPage({ viewport, colorScheme });
  const problems: string[] = [];
  page.on("console", (message) => {
    if (message.type() === "error" || message.type() === "warning") problems.push(message.text());
  });
  page.on("pageerror", (error) => problems.push(String(error)));
  page.on("request", (request) => {
    if (!request.url().startsWith(url) && !request.url().startsWith("data:")) problems.push(`asks ${request.url()}`);
  });
  await page.goto(url);
  await page.locator(CREATE).waitFor();
  await page.locator("#connection", { hasText: "live" }).waitFor();
  return { page, problems };
}
