import { expect, it } from "vitest";
import { uuidv7 } from "./uuid.ts";

it("equals RFC 9562's example of version 7", () => {
  // Appendix A.6: time 1645557742000, rand_a 0xCC3, rand_b 0x18C4DC0C0C07398F
  const random = () => Uint8Array.from([0x0c, 0xc3, 0x18, 0xc4, 0xdc, 0x0c, 0x0c, 0x07, 0x39, 0x8f]);
  expect(uuidv7(1645557742000, random)).toBe("017f22e2-79b0-7cc3-98c4-dc0c0c07398f");
});
