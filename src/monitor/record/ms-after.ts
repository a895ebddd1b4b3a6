/** The time of a run between its start and a moment. */

/** Milliseconds from the start of a run to a moment. A tenth is enough, and short to write. */
export function msAfter(startEpochMs: number, epochMs: number): number {
  return Math.round(10 * (epochMs - startEpochMs)) / 10
}
