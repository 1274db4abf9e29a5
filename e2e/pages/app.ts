import { expect, type Locator, type Page } from "@playwright/test";
import { account, baseUrl } from "../site-under-test.ts";

export async function signIn(page: Page): Promise<void> {
  await page.goto(`${baseUrl()}/sign-in`);
  await page.getByLabel("Email").fill(account.email);
  await page.getByLabel("Password", { exact: true }).fill(account.password);
  await page.getByRole("button", { name: "Sign in" }).click();
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
