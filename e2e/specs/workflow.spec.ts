import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { defaultModelPath } from "@octet/inference/builtin-models";
import { expect, type Page, test } from "@playwright/test";
import { shownSequence, signIn, tileNamed } from "../pages/app.ts";
import { baseUrl } from "../site-under-test.ts";

interface ListedCamera {
  name: string;
  enabled: boolean;
  status: { state: string; model: string | null; modelAlarm: unknown; counters: { inferred: number } } | null;
}

async function query<T>(page: Page, procedure: string): Promise<T> {
  const answer = await page.request.get(`${baseUrl()}/api/trpc/${procedure}`);
  return ((await answer.json()) as { result: { data: T } }).result.data;
}

/** From the precision page. */
async function openProfile(page: Page, name: string): Promise<void> {
  await page.getByRole("link", { name, exact: true }).click();
  await expect(page).toHaveURL(/\/precision\/[0-9a-f-]{36}$/);
}

/** Which models the cameras that are online run on. */
async function modelsOnAir(page: Page): Promise<(string | null)[]> {
  const cameras = await query<ListedCamera[]>(page, "cameras.list");
  return [...new Set(cameras.filter(({ status }) => status?.state === "online").map(({ status }) => status?.model ?? null))];
}

test("refuses a text file as a model, and says why", async ({ page }) => {
  await signIn(page);
  await page.goto(`${baseUrl()}/models`);
  await page
    .locator('input[type="file"]')
    .setInputFiles({ name: "notes.onnx", mimeType: "application/octet-stream", buffer: Buffer.from("these are notes, and no model") });
  await page.getByLabel("Name", { exact: true }).fill("Notes");
  await page.getByRole("button", { name: "Add model" }).click();
  await expect(page.getByText("MODEL_INVALID").first()).toBeVisible();
});

