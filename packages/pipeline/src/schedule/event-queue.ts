/** Events in order of their time (binary heap); equal times in order of arrival. */
export class EventQueue<E> {
  private readonly heap: { at: number; order: number; event: E }[] = [];
  private count = 0;

  push(at: number, event: E): void {
    const { heap } = this;
    const entry = { at, order: this.count++, event };
    let index = heap.length;
    heap.push(entry);
    while (index > 0) {
      const parent = (index - 1) >> 1;
      if (!before(entry, heap[parent]!)) break;
      heap[index] = heap[parent]!;
      index = parent;
    }
    heap[index] = entry;
  }

  pop(): { at: number; event: E } | null {
    const { heap } = this;
    const first = heap[0];
    const entry = heap.pop();
    if (!first || !entry) return null;
    if (heap.length === 0) return first;
    let index = 0;
    for (;;) {
      let child = 2 * index + 1;
      if (child >= heap.length) break;
      if (child + 1 < heap.length && before(heap[child + 1]!, heap[child]!)) child++;
      if (!before(heap[child]!, entry)) break;
      heap[index] = heap[child]!;
      index = child;
    }
    heap[index] = entry;
    return first;
  }
}

function before(a: { at: number; order: number }, b: { at: number; order: number }): boolean {
  return a.at < b.at || (a.at === b.at && a.order < b.order);
}
