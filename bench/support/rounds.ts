/**
 * Goes through the contestants so many times, forwards and backwards by turns, so that none of them always comes first and what slows the
 * machine down for a while slows all of them down.
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
