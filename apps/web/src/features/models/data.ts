import type { Database, Transaction } from "@octet/db/client";
import {
  type DetectorFamilyId,
  detectorFamilySchema,
  type Licence,
  licenceSchema,
  type ModelCost,
  modelCostSchema,
} from "@octet/shared/domain/model";
import { notFound } from "../../server/not-found.ts";

/** A model that was added, as people and programs see it. */
export interface StoredModel {
  id: string;
  name: string;
  sha256: string;
  sizeBytes: number;
  family: DetectorFamilyId;
  inputWidth: number;
  inputHeight: number;
  maxBatch: number | null;
  classes: string[];
  precision: string;
  /** Null where it was not counted: of a model that an older version took, or one whose layers do not tell their sizes. */
  cost: ModelCost | null;
  licence: Licence;
  notes: string;
  createdBy: string | null;
  createdAt: Date;
  /** Profiles of it: the one of the file as it was uploaded, and what was made of it. */
  profiles: { id: string; name: string; precision: string; state: string; sha256: string | null }[];
}

const include = {
  profiles: { select: { id: true, name: true, precision: true, state: true, sha256: true }, orderBy: { createdAt: "asc" } },
} as const;

const rowsOf = (db: Database | Transaction, where: { id?: string; sha256?: string }) =>
  db.detectorModel.findMany({ where, include, orderBy: { name: "asc" } });

function toModel(row: Awaited<ReturnType<typeof rowsOf>>[number]): StoredModel {
  return {
    ...row,
    sizeBytes: Number(row.sizeBytes),
    family: detectorFamilySchema.parse(row.family),
    cost: modelCostSchema.nullable().parse(row.cost),
    licence: licenceSchema.parse(row.licence),
  };
}

export async function listModels(db: Database): Promise<StoredModel[]> {
  return (await rowsOf(db, {})).map(toModel);
}

/** @throws AppError NOT_FOUND */
export async function getModel(db: Database | Transaction, id: string): Promise<StoredModel> {
  const [row] = await rowsOf(db, { id });
  if (!row) throw notFound("model");
  return toModel(row);
}

export async function findModelByFile(db: Database | Transaction, sha256: string): Promise<StoredModel | null> {
  const [row] = await rowsOf(db, { sha256 });
  return row ? toModel(row) : null;
}
