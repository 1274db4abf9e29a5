import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import type { AlarmEvent } from "@octet/shared/domain/alarm";
import { waitFor } from "@octet/testing/wait-for";
import { pino } from "pino";
import { afterEach, beforeEach, expect, it } from "vitest";
import { AlarmWebhook } from "./webhook.ts";

let server: Server;
let url: string;
let answers: number[];
let bodies: { event: string; alarm: { subjectName: string; raisedAt: string } }[];
let held: (() => void)[] | null;
let webhook: AlarmWebhook;

const open = (options: { capacity?: number; attempts?: number } = {}): AlarmWebhook => {
  webhook = new AlarmWebhook({ url, baseMs: 1, logger: pino({ level: "silent" }), ...options });
  return webhook;
};
const alarm = (subjectName: string): AlarmEvent => ({
  event: "raised",
  alarm: {
    id: "0199d4b0-0000-7000-8000-000000000000",
    kind: "host-lost",
    severity: "critical",
    subjectKind: "worker",
    subjectId: "w",
    subjectName,
    message: "The worker left",
    hint: null,
    raisedAt: new Date(0),
    clearedAt: null,
    acknowledgedAt: null,
    acknowledgedBy: null,
  },
});
const named = (): string[] => bodies.map((body) => body.alarm.subjectName);

beforeEach(async () => {
  answers = [];
  bodies = [];
  held = null;
  server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on("data", (chunk: Buffer) => chunks.push(chunk));
    request.on("end", () => {
      bodies.push(JSON.parse(Buffer.concat(chunks).toString()));
      const answer = (): void => void response.writeHead(answers.shift() ?? 204).end();
      if (held) held.push(answer);
      else answer();
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/hook`;
});
afterEach(async () => {
  await webhook.close();
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
});

it("sends alarms as JSON, in order, and again after a failure", async () => {
  answers = [500, 429, 204];
  open().send([alarm("one"), alarm("two")]);
  await waitFor("deliveries", () => webhook.results.delivered === 2);
  expect(named()).toEqual(["one", "one", "one", "two"]);
  expect(bodies[0]).toMatchObject({ event: "raised", alarm: { kind: "host-lost", raisedAt: "1970-01-01T00:00:00.000Z" } });
});

it("gives up what the target refuses for good at once, and the rest after so many attempts", async () => {
  answers = [400, 500, 500, 500, 204];
  open({ attempts: 3 }).send([alarm("refused"), alarm("failed"), alarm("taken")]);
  await waitFor("deliveries", () => webhook.results.delivered === 1);
  expect(named()).toEqual(["refused", "failed", "failed", "failed", "taken"]);
  expect(webhook.results).toEqual({ delivered: 1, failed: 2, dropped: 0 });
});

it("keeps so many and drops the oldest", async () => {
  held = [];
  open({ capacity: 2 }).send([alarm("under way")]);
  await waitFor("a request", () => held?.length === 1);
  webhook.send(["a", "b", "c", "d"].map(alarm));
  const [answer] = held;
  held = null;
  answer?.();
  await waitFor("deliveries", () => webhook.results.delivered === 3);
  expect(named()).toEqual(["under way", "c", "d"]);
  expect(webhook.results.dropped).toBe(2);
});

it("ends while a target is silent", async () => {
  held = [];
  open().send([alarm("one"), alarm("two")]);
  await waitFor("a request", () => held?.length === 1);
  await webhook.close();
  expect(named()).toEqual(["one"]);
});
