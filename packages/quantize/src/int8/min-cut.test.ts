import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { FlowNetwork } from "./min-cut.ts";

type Edge = [from: number, to: number, forward: number, backward: number];

/** What a labelling costs: edges that lead from the source's side to the sink's. */
const cutCost = (edges: readonly Edge[], onSourceSide: (node: number) => boolean): number =>
  edges.reduce((cost, [from, to, forward, backward]) => {
    if (onSourceSide(from) && !onSourceSide(to)) return cost + forward;
    return !onSourceSide(from) && onSourceSide(to) ? cost + backward : cost;
  }, 0);

/** Nodes 0…n−1, source n, sink n+1. */
function sideOf(nodes: number, edges: readonly Edge[]): boolean[] {
  const network = new FlowNetwork(nodes + 2);
  for (const edge of edges) network.connect(...edge);
  return network.sourceSide(nodes, nodes + 1);
}

describe("FlowNetwork", () => {
  it("finds a cut that none is cheaper than", () => {
    const graphs = fc.integer({ min: 1, max: 6 }).chain((nodes) =>
      fc.tuple(
        fc.constant(nodes),
        fc.array(
          fc.tuple(
            fc.nat(nodes + 1),
            fc.nat(nodes + 1),
            fc.nat(20).map((ten) => ten / 10),
            fc.nat(20).map((ten) => ten / 10),
          ),
          { maxLength: 20 },
        ),
      ),
    );
    fc.assert(
      fc.property(graphs, ([nodes, edges]) => {
        const side = sideOf(nodes, edges);
        expect([side[nodes], side[nodes + 1]]).toEqual([true, false]);
        let least = Number.POSITIVE_INFINITY;
        for (let labels = 0; labels < 2 ** nodes; labels++) {
          const onSourceSide = (node: number) => node === nodes || (node < nodes && ((labels >> node) & 1) === 1);
          least = Math.min(least, cutCost(edges, onSourceSide));
        }
        expect(cutCost(edges, (node) => side[node]!)).toBeCloseTo(least, 9);
      }),
      { seed: 20, numRuns: 200 },
    );
  });

  it("finds the cut of a textbook network", () => {
    // Cormen et al., Introduction to Algorithms, figure 26.6: maximum flow 23, source's side {s, v1, v2, v4}.
    const edges: Edge[] = [
      [4, 0, 16, 0],
      [4, 1, 13, 0],
      [1, 0, 4, 0],
      [0, 2, 12, 0],
      [2, 1, 9, 0],
      [1, 3, 14, 0],
      [3, 2, 7, 0],
      [2, 5, 20, 0],
      [3, 5, 4, 0],
    ];
    const side = sideOf(4, edges);
    expect(side).toEqual([true, true, false, true, true, false]);
    expect(cutCost(edges, (node) => side[node]!)).toBe(23);
  });

  it("cuts nothing where source and sink are apart", () => {
    expect(sideOf(2, [[2, 0, 5, 0]])).toEqual([true, false, true, false]);
  });
});
