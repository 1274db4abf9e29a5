import { pino } from "pino";
import { expect, it, vi } from "vitest";
import { type Channel, Membership } from "./membership.ts";

/** A database with one lock; connections end when it says so, and let go of the lock. */
class FakeDatabase {
  down = false;
  holder: string | null = null;
  private readonly open = new Map<string, { heard(text: string): void; lost(): void }>();

  connect(name: string) {
    return async (events: { heard(text: string): void; lost(): void }): Promise<Channel> => {
      if (this.down) throw new Error("down");
      this.open.set(name, events);
      return {
        announce: async (text) => {
          if (!this.open.has(name)) throw new Error("gone");
          for (const { heard } of this.open.values()) heard(text);
        },
        tryLock: async () => {
          this.holder ??= name;
          return this.holder === name;
        },
        close: async () => this.forget(name),
      };
    };
  }

  cut(name: string): void {
    const events = this.open.get(name);
    this.forget(name);
    events?.lost();
  }

  private forget(name: string): void {
    this.open.delete(name);
    if (this.holder === name) this.holder = null;
  }
}

function member(database: FakeDatabase, name: string) {
  const said: string[] = [];
  const heard = new Set<string>();
  const membership = new Membership({
    open: database.connect(name),
    announcement: name,
    heard: (text) => void heard.add(text),
    leads: (leads) => void said.push(leads ? "leads" : "follows"),
    logger: pino({ level: "silent" }),
    everyMs: 5,
  });
  return { membership, said, heard };
}

it("has one lead, and another as soon as that one is gone", async () => {
  const database = new FakeDatabase();
  const [a, b] = [member(database, "a"), member(database, "b")];
  await a.membership.start();
  await b.membership.start();
  expect([a.said, b.said]).toEqual([["leads"], []]);
  await vi.waitUntil(() => a.heard.has("b") && b.heard.has("a"));
  await a.membership.close();
  await vi.waitUntil(() => b.said.length === 1);
  expect([a.said, b.said]).toEqual([["leads", "follows"], ["leads"]]);
  await b.membership.close();
  expect(database.holder).toBeNull();
});

it("steps down with its connection, at once, and may lead again", async () => {
  const database = new FakeDatabase();
  const [a, b] = [member(database, "a"), member(database, "b")];
  await a.membership.start();
  await b.membership.start();
  const leading = () => [a, b].filter(({ said }) => said.at(-1) === "leads").length;
  for (let round = 0; round < 5; round++) {
    database.down = true;
    database.cut("a");
    database.cut("b");
    expect(leading()).toBe(0);
    database.down = false;
    await vi.waitUntil(() => leading() === 1);
  }
  await Promise.all([a.membership.close(), b.membership.close()]);
  expect(leading()).toBe(0);
});

it("does not lead while another does, and leads no more once it was closed", async () => {
  const database = new FakeDatabase();
  database.holder = "other";
  const { membership, said } = member(database, "a");
  await membership.start();
  await membership.close();
  database.holder = null;
  membership.hurry();
  expect([said, database.holder]).toEqual([[], null]);
});
