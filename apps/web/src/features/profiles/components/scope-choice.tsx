"use client";
import { Select } from "@/components/ui/controls";
import { Field } from "@/components/ui/field";
import type { Scope } from "../schema";
import { usePlaces } from "./use-places";

export interface ChosenScope {
  scope: Scope["scope"];
  /** Tag or camera; "" while none is chosen. */
  value: string;
}

/** null while nothing is chosen. */
export const scopeOf = ({ scope, value }: ChosenScope): Scope | null =>
  scope === "site" ? { scope } : value === "" ? null : { scope, value };

/** Where a profile is to run: on the whole site, on the cameras with a tag, or on one camera. */
export function ScopeChoice({ chosen, onChoose }: { chosen: ChosenScope; onChoose(chosen: ChosenScope): void }) {
  const { cameras, tags } = usePlaces();
  const tagged = chosen.scope === "tag" ? cameras.filter((camera) => camera.tags.includes(chosen.value)).length : 0;
  return (
    <div className="grid gap-2">
      <Field
        label="Where"
        help={
          chosen.scope === "site"
            ? `${cameras.length} camera${cameras.length === 1 ? "" : "s"}, but those with a promotion of their own`
            : undefined
        }
      >
        <Select value={chosen.scope} onChange={(event) => onChoose({ scope: event.target.value as Scope["scope"], value: "" })}>
          <option value="site">The whole site</option>
          <option value="tag" disabled={tags.length === 0}>
            {tags.length === 0 ? "Cameras with a tag (there are no tags)" : "Cameras with a tag"}
          </option>
          <option value="camera" disabled={cameras.length === 0}>
            One camera
          </option>
        </Select>
      </Field>
      {chosen.scope === "tag" && (
        <Field label="Tag" help={chosen.value === "" ? undefined : `${tagged} camera${tagged === 1 ? "" : "s"}`}>
          <Select value={chosen.value} onChange={(event) => onChoose({ ...chosen, value: event.target.value })}>
            <option value="">Choose a tag</option>
            {tags.map((tag) => (
              <option key={tag}>{tag}</option>
            ))}
          </Select>
        </Field>
      )}
      {chosen.scope === "camera" && (
        <Field label="Camera">
          <Select value={chosen.value} onChange={(event) => onChoose({ ...chosen, value: event.target.value })}>
            <option value="">Choose a camera</option>
            {cameras.map(({ id, name }) => (
              <option key={id} value={id}>
                {name}
              </option>
            ))}
          </Select>
        </Field>
      )}
    </div>
  );
}
