/**
 * The largest number from 1 to `limit` that holds, where more never holds if fewer do not: doubling from `first` until one
 * fails, then halving what lies between until the gap is at most a twentieth. `asked` is tried itself, if it is in doubt.
 * @returns 0 where not even one holds
 */
export async function mostStreams(
  { first, asked, limit }: { first: number; asked: number; limit: number },
  holds: (streams: number) => Promise<boolean>,
): Promise<number> {
  let held = 0;
  let failed = limit + 1;
  let next = Math.max(1, Math.min(limit, Math.floor(first)));
  for (;;) {
    if (await holds(next)) held = Math.max(held, next);
    else failed = Math.min(failed, next);
    const inDoubt = asked > held && asked < failed;
    if (failed > limit) {
      if (held >= limit) return held;
      next = Math.min(limit, held * 2);
      if (inDoubt && next > asked) next = asked;
    } else if (inDoubt) next = asked;
    else if (failed - held > Math.max(1, Math.floor(held / 20))) next = Math.floor((held + failed) / 2);
    else return held;
  }
}
