import type { SampledFrame } from "@octet/media/source-types";
import type { ShadowExample } from "@octet/shared/domain/shadow";
import { postprocess } from "@octet/vision/models/detect";
import type { Dispatcher } from "./dispatcher.ts";
import type { LiveCamera } from "./live-camera.ts";
import type { Shadow } from "./shadow.ts";

type Found = ReturnType<typeof postprocess>;

const EXAMPLE_SIZE = 640;
const WHOLE_FRAME = { x: 0, y: 0, w: 1, h: 1 };

export interface ShadowWatchOptions {
  dispatcher: Dispatcher;
  /** Some of the frames on which a shadow and the active model differ. */
  onExample(example: ShadowExample): void;
  onError(error: unknown, cameraId: string): void;
}

/** Has shadows look at frames that the active model is done with. */
export class ShadowWatch {
  private readonly options: ShadowWatchOptions;

  constructor(options: ShadowWatchOptions) {
    this.options = options;
  }

  /** Recycles and releases the frame. */
  async compare(
    camera: LiveCamera,
    shadow: Shadow,
    frame: SampledFrame,
    { active, activeMs }: { active: Found; activeMs: number },
  ): Promise<void> {
    try {
      const { outputs, returned, inferMs, release } = await this.options.dispatcher.run(shadow.lane, [frame.data]);
      if (returned[0]) camera.source?.recycle(returned[0]);
      const { confidence, classes } = camera.config;
      const found = postprocess(shadow.lane.model.detector, outputs, 0, frame.plan, { confidence, labels: classes });
      release();
      const differing = shadow.compare(active, found, { activeMs, shadowMs: inferMs });
      if (shadow.takeExample(differing, performance.now())) await this.showExample(camera, shadow, frame, { active, found, differing });
    } catch (error) {
      this.options.onError(error, camera.config.id);
    } finally {
      camera.source?.release(frame.seq);
    }
  }

  private async showExample(
    camera: LiveCamera,
    { promotionId }: Shadow,
    { seq, capturedAt }: SampledFrame,
    { active, found, differing }: { active: Found; found: Found; differing: number },
  ): Promise<void> {
    const jpeg = await camera.source?.crop(seq, WHOLE_FRAME, EXAMPLE_SIZE);
    if (!jpeg) return;
    const boxes = (all: Found) => all.map(({ box: { x, y, w, h }, score }) => ({ x, y, w, h, score }));
    this.options.onExample({
      promotionId,
      cameraId: camera.config.id,
      capturedAt,
      differing,
      active: boxes(active),
      shadow: boxes(found),
      jpeg,
    });
  }
}
