import { readFileSync } from "node:fs";
import type { Role } from "@octet/shared/domain/access";
import { initTRPC } from "@trpc/server";
import { describe, expect, it } from "vitest";
import { z } from "zod";
import type { Context } from "../context.ts";
import { appRouter } from "../root.ts";
import type { ProcedureMeta } from "../trpc.ts";
import { inputText } from "./input-text.ts";
import { proceduresOf, referenceText, withReference } from "./reference.ts";

/** Nothing but who calls: the ladder must refuse before anything else is needed. */
const as = (role: Role | null): Context =>
  ({
    headers: new Headers(),
    findCaller: async () => role && { id: "t", name: "t", email: null, role, via: "token", sessionId: null },
  }) satisfies Pick<Context, "headers" | "findCaller"> as unknown as Context;

const document = readFileSync(new URL("../../../../../docs/api.md", import.meta.url), "utf8");

describe("docs/api.md", () => {
  it("has the procedures that the router has: else run `npm run api-reference`", () => {
    expect(withReference(document, appRouter)).toBe(document);
  });

  it("says of each procedure in a line what it does, and who may call it", () => {
    const procedures = proceduresOf(appRouter);
    expect(procedures.length).toBeGreaterThan(50);
    expect(procedures.filter(({ meta }) => !/^[A-Z][^|\n]{5,110}[^.]$/.test(meta.summary ?? "")).map(({ name }) => name)).toEqual([]);
  });

  it("tells the role that each procedure asks for", async () => {
    const below: Record<Role, Role | null> = { viewer: null, operator: "viewer", admin: "operator" };
    for (const { name, meta } of proceduresOf(appRouter)) {
      const role = below[meta.role!];
      const call = name.split(".").reduce<unknown>((at, part) => (at as Record<string, unknown>)[part], appRouter.createCaller(as(role)));
      await expect((call as (input: unknown) => Promise<unknown>)(undefined), name).rejects.toMatchObject({
        cause: {
          code: role === null ? "UNAUTHENTICATED" : "FORBIDDEN",
          message: role === null ? expect.anything() : `This needs the role ${meta.role}; yours is ${role}`,
        },
      });
    }
  });
});

describe("referenceText", () => {
  const t = initTRPC.meta<ProcedureMeta>().create();
  const router = t.router({
    doors: t.router({
      list: t.procedure.meta({ role: "viewer", summary: "All doors" }).query(() => []),
      open: t.procedure
        .meta({ role: "operator", summary: "Opens | shuts one" })
        .input(z.object({ id: z.uuid() }))
        .mutation(() => null),
    }),
  });

  it("gives each router a table", () => {
    expect(referenceText(router).split("\n")).toEqual([
      "### doors",
      "",
      expect.stringContaining("| Procedure |"),
      expect.stringContaining("|---|"),
      "| `doors.list` | query | viewer | All doors |  |",
      "| `doors.open` | mutation | operator | Opens \\| shuts one | `id` uuid |",
    ]);
  });

  it("takes the place of what was there, and of nothing else", () => {
    const other = withReference(document, router);
    expect(other).toContain(`-->\n\n${referenceText(router)}\n\n<!--`);
    expect(other).not.toContain("cameras.list` |");
    expect(withReference(other, appRouter)).toBe(withReference(document, appRouter));
    expect(() => withReference("# The API", router)).toThrow(/no place/);
  });
});

describe("inputText", () => {
  it("says what may be left out, of what kind and range the rest is, and what counts then", () => {
    const input = z.object({
      name: z.string().trim().min(1).max(80),
      rate: z.number().min(0.1).max(30).default(5),
      share: z.number().gt(0).max(1),
      count: z.int(),
      offset: z.int().min(0).optional(),
      from: z.coerce.date(),
      tags: z.array(z.string().max(40)).max(20).default([]),
      kind: z.enum(["api", "worker"]),
      into: z.union([z.object({ id: z.uuid() }), z.object({ sha256: z.string().regex(/^[0-9a-f]{64}$/) })]),
      limits: z.object({ least: z.number().nullable().default(null) }).default({ least: null }),
    });
    expect(inputText(input).split(", `")).toEqual([
      "`name` text (1–80)",
      "rate?` number (0.1–30) = 5",
      "share` number (> 0, ≤ 1)",
      "count` integer",
      "offset?` integer (≥ 0)",
      "from` time (ISO 8601)",
      "tags?` list (≤ 20) of text (≤ 40)",
      'kind` "api" or "worker"',
      "into` { `id` uuid } or { `sha256` sha256 }",
      "limits?` { `least?` number or null }",
    ]);
  });
});
