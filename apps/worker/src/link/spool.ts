import { closeSync, fsyncSync, mkdirSync, openSync, readdirSync, readFileSync, rmSync, statSync, writeSync } from "node:fs";
import path from "node:path";
import { deserialize, serialize } from "node:v8";
import { crc32 } from "node:zlib";

export interface SpoolStats {
  records: number;
  bytes: number;
  /** Records given up since the process began, because the spool was full or the disk refused. */
  lostRecords: number;
  /** Beyond it the oldest are given up. */
  maxBytes: number;
}

interface Entry<T> {
  record: T;
  /** Rises by one a record. */
  place: number;
  bytes: number;
  segment: number;
}

interface Segment {
  id: number;
  bytes: number;
  /** Records of it that were not acknowledged. */
  pending: number;
}

export interface SpoolOptions {
  folder: string;
  /** Bytes on disk at most; the oldest segment goes first, and what it held is counted as lost. */
  maxBytes: number;
  /** A new file begins after so many bytes. */
  segmentBytes?: number;
  onLost?(records: number, reason: string): void;
}

const HEADER_BYTES = 8;

/**
 * Records that wait for an acknowledgement, in order, on disk and in memory: what was appended survives a killed
 * worker, and is read back when the next one starts (a record may then come a second time: its id makes that
 * harmless). A segment file is deleted once all its records are acknowledged.
 *
 * File: records of [length u32 LE, crc32 u32 LE, v8-serialized bytes]; a torn tail is ignored.
 */
export class Spool<T> {
  private readonly folder: string;
  private readonly maxBytes: number;
  private readonly segmentBytes: number;
  private readonly onLost: (records: number, reason: string) => void;
  private readonly segments: Segment[] = [];
  private entries: Entry<T>[] = [];
  private head = 0;
  private nextPlace = 0;
  private file: number | null = null;
  private lostRecords = 0;

  constructor(options: SpoolOptions) {
    this.folder = options.folder;
    this.maxBytes = options.maxBytes;
    this.segmentBytes = options.segmentBytes ?? 1 << 20;
    this.onLost = options.onLost ?? (() => {});
    mkdirSync(this.folder, { recursive: true, mode: 0o700 });
    this.recover();
  }

  stats(): SpoolStats {
    return {
      records: this.entries.length - this.head,
      bytes: this.segments.reduce((sum, segment) => sum + segment.bytes, 0),
      lostRecords: this.lostRecords,
      maxBytes: this.maxBytes,
    };
  }

  /** Appends one record. A full disk does not throw: the record is kept in memory only, and the fault is told. */
  append(record: T): void {
    const bytes = serialize(record);
    const segment = this.writableSegment();
    const header = Buffer.alloc(HEADER_BYTES);
    header.writeUInt32LE(bytes.length, 0);
    header.writeUInt32LE(crc32(bytes), 4);
    try {
      if (this.file === null) throw new Error("the spool file could not be opened");
      writeSync(this.file, Buffer.concat([header, bytes]));
      segment.bytes += HEADER_BYTES + bytes.length;
    } catch (error) {
      this.onLost(0, `The spool could not be written (${(error as Error).message}): records are kept in memory only`);
    }
    segment.pending++;
    this.entries.push({ record, place: this.nextPlace++, bytes: bytes.length, segment: segment.id });
    this.enforceBound();
  }

  /**
   * The oldest records that are not acknowledged, without taking them: up to `max`, and up to `maxBytes` (but at least
   * one). `through` is what `acknowledge` wants once they are safe.
   */
  peek(max: number, maxBytes = Number.POSITIVE_INFINITY): { records: T[]; through: number } {
    const records: T[] = [];
    let bytes = 0;
    let through = -1;
    for (const entry of this.entries.slice(this.head, this.head + max)) {
      bytes += entry.bytes;
      if (records.length > 0 && bytes > maxBytes) break;
      records.push(entry.record);
      through = entry.place;
    }
    return { records, through };
  }

  /** The records up to `through` are safe elsewhere. Ones that were given up meanwhile do not matter. */
  acknowledge(through: number): void {
    for (let entry = this.entries[this.head]; entry && entry.place <= through; entry = this.entries[this.head]) {
      this.head++;
      const segment = this.segments.find((candidate) => candidate.id === entry?.segment);
      if (segment) segment.pending--;
    }
    if (this.head > 1024 || this.head === this.entries.length) {
      this.entries = this.entries.slice(this.head);
      this.head = 0;
    }
    for (const segment of this.segments.filter((candidate) => candidate.pending <= 0)) this.discard(segment);
  }

  /** Makes sure that everything appended is on disk. */
  close(): void {
    if (this.file === null) return;
    try {
      fsyncSync(this.file);
    } finally {
      closeSync(this.file);
      this.file = null;
    }
  }

  private pathOf(id: number): string {
    return path.join(this.folder, `${String(id).padStart(10, "0")}.spool`);
  }

  private writableSegment(): Segment {
    const last = this.segments.at(-1);
    if (last && this.file !== null && last.bytes < this.segmentBytes) return last;
    if (this.file !== null) closeSync(this.file);
    this.file = null;
    const segment: Segment = { id: (last?.id ?? 0) + 1, bytes: 0, pending: 0 };
    this.segments.push(segment);
    try {
      this.file = openSync(this.pathOf(segment.id), "a", 0o600);
    } catch {
      // told by append()
    }
    return segment;
  }

  private discard(segment: Segment): void {
    if (segment === this.segments.at(-1) && this.file !== null) {
      closeSync(this.file);
      this.file = null;
    }
    this.segments.splice(this.segments.indexOf(segment), 1);
    rmSync(this.pathOf(segment.id), { force: true });
  }

  private enforceBound(): void {
    while (this.segments.length > 1 && this.stats().bytes > this.maxBytes) {
      const oldest = this.segments[0];
      if (!oldest) return;
      const lost = oldest.pending;
      this.entries = this.entries.slice(this.head).filter((entry) => entry.segment !== oldest.id);
      this.head = 0;
      this.lostRecords += lost;
      this.discard(oldest);
      this.onLost(lost, `The spool is full (${this.maxBytes} bytes): the oldest detections were given up`);
    }
  }

  private recover(): void {
    const ids = readdirSync(this.folder)
      .flatMap((name) => (/^\d{10}\.spool$/.test(name) ? [Number.parseInt(name, 10)] : []))
      .sort((a, b) => a - b);
    for (const id of ids) {
      const file = this.pathOf(id);
      const segment: Segment = { id, bytes: statSync(file).size, pending: 0 };
      const content = readFileSync(file);
      for (let offset = 0; offset + HEADER_BYTES <= content.length; ) {
        const length = content.readUInt32LE(offset);
        const bytes = content.subarray(offset + HEADER_BYTES, offset + HEADER_BYTES + length);
        // A torn or damaged record: nothing after it can be trusted to begin where it seems to.
        if (bytes.length < length || crc32(bytes) !== content.readUInt32LE(offset + 4)) break;
        this.entries.push({ record: deserialize(bytes) as T, place: this.nextPlace++, bytes: length, segment: id });
        segment.pending++;
        offset += HEADER_BYTES + length;
      }
      if (segment.pending > 0) this.segments.push(segment);
      else rmSync(file, { force: true });
    }
  }
}