test("takes a model from upload to promotion and back, while the wall runs", async ({ page }) => {
  test.setTimeout(480_000);
  const own = createHash("sha256").update(readFileSync(defaultModelPath())).digest("hex");
  await signIn(page);

  // Two cameras are enough for two cores that also quantise.
  await page.goto(`${baseUrl()}/cameras`);
  for (const name of ["Lounge", "Reception"]) {
    const shown = page.getByRole("switch", { name: `${name} switched on` });
    await shown.click();
    await expect(shown).not.toBeChecked();
  }

  // A model: checked by a worker, its FP32 profile is there at once.
  await page.goto(`${baseUrl()}/models`);
  await page.locator('input[type="file"]').setInputFiles(defaultModelPath());
  await page.getByLabel("Name", { exact: true }).fill("Faces");
  await page.getByRole("button", { name: "Add model" }).click();
  await expect(page.getByText("It was recognised", { exact: false })).toBeVisible({ timeout: 60_000 });

  // A small calibration set from the demo's cameras.
  await page.goto(`${baseUrl()}/datasets`);
  await page.getByRole("button", { name: "Collect from cameras" }).click();
  await page.getByLabel("Name", { exact: true }).fill("Demo cameras");
  await page.getByRole("button", { name: "All", exact: true }).click();
  await page.getByLabel("A frame every, seconds").fill("0.5");
  await page.getByLabel("For, minutes").fill("1");
  await page.getByLabel("At most, images").fill("3");
  await page.getByRole("button", { name: "Collect", exact: true }).click();
  const version = page.getByRole("link", { name: /v1 .*images/ });
  await expect(version).toBeVisible({ timeout: 90_000 });
  await version.click();
  await expect(page.getByText(/images are few/)).toBeVisible();
  await expect(page.getByRole("img", { name: /images\// }).first()).toBeVisible();

  // A float model is no model that was trained with quantisation, and a worker says so.
  await page.goto(`${baseUrl()}/precision`);
  await expect(page.getByRole("link", { name: "Faces FP32", exact: true })).toBeVisible();
  await page.getByRole("button", { name: "Import QAT" }).click();
  await page.getByLabel("File", { exact: true }).setInputFiles(defaultModelPath());
  await page.getByLabel("Name", { exact: true }).fill("Faces QAT");
  await page.getByRole("button", { name: "Import", exact: true }).click();
  await expect(page.getByText(/no QuantizeLinear and DequantizeLinear nodes/)).toBeVisible({ timeout: 60_000 });

  // INT8 of it, the quick way.
  await page.getByRole("button", { name: "New profile" }).click();
  await page.getByLabel("Name", { exact: true }).fill("Faces INT8");
  await page.getByLabel("Calibration set").selectOption({ index: 1 });
  await page.getByText("Method (left alone").click();
  await page.getByLabel("Ranges").selectOption("minmax");
  await page.getByLabel("Refinement").selectOption("none");
  await page.getByLabel("Sensitive layers").selectOption("off");
  await page.getByLabel("Leave in float what the building host runs faster so").uncheck();
  await page.getByRole("button", { name: "Build", exact: true }).click();
  await openProfile(page, "Faces INT8");
  await expect(page.getByText(/^sha256 [0-9a-f]{64}$/)).toBeVisible({ timeout: 240_000 });
  const int8 = (await page.getByText(/^sha256 [0-9a-f]{64}$/).textContent())!.slice("sha256 ".length);
  expect(int8).not.toBe(own);
  await page.getByRole("button", { name: "Show the analysis" }).click();
  await expect(page.getByRole("img", { name: /SQNR in decibels of \d+ layers/ })).toBeVisible();
  await page.getByRole("tab", { name: "Weights" }).click();
  await expect(page.getByRole("img", { name: /^Distribution of/ })).toBeVisible();

  // Proof: accuracy against FP32, and speed. The gate says what it thinks of them.
  await page.getByLabel("Validate on").selectOption({ index: 1 });
  await page.getByRole("button", { name: "Validate", exact: true }).click();
  await expect(page.getByText(/labelled by the FP32 model itself/)).toBeVisible({ timeout: 240_000 });
  await page.getByLabel("Benchmark, up to so many streams").fill("0");
  await page.getByRole("button", { name: "Benchmark", exact: true }).click();
  await expect(page.getByText(/times as fast .*as what it was held against/)).toBeVisible({ timeout: 240_000 });
  await expect(page.getByText(/Keeps .* % of FP32's accuracy/)).toBeVisible();
  await expect(page.getByText(/Was calibrated on 3 of the images it was validated on/)).toBeVisible();

  // An admin moves a limit of the gate: all verdicts follow, and the audit log has it.
  const profile = page.url();
  await page.goto(`${baseUrl()}/precision`);
  await page.getByLabel("Latency, at most").fill("0.01");
  await page.getByRole("button", { name: "Save the gate" }).click();
  await page.goto(profile);
  await expect(page.getByText(/times as long as what it replaces; at most 0.01 may be/)).toBeVisible();
  await page.goto(`${baseUrl()}/settings/audit?kind=precision`);
  await expect(page.getByText("latency at most 1 → 0.01 times")).toBeVisible();
  await page.goto(profile);

  // In the shadow of what runs: it sees live frames, and changes none.
  await page.getByRole("button", { name: "Run in the shadow" }).click();
  await expect(page.getByText("In the shadow on the whole site")).toBeVisible();
  await expect(page.getByRole("term").filter({ hasText: "Frames that differ" })).toBeVisible({ timeout: 60_000 });
  expect(await modelsOnAir(page)).toEqual([own]);

  // Promoted: all cameras change over, none goes off the air.
  await page.getByLabel("Reason to override the gate").fill("Three images prove little: this is a test");
  await page.getByRole("button", { name: "Promote all the same" }).click();
  await page.getByRole("alertdialog").getByRole("button", { name: "Promote" }).click();
  await expect.poll(() => modelsOnAir(page), { timeout: 60_000 }).toEqual([int8]);
  await page.goto(`${baseUrl()}/`);
  const tile = tileNamed(page, "Lobby");
  await expect(tile).toHaveAttribute("data-state", "online");
  const before = await shownSequence(tile);
  await expect.poll(() => shownSequence(tile)).toBeGreaterThan(before);

  // And back with one click.
  await page.goto(`${baseUrl()}/precision`);
  await expect(page.getByText(/What was promoted runs on all/)).toBeVisible();
  await openProfile(page, "Faces INT8");
  await page.getByRole("button", { name: "Roll back" }).click({ timeout: 60_000 });
  await expect.poll(() => modelsOnAir(page), { timeout: 60_000 }).toEqual([own]);
  await expect(page.getByText("retired", { exact: true })).toBeVisible();
});
