import { expect, it } from "vitest";
import { connectTimeout } from "./connect-timeout.ts";

it("gives the first attempts 2 s and the later ones more, up to socket.io's own 20 s", () => {
  expect([0, 1, 2, 3, 4, 5, 6, 7, 100].map(connectTimeout)).toEqual([2000, 2000, 2000, 4000, 8000, 16_000, 20_000, 20_000, 20_000]);
});
