import { writeFileSync } from "node:fs";
import { Detector } from "@octet/precision/detect/detector";
import { packPlanar } from "@octet/precision/detect/pack-planar";
import { readScaled } from "@octet/precision/validate/prepared-images";
import { postprocess } from "@octet/vision/models/detect";
import { expect, test } from "@playwright/test";
import { openWall, shownSequence, signIn, signInByForm, tiles } from "../pages/app.ts";
import { baseUrl } from "../site-under-test.ts";

type Box = { x: number; y: number; w: number; h: number };

function iou(a: Box, b: Box): number {
  const width = Math.min(a.x + a.w, b.x + b.w) - Math.max(a.x, b.x);
  const height = Math.min(a.y + a.h, b.y + b.h) - Math.max(a.y, b.y);
  if (width <= 0 || height <= 0) return 0;
  return (width * height) / (a.w * a.h + b.w * b.h - width * height);
}

/** Where a detector finds faces in a picture's file, with nothing of the live path in between. */
async function facesOf({ spec, pool }: Detector, file: string): Promise<Box[]> {
  const { plan, rgb } = await readScaled(file, spec.input);
  const { outputs } = await pool.run([packPlanar(rgb, plan, spec.input)]);
  return postprocess(spec, outputs, 0, plan, { confidence: 0.3 }).map(({ box }) => box);
}

test("asks for a sign-in, refuses a wrong password with a reason, and lets the right one in", async ({ page }) => {
  await page.goto(baseUrl());
  await expect(page).toHaveURL(/sign-in/);
  await page.getByLabel("Email").fill("e2e@octet.local");
  await page.getByLabel("Password", { exact: true }).fill("not-the-password");
  await page.getByRole("button", { name: "Sign in" }).click();
  await expect(page.getByRole("alert").filter({ hasText: /password/i })).toBeVisible();
  await signInByForm(page);
  await expect(tiles(page).first()).toBeVisible();
});

test("shows four demo cameras that move, with boxes around faces", async ({ page }) => {
  await openWall(page);
  await expect(tiles(page)).toHaveCount(4);
  for (const tile of await tiles(page).all()) await expect(tile).toHaveAttribute("data-state", "online");
  for (const tile of await tiles(page).all()) {
    const before = await shownSequence(tile);
    await expect.poll(() => shownSequence(tile)).toBeGreaterThan(before);
    await expect(tile.getByTestId("box").first()).toBeVisible();
  }
});

test("draws boxes of tracks inside the picture", async ({ page }) => {
  await openWall(page);
  const tile = tiles(page).first();
  await expect(tile.locator('[data-testid="box"]:not([data-track-id=""])').first()).toBeVisible();
  // The drawing must lie on the picture that the browser shows, whatever the two are scaled to.
  await expect
    .poll(async () => {
      const image = await tile.getByTestId("preview").boundingBox();
      const box = await tile.locator('[data-testid="box"] rect').first().boundingBox();
      if (!image || !box) return "no box";
      const inside =
        box.x >= image.x - 2 &&
        box.y >= image.y - 2 &&
        box.x + box.width <= image.x + image.width + 2 &&
        box.y + box.height <= image.y + image.height + 2;
      return inside && box.width > 8 && box.height > 8 ? "inside" : `outside: ${JSON.stringify({ image, box })}`;
    })
    .toBe("inside");
});

test("draws boxes on the faces: a second look at the very picture that a tile shows finds them in the same places", async ({
  page,
}, info) => {
  await openWall(page);
  const detector = await Detector.load({ model: "default", threads: 1 });
  const file = info.outputPath("picture.jpg");
  for (const tile of await tiles(page).all()) {
    await expect(tile.getByTestId("box").first()).toBeVisible();
    // Picture and boxes of one moment, each where it really is on the screen.
    const shown = await tile.evaluate(async (root) => {
      const image = root.querySelector<HTMLImageElement>('[data-testid="preview"]')!;
      const place = image.getBoundingClientRect();
      const boxes = [...root.querySelectorAll('[data-testid="box"] rect:first-of-type')].map((rect) => rect.getBoundingClientRect());
      const bytes = new Uint8Array(await (await fetch(image.src)).arrayBuffer());
      const { naturalWidth, naturalHeight } = await createImageBitmap(new Blob([bytes])).then(({ width, height }) => ({
        naturalWidth: width,
        naturalHeight: height,
      }));
      // object-fit: contain
      const scale = Math.min(place.width / naturalWidth, place.height / naturalHeight);
      const left = place.x + (place.width - naturalWidth * scale) / 2;
      const top = place.y + (place.height - naturalHeight * scale) / 2;
      return {
        jpeg: [...bytes],
        boxes: boxes.map((box) => ({
          x: (box.x - left) / scale / naturalWidth,
          y: (box.y - top) / scale / naturalHeight,
          w: box.width / scale / naturalWidth,
          h: box.height / scale / naturalHeight,
        })),
      };
    });
    writeFileSync(file, Buffer.from(shown.jpeg));
    const faces = await facesOf(detector, file);
    for (const box of shown.boxes) expect(Math.max(0, ...faces.map((face) => iou(face, box)))).toBeGreaterThan(0.5);
  }
  await detector[Symbol.asyncDispose]();
});

test("shows one camera at its full rate, decoded by the browser, with the stages' times", async ({ page }) => {
  await openWall(page);
  await tiles(page).first().getByRole("link").first().click();
  await expect(page).toHaveURL(/\/cameras\//);
  const canvas = page.getByTestId("live-canvas");
  await expect(canvas).toHaveAttribute("data-mode", "video");
  const drawn = async () => Number(await canvas.getAttribute("data-frames"));
  const before = await drawn();
  // More pictures than detections: at 5 detections a second, 60 more frames would take 12 s, at 25 fps under 3.
  await expect.poll(drawn, { timeout: 20_000 }).toBeGreaterThan(before + 60);
  await expect(page.getByText(/infer/i).first()).toBeVisible();
});

test("lists detections with thumbnails, workers with their model's licence, and answers health and metrics", async ({ page, request }) => {
  await signIn(page);
  await page.goto(`${baseUrl()}/detections`);
  await expect(page.locator('img[src*="/thumbnail"]').first()).toBeVisible();
  await page.goto(`${baseUrl()}/workers`);
  await expect(page.getByText("retinaface").first()).toBeVisible();
  await expect(page.getByText(/licen[cs]e/i).first()).toBeVisible();

  const health = await request.get(`${baseUrl()}/api/health`);
  expect(await health.json()).toMatchObject({ database: "ok", gateway: "ok", workers: 1 });
  const metrics = await (await request.get(`${baseUrl()}/metrics`)).text();
  for (const name of [
    'octet_cameras{state="online"}',
    "octet_frames_decoded_total",
    "octet_frames_inferred_total",
    "octet_frames_dropped_total",
    "octet_detections_total",
    'octet_stage_seconds_bucket{stage="infer"',
  ])
    expect(metrics).toContain(name);
});
