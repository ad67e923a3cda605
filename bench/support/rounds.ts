/**
 * Runs the contestants in that many rounds, alternately forwards and backwards, so that none of them always comes first, and a temporary
 * slowdown of the machine affects all.
 */
export async function inTurns<T>(
  rounds: number,
  contestants: readonly T[],
  run: (contestant: T, round: number) => Promise<void>,
): Promise<void> {
  for (let round = 0; round < rounds; round++) {
    for (const contestant of round % 2 === 0 ? contestants : contestants.toReversed()) {
      await run(contestant, round);
    }
  }
}
