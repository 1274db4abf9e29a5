import { expect, it, vi } from "vitest";
import { Peer, type PeerSocket } from "../replicas/peer.ts";
import { Replicas } from "../replicas/replicas.ts";
import { SharedInterest } from "./interest.ts";

const nothing = { frames: [], previews: [], videos: [] };
const watch = (frames: string[], previews: string[] = []) => ({ frames, previews, videos: [], status: true });

function peer(id: string) {
  const sent: [string, unknown][] = [];
  const socket = { connected: true, on: () => {}, emit: (event: string, payload: unknown) => sent.push([event, payload]) };
  return { sent, peer: new Peer(id, socket as unknown as PeerSocket) };
}

it("tells other replicas what is watched here, once, and only what changed", async () => {
  const replicas = new Replicas();
  const interest = new SharedInterest(replicas, () => {});
  interest.watch("alone", watch(["a"]));
  const other = peer("b");
  replicas.add(other.peer);
  expect(interest.state()).toEqual({ frames: ["a"], previews: [], videos: [] });
  other.sent.length = 0;
  interest.watch("x", watch(["a", "b"]));
  interest.watch("y", watch(["b"], ["b"]));
  interest.watch("alone", null);
  interest.watch("x", watch(["b"]));
  await vi.waitUntil(() => other.sent.length > 0);
  expect(other.sent).toEqual([
    ["interest", { add: { ...nothing, frames: ["b"], previews: ["b"] }, remove: { ...nothing, frames: ["a"] } }],
  ]);
  interest.watch("x", watch(["b", "b"]));
  interest.watch("z", watch(["c"]));
  await vi.waitUntil(() => other.sent.length > 1);
  expect(other.sent[1]).toEqual(["interest", { add: { ...nothing, frames: ["c"] }, remove: nothing }]);
});

it("has workers send what is watched anywhere, and knows where, until that replica is gone", () => {
  let told = 0;
  const interest = new SharedInterest(new Replicas(), () => told++);
  const [b, again] = [peer("b").peer, peer("b").peer];
  interest.peerSaid(b, { add: { ...nothing, frames: ["1", "2"] }, remove: nothing });
  interest.watch("x", watch(["2"]));
  expect(told).toBe(1);
  expect(interest.interestIn(new Set(["1", "2", "3"])).frames).toEqual(["1", "2"]);
  expect([...interest.peersThatWatch("frames", "1")]).toEqual([b]);
  expect([...interest.peersThatWatch("previews", "1")]).toEqual([]);
  interest.peerSaid(b, { add: { ...nothing, frames: ["3"] }, remove: { ...nothing, frames: ["1"] } });
  expect(interest.interestIn(new Set(["1", "2", "3"])).frames).toEqual(["2", "3"]);
  // It is back by another connection before the old one is noticed to be gone.
  interest.peerSaid(again, { add: { ...nothing, frames: ["3"] }, remove: nothing });
  interest.peerLeft(b);
  expect(interest.interestIn(new Set(["3"])).frames).toEqual(["3"]);
  interest.peerLeft(again);
  expect(interest.interestIn(new Set(["2", "3"])).frames).toEqual(["2"]);
});
