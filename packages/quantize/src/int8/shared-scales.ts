/** Union-find over value names: values in one set are quantised with one scale and zero point. */
export class SharedScales {
  private readonly parents = new Map<string, string>();

  find(value: string): string {
    const parent = this.parents.get(value);
    if (parent === undefined || parent === value) return value;
    const root = this.find(parent);
    this.parents.set(value, root);
    return root;
  }

  join(values: readonly string[]): void {
    const [first, ...others] = values;
    if (first === undefined) return;
    for (const other of others) {
      const a = this.find(first);
      const b = this.find(other);
      if (a !== b) this.parents.set(b, a);
    }
  }

  /** The sets among `values`, each in the order given. */
  sets(values: Iterable<string>): string[][] {
    const sets = new Map<string, string[]>();
    for (const value of values) {
      const root = this.find(value);
      const set = sets.get(root);
      if (set) set.push(value);
      else sets.set(root, [value]);
    }
    return [...sets.values()];
  }
}
