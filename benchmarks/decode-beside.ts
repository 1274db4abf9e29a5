import { MediaHost } from "@octet/media/media-host";
import type { FrameTarget, SourceHandle } from "@octet/media/source-types";

/** Decodes and scales cameras as a worker does, for nobody: what any pipeline must spend beside inference. */
export class DecodeBeside implements AsyncDisposable {
  private readonly media: MediaHost;
  private readonly handles: SourceHandle[];

  private constructor(media: MediaHost, handles: SourceHandle[]) {
    this.media = media;
    this.handles = handles;
  }

  /** @param files one a camera, below `mediaRoot` */
  static async start(options: {
    mediaRoot: string;
    files: readonly string[];
    threads: number;
    detectFps: number;
    target: FrameTarget;
  }): Promise<DecodeBeside> {
    const { mediaRoot, files, threads, detectFps, target } = options;
    const media = await MediaHost.create({ threads, mediaRoot });
    const handles = files.map((file, index) => {
      const handle = media.open(
        { id: `beside-${index}`, url: `file:${file}`, transport: "tcp", detectFps, target },
        {
          onFrame: (frame) => {
            handle.release(frame.seq);
            handle.recycle(frame.data);
          },
          onState: () => {},
          onCounters: () => {},
        },
      );
      return handle;
    });
    return new DecodeBeside(media, handles);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(this.handles.map((handle) => handle.close()));
    await this.media.close();
  }
}
