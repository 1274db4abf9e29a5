import { expect, type Locator, type Page } from "@playwright/test";
import { account, baseUrl } from "../site-under-test.ts";

/** Signs in by the sign-in page, and waits for the wall. */
export async function signInByForm(page: Page): Promise<void> {
  await page.getByLabel("Email").fill(account.email);
  await page.getByLabel("Password", { exact: true }).fill(account.password);
  await page.getByRole("button", { name: "Sign in" }).click();
  await expect(page).toHaveURL(`${baseUrl()}/`);
}

/** Signs in without a page: the one for that has a test of its own. */
export async function signIn(page: Page): Promise<void> {
  const answer = await page.request.post(`${baseUrl()}/api/auth/sign-in/email`, { data: account, headers: { origin: baseUrl() } });
  expect(answer.ok()).toBe(true);
}

/** Goes to the wall, signed in. */
export async function openWall(page: Page): Promise<void> {
  await signIn(page);
  await page.goto(baseUrl());
  await expect(page).toHaveURL(`${baseUrl()}/`);
}

export const tiles = (page: Page): Locator => page.getByTestId("tile");

export function tileNamed(page: Page, name: string): Locator {
  return tiles(page).filter({ hasText: name });
}

/** Sequence number of the picture that a tile shows; rises while it moves. */
export async function shownSequence(tile: Locator): Promise<number> {
  return Number((await tile.getByTestId("preview").getAttribute("data-seq")) ?? -1);
}
