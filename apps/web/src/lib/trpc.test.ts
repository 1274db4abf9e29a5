import { AppError } from "@octet/shared/errors";
import { createTRPCClient, httpBatchLink } from "@trpc/client";
import { expect, it } from "vitest";
import type { AppRouter } from "@/server/root";
import { errorInfo } from "./trpc";

/** What a page is told where the request ends so. */
async function toldOf(answer: () => Promise<Response>) {
  const client = createTRPCClient<AppRouter>({ links: [httpBatchLink({ url: "http://octet.test/api/trpc", fetch: answer })] });
  return client.cameras.list.query().then(() => null, errorInfo);
}

it.each([
  ["nothing answers", () => Promise.reject(new TypeError("Failed to fetch"))],
  ["a proxy answers in its place", async () => new Response("<html>502 Bad Gateway</html>", { status: 502 })],
])("says that the server did not answer, and what to do, where %s", async (_, answer) => {
  expect(await toldOf(answer)).toMatchObject({ code: "SERVER_UNREACHABLE", hint: expect.stringContaining("try again") });
});

it("says what the server says", async () => {
  const octet = { code: "HOST_FULL", message: "It is full", hint: "Add a worker." };
  const body = [{ error: { message: "It is full", code: -32603, data: { code: "INTERNAL_SERVER_ERROR", httpStatus: 500, octet } } }];
  expect(await toldOf(async () => Response.json(body, { status: 500 }))).toEqual(octet);
});

it("gives our own errors as they are, and the words of any other", () => {
  expect(errorInfo(new AppError("BAD_INPUT", "No", { hint: "Yes" }))).toEqual({ code: "BAD_INPUT", message: "No", hint: "Yes" });
  expect(errorInfo(new RangeError("odd"))).toEqual({ code: "INTERNAL", message: "odd" });
});
