/** Undirected or directed capacities between numbered nodes; finds the cheapest separation of two of them. */
export class FlowNetwork {
  private readonly heads: number[][];
  private readonly to: number[] = [];
  private readonly capacity: number[] = [];

  constructor(nodes: number) {
    this.heads = Array.from({ length: nodes }, () => []);
  }

  /** Costs `forward` where `from` ends up on the source's side and `to` on the sink's, `backward` the other way round. */
  connect(from: number, to: number, forward: number, backward = 0): void {
    this.heads[from]!.push(this.to.length);
    this.to.push(to);
    this.capacity.push(forward);
    this.heads[to]!.push(this.to.length);
    this.to.push(from);
    this.capacity.push(backward);
  }

  /**
   * The source's side of a minimum cut, by Dinic's algorithm (1970): shortest augmenting paths, level by level.
   * Uses the capacities up.
   */
  sourceSide(source: number, sink: number): boolean[] {
    for (let levels = this.levels(source); levels[sink]! >= 0; levels = this.levels(source)) {
      const next = this.heads.map(() => 0);
      while (this.push(source, sink, Number.POSITIVE_INFINITY, levels, next) > 0);
    }
    return this.levels(source).map((level) => level >= 0);
  }

  private levels(source: number): number[] {
    const levels = this.heads.map(() => -1);
    levels[source] = 0;
    const queue = [source];
    for (let at = 0; at < queue.length; at++) {
      for (const edge of this.heads[queue[at]!]!) {
        const node = this.to[edge]!;
        if (this.capacity[edge]! <= 1e-12 || levels[node]! >= 0) continue;
        levels[node] = levels[queue[at]!]! + 1;
        queue.push(node);
      }
    }
    return levels;
  }

  private push(node: number, sink: number, limit: number, levels: readonly number[], next: number[]): number {
    if (node === sink) return limit;
    const edges = this.heads[node]!;
    for (; next[node]! < edges.length; next[node]!++) {
      const edge = edges[next[node]!]!;
      const target = this.to[edge]!;
      if (this.capacity[edge]! <= 1e-12 || levels[target] !== levels[node]! + 1) continue;
      const pushed = this.push(target, sink, Math.min(limit, this.capacity[edge]!), levels, next);
      if (pushed <= 0) continue;
      this.capacity[edge]! -= pushed;
      this.capacity[edge ^ 1]! += pushed;
      return pushed;
    }
    return 0;
  }
}
