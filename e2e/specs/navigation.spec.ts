import { expect, type Page, type Request, test } from "@playwright/test";
import { openWall, signIn } from "../pages/app.ts";
import { baseUrl } from "../site-under-test.ts";

/** See the web app's navigation-watch.ts. */
const FOLLOWED_WITHIN_MS = 8000;

/** Shows the cameras once by a link, so that the router knows the way, and goes back to the wall. */
async function beenToCameras(page: Page): Promise<void> {
  const pages = page.getByRole("navigation", { name: "Pages" });
  await pages.getByRole("link", { name: "Cameras", exact: true }).click();
  await expect(page).toHaveURL(`${baseUrl()}/cameras`);
  await pages.getByRole("link", { name: "Wall", exact: true }).click();
  await expect(page).toHaveURL(`${baseUrl()}/`);
}

const asksForPage = (request: Request): boolean => request.headers()["rsc"] === "1";

test("gets to a page whose data got no answer, and shows meanwhile that it is on its way", async ({ page }) => {
  await page.clock.install();
  await openWall(page);
  await beenToCameras(page);
  let unanswered = 0;
  await page.route(/\/cameras\?/, async (route) => {
    if (asksForPage(route.request())) unanswered++;
    else await route.continue();
  });
  const link = page.getByRole("navigation", { name: "Pages" }).getByRole("link", { name: "Cameras", exact: true });
  await link.click();
  await expect(page.getByText("Loading the page", { exact: true })).toBeAttached();
  await expect.poll(() => unanswered).toBeGreaterThan(0);
  await page.clock.fastForward(FOLLOWED_WITHIN_MS);
  await expect(page).toHaveURL(`${baseUrl()}/cameras`);
  await expect(page.getByRole("heading", { name: "Cameras", level: 1 })).toBeVisible();
});

test("gets to a page whose code got no answer", async ({ page }) => {
  await page.clock.install();
  await openWall(page);
  let unanswered = 0;
  // What the browser's own load of the page asks for is answered.
  let loading = false;
  page.on("request", (request) => {
    loading ||= request.isNavigationRequest();
  });
  await page.route("**/_next/static/chunks/*.js", async (route) => {
    if (loading) await route.continue();
    else unanswered++;
  });
  await page.getByRole("navigation", { name: "Pages" }).getByRole("link", { name: "Planner", exact: true }).click();
  await expect.poll(() => unanswered).toBeGreaterThan(0);
  await page.clock.fastForward(FOLLOWED_WITHIN_MS);
  await expect(page).toHaveURL(`${baseUrl()}/planner`);
  await expect(page.getByRole("heading", { name: "Planner", level: 1 })).toBeVisible();
});

test("tries again to load a page whose code could not be loaded", async ({ page }) => {
  await openWall(page);
  await page.route("**/_next/static/chunks/*.js", (route) => route.abort());
  await page.getByRole("navigation", { name: "Pages" }).getByRole("link", { name: "Planner", exact: true }).click();
  await expect(page.getByRole("heading", { name: "This page could not be shown" })).toBeVisible();
  await page.unroute("**/_next/static/chunks/*.js");
  await page.getByRole("button", { name: "Try again" }).click();
  await expect(page.getByRole("heading", { name: "Planner", level: 1 })).toBeVisible();
});

test("asks for a page when its link is followed, and not before", async ({ page }) => {
  await signIn(page);
  const asked: string[] = [];
  page.on("request", (request) => {
    if (asksForPage(request)) asked.push(new URL(request.url()).pathname);
  });
  await page.goto(`${baseUrl()}/precision`);
  const pages = page.getByRole("navigation", { name: "Pages" });
  await expect(page.getByRole("status").getByText("Live")).toBeVisible();
  await pages.getByRole("link", { name: "Jobs", exact: true }).hover();
  await pages.getByRole("link", { name: "Workers", exact: true }).click();
  await expect(page).toHaveURL(`${baseUrl()}/workers`);
  expect(new Set(asked)).toEqual(new Set(["/workers"]));
});
