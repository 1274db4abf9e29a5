import type { Box } from "@octet/shared/domain/detection";

/** Centre x, centre y, width, height. */
const AXES = 4;
/** Per axis: value, velocity per second, and the covariance's three distinct entries. */
const FIELDS = 5;

/** Standard deviation of a measurement, in box sizes. */
const MEASURE = 0.06;
/** Of an unknown velocity, box sizes a second: a walking head moves some seven of its own widths a second. */
const UNKNOWN_SPEED = 4;
/** Of acceleration, box sizes a second²; sizes change more calmly than places. */
const ACCELERATION = [3, 3, 1, 1] as const;
/** 99.9 % of χ² with two degrees of freedom. */
export const GATE = 13.8;

/**
 * Constant-velocity Kalman filter of a box over real time. The four axes are independent (as in SORT and ByteTrack,
 * whose noise is diagonal), so that the 8×8 covariance is four 2×2 ones. Noise scales with the box. Boxes are
 * fractions of the frame, times seconds.
 */
export class Motion {
  private readonly state = new Float64Array(AXES * FIELDS);

  constructor(box: Box) {
    this.restart(box);
  }

  /** Forgets what was known of the motion: the box is here, and may go anywhere. */
  restart(box: Box): void {
    const measured = [box.x + box.w / 2, box.y + box.h / 2, box.w, box.h];
    for (let axis = 0; axis < AXES; axis++) {
      const size = axis % 2 === 0 ? box.w : box.h;
      const at = axis * FIELDS;
      this.state[at] = measured[axis]!;
      this.state[at + 1] = 0;
      this.state[at + 2] = (MEASURE * size) ** 2;
      this.state[at + 3] = 0;
      this.state[at + 4] = ((axis < 2 ? UNKNOWN_SPEED : 1) * size) ** 2;
    }
  }

  /** Moves on by `seconds`. `seen` false: not measured lately, so that its size no longer changes. */
  predict(seconds: number, seen: boolean): void {
    const { state } = this;
    for (let axis = 0; axis < AXES; axis++) {
      const at = axis * FIELDS;
      if (!seen && axis >= 2) state[at + 1] = 0;
      const size = axis % 2 === 0 ? this.width : this.height;
      const noise = (ACCELERATION[axis]! * size) ** 2;
      const [p, pv, v] = [state[at + 2]!, state[at + 3]!, state[at + 4]!];
      state[at] = state[at]! + state[at + 1]! * seconds;
      state[at + 2] = p + 2 * seconds * pv + seconds ** 2 * v + (noise * seconds ** 4) / 4;
      state[at + 3] = pv + seconds * v + (noise * seconds ** 3) / 2;
      state[at + 4] = v + noise * seconds ** 2;
    }
    // A size that was extrapolated to nothing would match nothing any more.
    for (const axis of [2, 3]) state[axis * FIELDS] = Math.max(1e-4, state[axis * FIELDS]!);
  }

  /** Takes in a measured box. */
  correct(box: Box): void {
    const { state } = this;
    const measured = [box.x + box.w / 2, box.y + box.h / 2, box.w, box.h];
    for (let axis = 0; axis < AXES; axis++) {
      const at = axis * FIELDS;
      const [p, pv, v] = [state[at + 2]!, state[at + 3]!, state[at + 4]!];
      const total = p + (MEASURE * (axis % 2 === 0 ? box.w : box.h)) ** 2;
      const residual = measured[axis]! - state[at]!;
      state[at] = state[at]! + (p / total) * residual;
      state[at + 1] = state[at + 1]! + (pv / total) * residual;
      state[at + 2] = p - (p * p) / total;
      state[at + 3] = pv - (p * pv) / total;
      state[at + 4] = v - (pv * pv) / total;
    }
  }

  /** Squared Mahalanobis distance of a box's centre from where it is expected; compare with `GATE`. */
  distance(box: Box): number {
    let sum = 0;
    for (let axis = 0; axis < 2; axis++) {
      const [centre, size] = axis === 0 ? [box.x + box.w / 2, box.w] : [box.y + box.h / 2, box.h];
      const at = axis * FIELDS;
      sum += (centre - this.state[at]!) ** 2 / (this.state[at + 2]! + (MEASURE * size) ** 2);
    }
    return sum;
  }

  get width(): number {
    return this.state[2 * FIELDS]!;
  }

  get height(): number {
    return this.state[3 * FIELDS]!;
  }

  /** Where the box is expected now. */
  get box(): Box {
    return { x: this.state[0]! - this.width / 2, y: this.state[FIELDS]! - this.height / 2, w: this.width, h: this.height };
  }
}
