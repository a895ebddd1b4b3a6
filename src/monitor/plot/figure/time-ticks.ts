/** Chooses round times for the time axis. */

/** A mark of an axis. */
export interface TimeTick {
  /** Milliseconds after the start. */
  readonly ms: number
  readonly label: string
}

/**
 * About so many moments from 0 to the end of a run, a round number of one unit apart.
 *
 * @param count - how many there should be, at least 2
 */
export function timeTicks(durationMs: number, count: number): TimeTick[] {
  const { unitMs, unit } = timeUnit(durationMs)
  const end = durationMs / unitMs
  const step = roundStep(end / count)
  const digits = Math.max(0, -Math.floor(Math.log10(step) + 1e-9))
  const last = end > 0 ? Math.floor((end / step) * (1 + 1e-9)) : 0
  return Array.from({ length: last + 1 }, (_, tick) => {
    const value = tick * step
    const label = tick === 0 ? '0' : `${value.toFixed(digits)} ${unit}`
    return { ms: value * unitMs, label }
  })
}

/** The nearest of 1, 2 and 5 times a power of ten. */
function roundStep(step: number): number {
  const power = 10 ** Math.floor(Math.log10(step))
  const leading = step / power
  return power * (leading >= 7.07 ? 10 : leading >= 3.16 ? 5 : leading >= 1.41 ? 2 : 1)
}

/** A unit in which a run takes a number that people can read. */
function timeUnit(durationMs: number): { unitMs: number; unit: string } {
  if (durationMs < 1500) return { unitMs: 1, unit: 'ms' }
  if (durationMs < 180_000) return { unitMs: 1000, unit: 's' }
  if (durationMs < 3 * 3_600_000) return { unitMs: 60_000, unit: 'min' }
  return { unitMs: 3_600_000, unit: 'h' }
}
