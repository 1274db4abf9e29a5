export interface Handover {
  cameraId: string;
  /** The worker that has the camera, under this epoch, until the other runs it. */
  from: string;
  epoch: number;
  to: string;
  /** Under which the other gets ready. */
  nextEpoch: number;
  /** Unix ms. */
  since: number;
}

/** Cameras that go from one connected worker to another: the first runs them until the second does. */
export class Handovers {
  /** Those that are being noted as done. */
  readonly ending = new WeakSet<Handover>();
  private readonly byCamera = new Map<string, Handover>();

  get size(): number {
    return this.byCamera.size;
  }

  begin(handover: Handover): void {
    this.byCamera.set(handover.cameraId, handover);
  }

  end(cameraId: string): void {
    this.byCamera.delete(cameraId);
  }

  /** Whether it is still this one. */
  has(handover: Handover): boolean {
    return this.byCamera.get(handover.cameraId) === handover;
  }

  get(cameraId: string): Handover | undefined {
    return this.byCamera.get(cameraId);
  }

  /** Whether this worker only gets ready to run a camera: another one's word and pictures of it count. */
  awaits(cameraId: string, workerId: string): boolean {
    return this.byCamera.get(cameraId)?.to === workerId;
  }

  all(): Handover[] {
    return [...this.byCamera.values()];
  }

  from(workerId: string): Handover[] {
    return [...this.byCamera.values()].filter(({ from }) => from === workerId);
  }

  to(workerId: string): Handover[] {
    return [...this.byCamera.values()].filter(({ to }) => to === workerId);
  }

  /** Those that take longer than `ms`: some cameras serve one reader only. */
  overdue(now: number, ms: number): Handover[] {
    return [...this.byCamera.values()].filter(({ since }) => now - since > ms);
  }
}
