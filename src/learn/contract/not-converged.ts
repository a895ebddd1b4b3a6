/** Warns about fits that did not converge, once per learner. */

import { AsyncLocalStorage } from 'node:async_hooks'

/** A fit that stopped before it had converged. */
export interface NotConverged {
  /** Passes over the coefficients. */
  readonly iterations: number
  /** What is compared with the limit: how far the objective is above its minimum at most, or the length of the last step. */
  readonly gap: number
  /** The gap at which the fit would have stopped. */
  readonly limit: number
  /** What the gap is; default: a duality gap. */
  readonly measure?: string
  /** Why it had not converged, in place of the gap: a clause after "it stopped after 5 iterations". */
  readonly why?: string
  /** What to do; default: advice about `alpha`. */
  readonly advice?: string
}

const collector = new AsyncLocalStorage<NotConverged[]>()

/** Warns of a fit, or adds a note when notes are being collected. */
export function reportNotConverged(name: string, note: NotConverged): void {
  const notes = collector.getStore()
  if (notes === undefined) warn(name, [note])
  else notes.push(note)
}

/** Runs `work` and returns notes of its fits, which then emit no warnings. */
export async function collectNotConverged<T>(
  work: () => Promise<T>,
): Promise<{ result: T; notes: readonly NotConverged[] }> {
  const notes: NotConverged[] = []
  return { result: await collector.run(notes, work), notes }
}

/**
 * Emits one warning for all fits of a learner of an ensemble.
 *
 * @param notes - of each fold in order, then of the fits on other rows
 * @param others - what these rows are
 */
export function warnOfFolds(
  name: string,
  notes: readonly (readonly NotConverged[])[],
  others = 'all rows',
): void {
  const all = notes.flat()
  if (all.length === 0) return
  const folds = [...notes.keys()].filter((k) => k < notes.length - 1 && notes[k]!.length > 0)
  const places: string[] = []
  if (folds.length > 0) places.push(listFolds(folds, notes.length - 1))
  if (notes.at(-1)!.length > 0) places.push(others)
  warn(`Learner \`${name}\``, all, ` on ${places.join(' and on ')}`)
}

/** Most folds that are listed by number. */
const mostNamed = 10

function listFolds(folds: readonly number[], count: number): string {
  if (folds.length > mostNamed) return `${folds.length} of ${count} folds`
  return `${folds.length === 1 ? 'fold' : 'folds'} ${folds.join(', ')}`
}

function warn(who: string, notes: readonly NotConverged[], where = ''): void {
  const worst = notes.reduce((a, b) => (b.gap / b.limit > a.gap / a.limit ? b : a))
  const why =
    worst.why ??
    ` with ${worst.measure ?? 'a duality gap'} of ${notes.length > 1 ? 'up to ' : ''}${worst.gap.toExponential(1)}, ` +
      `above its limit ${worst.limit.toExponential(1)}`
  process.emitWarning(
    `${who} did not converge${where}: it stopped after ${worst.iterations} ` +
      `${worst.iterations === 1 ? 'iteration' : 'iterations'}${why}. ` +
      (worst.advice ?? 'Raise maxIter, tol or alpha.'),
    { code: 'ONECOPY_NOT_CONVERGED' },
  )
}
