import type { DetectionRecord } from "@octet/shared/domain/detection";
import { AppError } from "@octet/shared/errors";
import type { GatewayDependencies } from "./dependencies.ts";

/** Statements under way at once; what comes meanwhile is stored together. */
const AT_ONCE = 2;
/** Records in one statement, but for a batch that is larger by itself. */
const MOST_RECORDS = 2000;

type Stored = Awaited<ReturnType<GatewayDependencies["storeDetections"]>>;

interface Batch {
  records: DetectionRecord[];
  done(): void;
  failed(error: unknown): void;
}

/**
 * Stores what many workers send, batches that wait in one statement (group commit): a commit and a statement's fixed costs are
 * paid once for all of them, and the more comes, the larger the groups become.
 */
export class DetectionStore {
  private readonly write: GatewayDependencies["storeDetections"];
  private readonly written: (result: Stored) => void;
  private readonly waiting: Batch[] = [];
  private underWay = 0;

  /** @param written is told what each statement did */
  constructor(write: GatewayDependencies["storeDetections"], written: (result: Stored) => void) {
    this.write = write;
    this.written = written;
  }

  /** Resolves after the commit. @throws what `write` does */
  store(records: DetectionRecord[]): Promise<void> {
    return new Promise((resolve, reject) => {
      this.waiting.push({ records, done: resolve, failed: reject });
      this.next();
    });
  }

  private next(): void {
    while (this.underWay < AT_ONCE && this.waiting.length > 0) {
      const group = this.take();
      this.underWay++;
      void this.writeGroup(group).finally(() => {
        this.underWay--;
        this.next();
      });
    }
  }

  private take(): Batch[] {
    let count = 0;
    let records = 0;
    for (const batch of this.waiting) {
      if (count > 0 && records + batch.records.length > MOST_RECORDS) break;
      records += batch.records.length;
      count++;
    }
    return this.waiting.splice(0, count);
  }

  private async writeGroup(group: Batch[]): Promise<void> {
    try {
      this.written(await this.write(group.flatMap(({ records }) => records)));
      for (const { done } of group) done();
    } catch (error) {
      // One worker's records must not keep back another's; where the database is away, nobody's can be stored.
      const away = error instanceof AppError && error.code === "DATABASE_UNAVAILABLE";
      if (group.length > 1 && !away) for (const batch of group) await this.writeGroup([batch]);
      else for (const { failed } of group) failed(error);
    }
  }
}
