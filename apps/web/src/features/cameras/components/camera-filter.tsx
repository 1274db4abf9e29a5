"use client";
import { cameraStates } from "@octet/shared/domain/camera";
import { type ReactNode, useState } from "react";
import { Input, Select } from "@/components/ui/controls";
import { live } from "@/features/live/live-client";
import { type ListedCamera, stateNames, stateOf } from "./state";

const matches = ({ name, url, tags }: ListedCamera, words: readonly string[]): boolean => {
  const text = [name, url, ...tags].join(" ").toLowerCase();
  return words.every((word) => text.includes(word));
};

/** Fields to find cameras by, and those that are found. States are as of the last look, so that nothing jumps under the hand. */
export function useCameraFilter(cameras: readonly ListedCamera[]): { found: ListedCamera[]; fields: ReactNode } {
  const [search, setSearch] = useState("");
  const [tag, setTag] = useState("");
  const [state, setState] = useState("");
  const tags = [...new Set(cameras.flatMap((camera) => camera.tags))].sort();
  const words = search.toLowerCase().split(/\s+/).filter(Boolean);
  const isIn = (camera: ListedCamera): boolean => state === "" || stateOf(camera, live.statuses.get(camera.id) ?? camera.status) === state;
  return {
    found: cameras.filter((camera) => matches(camera, words) && (tag === "" || camera.tags.includes(tag)) && isIn(camera)),
    fields: (
      <>
        <Input
          type="search"
          aria-label="Search cameras"
          placeholder="Search"
          value={search}
          onChange={(event) => setSearch(event.target.value)}
          className="w-36"
        />
        {tags.length > 0 && (
          <Select aria-label="Tag" value={tag} onChange={(event) => setTag(event.target.value)} className="w-32">
            <option value="">All tags</option>
            {tags.map((name) => (
              <option key={name}>{name}</option>
            ))}
          </Select>
        )}
        <Select aria-label="State" value={state} onChange={(event) => setState(event.target.value)} className="w-36">
          <option value="">All states</option>
          {cameraStates.map((name) => (
            <option key={name} value={name}>
              {stateNames[name]}
            </option>
          ))}
        </Select>
      </>
    ),
  };
}
