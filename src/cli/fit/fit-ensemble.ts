/** Fits the ensemble of a command on its input. */

import { basename } from 'node:path'
import type { NDArray } from '../../arrays/index.ts'
import { isOneCopyError } from '../../errors.ts'
import { formatBytes } from '../../format.ts'
import { AutoEnsemble } from '../../learn/index.ts'
import type { ScorerName } from '../../learn/index.ts'
import { Parallel } from '../../parallel/index.ts'
import { wrongEntry } from '../ensemble-file/read-ensemble-file.ts'
import type { FittedEnsemble } from '../fit-report/fitted-ensemble.ts'
import type { FitSettings } from '../fit-report/fit-request.ts'
import type { Input } from '../input/input.ts'
import { shellWord } from '../input/table-flags.ts'
import { UsageError } from '../output/failure.ts'
import { makeEnsemble, namedLearners } from './command-ensemble.ts'
import { readAutoEnsemble } from './read-auto-ensemble.ts'
import { readSuperLearner } from './read-super-learner.ts'
import type { SettledRequest } from './settle-request.ts'

/** What is fitted, and with what. */
export interface FitWork {
  readonly input: Input
  /** Standard deviation of a target of numbers. */
  readonly deviation: number
  readonly request: SettledRequest
  readonly settings: FitSettings
  /** Is told which part is done, between 0 and 1. */
  readonly onProgress: (done: number) => void
}

/**
 * Fits the ensemble.
 *
 * @throws UsageError that names the column or the entry of the configuration that no learner can use
 */
export async function fitEnsemble(work: FitWork): Promise<FittedEnsemble> {
  const { workers, backend } = work.settings
  const parallel = backend === 'serial' ? undefined : new Parallel({ workers, backend })
  try {
    return await (work.request.preset === undefined
      ? fitChosen(work, parallel)
      : fitAutomatic(work, parallel))
  } catch (error) {
    throw asBadValue(error, work.input, work.request.file) ?? asBadLimit(error) ?? error
  } finally {
    await parallel?.close()
  }
}

/** Fits learners that the user or the command names. */
async function fitChosen(work: FitWork, parallel: Parallel | undefined): Promise<FittedEnsemble> {
  const { input, request, settings, deviation, onProgress } = work
  const { X, y, weights, groups } = input
  const { scorer, seed } = settings
  const { learners, described } = request
  const { ensemble, places } = makeEnsemble({
    input,
    deviation,
    learners,
    described,
    options: {
      task: input.task,
      folds: settings.folds,
      seed,
      scorer: scorer as ScorerName,
      ...(parallel && { parallel }),
    },
  })
  try {
    // Lists of texts are labels.
    await ensemble.fit(X, y as NDArray, {
      ...(weights && { weights }),
      ...(groups && { groups }),
      onProgress: ({ done, total }) => onProgress(done / total),
    })
    return readSuperLearner(ensemble, input)
  } catch (error) {
    throw asBadEntry(error, places, request) ?? error
  }
}

/** Fits learners that are chosen for the table, as far as the limits allow. */
async function fitAutomatic(
  { input, request, settings, deviation, onProgress }: FitWork,
  parallel: Parallel | undefined,
): Promise<FittedEnsemble> {
  const { X, y, task, weights, groups } = input
  const { preset, timeLimitMs, memoryLimit, learners, folds } = request
  const ensemble = new AutoEnsemble({
    task,
    preset: preset!,
    scorer: settings.scorer as ScorerName,
    seed: settings.seed,
    ...(folds !== undefined && { folds }),
    // What is left of it: the time since the process started has been used to read.
    ...(timeLimitMs !== undefined && {
      timeLimitMs: Math.max(1, Math.floor(timeLimitMs - performance.now())),
    }),
    ...(memoryLimit !== undefined && { memoryLimit }),
    ...(learners && { learners: namedLearners(learners, { input, deviation }) }),
    ...(parallel && { parallel }),
  })
  await ensemble.fit(X, y, {
    ...(weights && { weights }),
    ...(groups && { groups }),
    onProgress: ({ phase, done, total }) => onProgress(phase === 'weights' ? 1 : done / total),
  })
  return readAutoEnsemble(ensemble, input)
}

/** Names the limit under which nothing can be fitted, and rows that are too few. */
function asBadLimit(error: unknown): UsageError | undefined {
  if (!isOneCopyError(error)) return undefined
  const { code, message, details } = error
  if (code === 'ERR_ROWS') return new UsageError(message, { cause: error })
  const { memoryLimit, held } = details
  if (code !== 'ERR_OPTION' || typeof memoryLimit !== 'number') return undefined
  const own = typeof held === 'number' ? ` The command holds ${formatBytes(held)} before.` : ''
  return new UsageError(
    `Expected --memory-limit to leave room for at least one learner, got ${formatBytes(memoryLimit)}.${own} Raise it.`,
    { cause: error },
  )
}

/** Names the learner of a configuration that refused its options or the input. */
function asBadEntry(
  error: unknown,
  places: ReadonlyMap<string, string>,
  { described }: SettledRequest,
): UsageError | undefined {
  if (described === undefined || !isOneCopyError(error) || error.code !== 'ERR_LEARNER')
    return undefined
  const place = places.get(String(error.details['learner']))
  const { cause } = error
  if (place === undefined || !(cause instanceof Error)) return undefined
  const isOption =
    cause instanceof TypeError || (isOneCopyError(cause) && cause.code === 'ERR_OPTION')
  const wrong = wrongEntry(described.file, `${place}${isOption ? '.options' : ''}`, cause.message)
  return Object.assign(wrong, { cause: error })
}

/** Adds to the notes of a file which learners did not converge, with the command's advice. */
export function withNotes(input: Input, messages: readonly string[]): Input {
  const notes = messages.map((message) =>
    message.replace(
      / [^.]*\.$/,
      ' Its predictions may be worse than they could be.' +
        (message.includes('duality gap')
          ? ' Columns that nearly repeat others are the usual cause: leave them out with --without.'
          : ''),
    ),
  )
  return { ...input, notes: [...input.notes, ...notes] }
}

/** Names the column of the file that has values no learner can use. */
function asBadValue(error: unknown, input: Input, file: string): UsageError | undefined {
  // Which learner met it first does not matter.
  if (isOneCopyError(error) && error.code === 'ERR_LEARNER')
    return asBadValue(error.cause, input, file)
  if (!isOneCopyError(error) || error.code !== 'ERR_VALUE') return undefined
  const { name, row, column, value, spread } = error.details
  // Of a table, a column is known by its name.
  const where =
    name === 'y'
      ? input.target
      : typeof column === 'string'
        ? column
        : input.features[Number(column)]
  if (typeof spread === 'number') {
    const way = name === 'y' ? '' : `, or pass --without ${shellWord(String(where))}`
    return new UsageError(
      `Expected values that differ by 1e-145 to 1e145 in '${String(where)}' of ${basename(file)}, so that ` +
        `float64 can hold their squares, got differences up to ${spread}. Rescale them in the file${way}.`,
      { cause: error },
    )
  }
  if (typeof value !== 'number' || where === undefined) return undefined
  const place = input.rows?.[Number(row)] ?? row
  return new UsageError(
    `Expected finite numbers in ${basename(file)}, got ${value} in ${where}, ` +
      `row ${String(place)} (counted from 0).`,
    { cause: error },
  )
}
