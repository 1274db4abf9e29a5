import { expect, test } from "@playwright/test";
import { shownSequence, signIn, tileNamed } from "../pages/app.ts";
import { baseUrl } from "../site-under-test.ts";

/** Address of a demo camera's RTSP stream: a real server that is there for certain. */
async function demoStream(page: import("@playwright/test").Page): Promise<string> {
  const answer = await page.request.get(`${baseUrl()}/api/trpc/cameras.list`);
  const body = (await answer.json()) as { result: { data: { url: string }[] } };
  const url = body.result.data.find((camera) => camera.url.startsWith("rtsp://"))?.url;
  test.skip(!url, "no RTSP server for this platform");
  return url ?? "";
}

test("adds a camera over RTSP, sees it appear, and deletes it", async ({ page }) => {
  await signIn(page);
  const url = await demoStream(page);
  await page.goto(`${baseUrl()}/cameras/new`);
  await page.getByLabel("Name", { exact: true }).fill("Loading bay");
  await page.getByLabel("URL", { exact: true }).fill(url);
  await page.getByRole("button", { name: "Test connection" }).click();
  await expect(page.getByText(/h264/i).first()).toBeVisible();
  await page.getByRole("button", { name: /^(Add camera|Save)$/ }).click();
  await expect(page).not.toHaveURL(/\/new/);

  await page.goto(`${baseUrl()}/`);
  const tile = tileNamed(page, "Loading bay");
  await expect(tile).toHaveAttribute("data-state", "online");
  const before = await shownSequence(tile);
  await expect.poll(() => shownSequence(tile)).toBeGreaterThan(before);

  await page.goto(`${baseUrl()}/cameras`);
  await page
    .getByRole("row", { name: /Loading bay/ })
    .getByRole("button", { name: /delete/i })
    .click();
  await page
    .getByRole("alertdialog")
    .or(page.getByRole("dialog"))
    .getByRole("button", { name: /delete/i })
    .click();
  await expect(page.getByRole("row", { name: /Loading bay/ })).toHaveCount(0);
  await page.goto(`${baseUrl()}/`);
  await expect(tileNamed(page, "Loading bay")).toHaveCount(0);
});

test("says what is wrong with a bad address", async ({ page }) => {
  await signIn(page);
  await page.goto(`${baseUrl()}/cameras/new`);
  await page.getByLabel("Name", { exact: true }).fill("Broken");
  await page.getByLabel("URL", { exact: true }).fill("rtsp://127.0.0.1:9/nothing");
  await page.getByRole("button", { name: "Test connection" }).click();
  await expect(page.getByText("CAMERA_REFUSED").first()).toBeVisible();

  await page.getByLabel("URL", { exact: true }).fill("ftp://example/camera");
  await page.getByRole("button", { name: /^(Add camera|Save)$/ }).click();
  await expect(page.getByText(/not supported/i).first()).toBeVisible();
});

test("shows on the wall why a camera is offline", async ({ page }) => {
  await signIn(page);
  const created = await page.request.post(`${baseUrl()}/api/trpc/cameras.create`, {
    data: { name: "Dead end", url: "rtsp://127.0.0.1:9/nothing" },
    headers: { origin: baseUrl() },
  });
  expect(created.ok()).toBe(true);
  const { result } = (await created.json()) as { result: { data: { id: string } } };
  await page.goto(`${baseUrl()}/`);
  const tile = tileNamed(page, "Dead end");
  await expect(tile).toHaveAttribute("data-state", "offline");
  await expect(tile).toContainText(/refused/i);
  await page.request.post(`${baseUrl()}/api/trpc/cameras.remove`, { data: { id: result.data.id }, headers: { origin: baseUrl() } });
});

test("draws a long list bit by bit, and finds cameras in all of it", async ({ page }) => {
  const COUNT = 130;
  await signIn(page);
  const call = (procedure: string, data: object) =>
    page.request.post(`${baseUrl()}/api/trpc/${procedure}`, { data, headers: { origin: baseUrl() } });
  const rows = Array.from({ length: COUNT }, (_, index) => `Crowd ${index},rtsp://127.0.0.1:9/${index},false,crowd`);
  const imported = await call("cameras.importCsv", { csv: ["name,url,enabled,tags", ...rows].join("\n") });
  expect(imported.ok()).toBe(true);
  try {
    await page.goto(`${baseUrl()}/cameras`);
    const found = page.locator("tbody tr");
    await expect(found).toHaveCount(100);
    await page.getByLabel("Tag").selectOption("crowd");
    await page.getByLabel("State").selectOption("Switched off");
    await expect(page.getByText(`${COUNT} found`)).toBeVisible();
    await page.getByRole("row", { name: /Crowd 99/ }).scrollIntoViewIfNeeded();
    await expect(found).toHaveCount(COUNT);
    await page.getByLabel("Search cameras").fill("crowd 127.0.0.1:9/129");
    await expect(found).toHaveCount(1);
    await expect(found).toContainText("Crowd 129");
    await page.getByLabel("Search cameras").fill("nothing like it");
    await expect(page.getByText(/None of the \d+ cameras/)).toBeVisible();
  } finally {
    const answer = (await (await page.request.get(`${baseUrl()}/api/trpc/cameras.list`)).json()) as {
      result: { data: { id: string; tags: string[] }[] };
    };
    for (const { id } of answer.result.data.filter(({ tags }) => tags.includes("crowd"))) await call("cameras.remove", { id });
  }
});

test("works on a phone and in the dark without anything wider than the screen", async ({ browser }) => {
  const context = await browser.newContext({ viewport: { width: 390, height: 844 }, colorScheme: "dark" });
  const page = await context.newPage();
  await signIn(page);
  for (const path of ["/", "/cameras", "/detections", "/workers", "/settings"]) {
    await page.goto(`${baseUrl()}${path}`);
    await expect(page.getByRole("main")).toBeVisible();
    await expect.poll(() => page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth)).toBeLessThanOrEqual(0);
  }
  await context.close();
});
