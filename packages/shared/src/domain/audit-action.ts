import { z } from "zod";

const profiles = ["profile.create", "profile.import", "profile.reject"] as const;
const running = ["profile.shadow", "profile.promote", "profile.promote-override", "profile.roll-back"] as const;
const gate = ["gate.set"] as const;

/** What the audit log is searched by, with the actions of each; those of precision also by its parts. */
export const auditKinds = {
  precision: { label: "Precision", actions: [...running, ...profiles, ...gate] },
  overrides: { label: "Gate overridden", actions: ["profile.promote-override"] },
  running: { label: "What runs", actions: running },
  profiles: { label: "Profiles", actions: profiles },
  gate: { label: "The gate", actions: gate },
  cameras: { label: "Cameras", actions: ["camera.create", "camera.update", "camera.remove", "camera.import"] },
  workers: { label: "Workers", actions: ["worker.drain", "worker.undrain", "worker.forget"] },
  people: {
    label: "People and tokens",
    actions: [
      "person.create",
      "person.set-role",
      "person.reset-password",
      "person.change-password",
      "person.remove",
      "token.create",
      "token.revoke",
    ],
  },
  models: { label: "Models and data sets", actions: ["model.add", "model.update", "model.remove", "dataset.remove"] },
} as const;

export type AuditKind = keyof typeof auditKinds;
export type AuditAction = (typeof auditKinds)[AuditKind]["actions"][number];

export const auditKindSchema = z.enum(Object.keys(auditKinds) as [AuditKind, ...AuditKind[]]);
