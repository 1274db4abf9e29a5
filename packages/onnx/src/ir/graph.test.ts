import { describe, expect, it } from "vitest";
import { addInput, addOp, addOutput, floatTensor, newModel } from "../testing/build-graph.ts";
import type { Graph } from "./graph.ts";
import { readsOf } from "./graph.ts";

/** image → a → b → c, and a constant that b reads. */
function chain(): Graph {
  const model = newModel();
  addInput(model, "image", [1]);
  model.graph.addInitializer(floatTensor("k", [1], [2]));
  addOp(model, "Relu", ["image"], "a");
  addOp(model, "Add", ["a", "k"], "b");
  addOutput(model, addOp(model, "Relu", ["b"], "c"));
  return model.graph;
}

const named = (graph: Graph, name: string) => graph.nodes.find((node) => node.name === name)!;

/** What the indexes say, against what the lists say. */
function expectIndexed(graph: Graph): void {
  const values = new Set(graph.nodes.flatMap((node) => [...node.outputs, ...readsOf(node)]));
  values.delete("");
  for (const value of values) {
    expect(graph.producer(value), value).toBe(graph.nodes.findLast(({ outputs }) => outputs.includes(value)));
    expect(graph.consumers(value), value).toEqual(graph.nodes.filter((node) => readsOf(node).has(value)));
    expect(graph.freshName(value), value).not.toBe(value);
  }
  for (const { name } of graph.nodes) expect(graph.freshName(name), name).not.toBe(name);
}

describe("Graph", () => {
  it("keeps up with every edit through its methods, whatever was asked before", () => {
    const edits: ((graph: Graph) => void)[] = [
      (graph) => graph.addNode({ name: "last", opType: "Neg", inputs: ["a"], outputs: ["last"] }),
      (graph) =>
        graph.addNode({ name: "first", opType: "Neg", inputs: ["image", "", "k"], outputs: ["first", ""] }, named(graph, "node_b")),
      (graph) => graph.setInput(named(graph, "node_b"), 0, "first"),
      (graph) => graph.setInput(named(graph, "node_b"), 0, "from nowhere"),
      (graph) => graph.replaceUses("a", "elsewhere"),
      (graph) => graph.removeNode(named(graph, "node_b")),
      (graph) => graph.addNode({ name: "again", opType: "Neg", inputs: ["last"], outputs: ["b"] }),
      (graph) => graph.sort(),
      (graph) => graph.removeNodes(graph.nodes.slice(0, 1)),
      (graph) => graph.prune(),
    ];
    const graph = chain();
    expectIndexed(graph);
    for (const edit of edits) {
      edit(graph);
      expectIndexed(graph);
    }
  });

  it("finds the new writer of a value while a node is replaced", () => {
    const graph = chain();
    const old = graph.producer("b")!;
    const replacement = graph.addNode({ opType: "Sub", inputs: ["a", "k"], outputs: ["b"] }, old);
    expect(graph.producer("b"), "the later of the two").toBe(old);
    graph.removeNode(old);
    expect(graph.producer("b")).toBe(replacement);
    expect(graph.consumers("a")).toEqual([replacement]);
  });

  it("sees what was written into its lists, once it is told", () => {
    const graph = chain();
    expectIndexed(graph);
    named(graph, "node_b").outputs[0] = "renamed";
    named(graph, "node_c").inputs[0] = "renamed";
    graph.changed();
    expectIndexed(graph);
    expect(graph.producer("b")).toBeUndefined();
  });

  it("gives each fresh name once, also over edits, and none that an initializer has", () => {
    const graph = chain();
    const names = [graph.freshName("a"), graph.freshName("new"), graph.freshName("k")];
    graph.addNode({ opType: "Neg", inputs: ["a"], outputs: [names[0]!] });
    graph.setInput(named(graph, "node_c"), 0, names[0]!);
    names.push(graph.freshName("a"), graph.freshName("new"), graph.addInitializer(floatTensor("later", [1], [1])).name);
    expect(names).toEqual(["a_1", "new", "k_1", "a_2", "new_1", "later"]);
    expect(graph.freshName("later")).toBe("later_1");
  });
});
