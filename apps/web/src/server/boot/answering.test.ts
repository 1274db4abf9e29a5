import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { afterEach, expect, it } from "vitest";
import { answering } from "./answering.ts";

let server: Server | null = null;
const reported: unknown[] = [];

async function serve(handle: Parameters<typeof answering>[0]): Promise<string> {
  const listening = createServer(answering(handle, (error) => reported.push(error)));
  server = listening;
  await new Promise<void>((resolve) => listening.listen(0, "127.0.0.1", resolve));
  return `http://127.0.0.1:${(listening.address() as AddressInfo).port}`;
}

afterEach(async () => {
  reported.length = 0;
  await new Promise((resolve) => server?.close(resolve));
});

it("answers with 500 where the handler fails before it answers", async () => {
  const fault = new Error("no page");
  const url = await serve(() => Promise.reject(fault));
  expect((await fetch(url)).status).toBe(500);
  expect(reported).toEqual([fault]);
});

it("cuts an answer off whose handler fails in the middle of it", async () => {
  const url = await serve(async (_, response) => {
    response.write("half");
    throw new Error("no more");
  });
  await expect(fetch(url).then((answer) => answer.text())).rejects.toThrow();
});

it("leaves alone what is answered", async () => {
  const url = await serve(async (_, response) => {
    response.end("whole");
  });
  expect(await (await fetch(url)).text()).toBe("whole");
  expect(reported).toEqual([]);
});
