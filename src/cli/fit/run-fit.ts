/** Runs `onecopy fit`. */

import { basename, resolve } from 'node:path'
import { array, NDArray, saveArray } from '../../arrays/index.ts'
import { logLoss, type SuperLearner } from '../../learn/index.ts'
import { mark, startMonitor } from '../../monitor/index.ts'
import { Parallel } from '../../parallel/index.ts'
import { classEnsemble } from './class-ensemble.ts'
import { writeClassPredictions } from './class-predictions.ts'
import { defaultEnsemble } from './default-ensemble.ts'
import { isOneCopyError } from '../../errors.ts'
import { collectWarnings } from '../output/collect-warnings.ts'
import { asUsage, UsageError } from '../output/failure.ts'
import { formatCount } from '../../format.ts'
import { type FitReport, makeReport } from './fit-report.ts'
import type { FitRequest, FitWorkers } from './fit-request.ts'
import type { Input } from '../input/input.ts'
import { readerOf } from '../input/input-reader.ts'
import { shellWord } from '../input/table-flags.ts'
import { requireLearnable, type TargetFacts } from './require-learnable.ts'
import { type FileWriter, OutFolder } from './out-folder.ts'
import type { Progress } from '../output/progress.ts'
import { bar } from '../../terminal-line.ts'

/** The file of out-of-fold predictions. */
const predictionsName = 'out-of-fold.npy'

/** The file that says which rows of a table were used, where some were left out. */
const rowsName = 'out-of-fold-rows.npy'

/** The file of the classes that the ensemble predicts. */
const classesName = 'predictions.csv'

/** The report of a fit, before its files are written. */
interface Fit {
  readonly report: FitReport
  /** Writes the files; resolves with the report as it is in them. */
  readonly write: () => Promise<FitReport>
}

/**
 * Reads, fits and scores.
 *
 * @param folder - where the files go
 * @throws UsageError when what was asked for can't be done
 */
export async function runFit(
  request: FitRequest,
  folder: string,
  progress: Progress,
): Promise<Fit> {
  const read = readerOf(request.file)
  const out = new OutFolder(folder, 'onecopy fit', [predictionsName, rowsName, classesName])
  const monitor = startMonitor()
  const startMs = performance.now()

  mark('read')
  progress.stage(`Reading ${basename(request.file)}`)
  const input = await asUsage(() => read(request, (done) => progress.update(bar(done))))
  const facts = requireLearnable(input, request.folds)
  const counts = [
    formatCount(input.X.shape[0]!, 'row'),
    formatCount(input.features.length, 'feature'),
  ]
  progress.finish(`Read ${counts.join(' and ')}.`)
  const readMs = performance.now()

  mark('fit')
  const learners = `${input.task === 'regression' ? 5 : 4} learners on ${request.folds} folds`
  progress.stage(`Fitting ${learners}`)
  const where = settleWorkers(request, input)
  const { result: ensemble, messages } = await collectWarnings('ONECOPY_NOT_CONVERGED', () =>
    fitEnsemble(input, facts, { ...request, ...where }, progress),
  )
  progress.finish(`Fitted ${learners}.`)
  const fitMs = performance.now()

  const { files, losses } =
    input.task === 'regression'
      ? { files: {}, losses: new Map<string, number>() }
      : describeClasses(ensemble, input, facts)
  const memory = await monitor.stop()
  const seconds = {
    read: (readMs - startMs) / 1000,
    fit: (fitMs - readMs) / 1000,
    total: performance.now() / 1000,
  }
  const all = { ...filesOf(ensemble, input), ...files }
  const report = makeReport(
    request,
    { input: withNotes(input, messages), where, facts, ensemble, losses, memory, seconds },
    { folder, files: Object.keys(all), replaced: false },
  )
  const write = async (): Promise<FitReport> => {
    progress.stage(`Writing ${folder}`)
    const replaced = await out.write(report, all)
    // "Wrote .." would be the folder above.
    const isDots = ['.', '..'].includes(basename(folder))
    progress.finish(`Wrote ${isDots ? resolve(folder) : folder}.`)
    return { ...report, replaced }
  }
  return { report, write }
}

/** What is written beside the report. */
function filesOf({ outOfFold }: SuperLearner, { rows }: Input): Record<string, FileWriter> {
  return {
    [predictionsName]: (path) => saveArray(path, outOfFold),
    ...(rows && { [rowsName]: (path) => saveArray(path, array(rows)) }),
  }
}

/** What is said of classes beside scores: log losses, and the predictions of the ensemble as a file. */
function describeClasses(
  ensemble: SuperLearner,
  { y, rows, target }: Input,
  { classes }: TargetFacts,
): { files: Record<string, FileWriter>; losses: Map<string, number> } {
  const places = new Map<unknown, number>(classes.map((label, code) => [label, code]))
  const labels = y instanceof NDArray ? (y.toArray() as (number | bigint)[]).map(Number) : y
  const codes = Uint16Array.from(labels, (label: string | number) => places.get(label)!)
  const { scores, outOfFold, combinedOutOfFold: probabilities } = ensemble
  const options = { classes: Float64Array.from(classes.keys()) }
  const width = classes.length === 2 ? 1 : classes.length
  const losses = new Map(
    scores.learners.map(({ name }, l) => {
      const own = outOfFold.slice(null, [l * width, (l + 1) * width])
      return [name, logLoss(codes, width === 1 ? own.column(0) : own, options)]
    }),
  )
  losses.set('ensemble', logLoss(codes, probabilities!, options))
  const predicted = { target, classes, codes, probabilities: probabilities!, rows }
  const write: FileWriter = async (path) => writeClassPredictions(path, predicted)
  return { files: { [classesName]: write }, losses }
}

/** Values up to which a table is fitted sooner than workers have started. */
const fewValues = 100_000

/** Columns up to which that holds: the work grows with their square. */
const fewFeatures = 100

function settleWorkers({ workers, backend }: FitRequest, { X }: Input): FitWorkers {
  const isSmall = X.size <= fewValues && X.shape[1]! <= fewFeatures
  if (isSmall && workers === undefined && backend === undefined)
    return { workers: 1, backend: 'serial' }
  const count = new Parallel({ workers: workers ?? -1 }).workers
  return { workers: count, backend: backend ?? 'threads' }
}

async function fitEnsemble(
  input: Input,
  { deviation }: TargetFacts,
  { file, folds, seed, workers, backend }: Omit<FitRequest, 'workers' | 'backend'> & FitWorkers,
  progress: Progress,
): Promise<SuperLearner> {
  const { X, y, task } = input
  const [rows] = X.shape as [number]
  const parallel = backend === 'serial' ? undefined : new Parallel({ workers, backend })
  const options = parallel === undefined ? { folds, seed } : { folds, seed, parallel }
  const ensemble =
    task === 'regression'
      ? defaultEnsemble({ rows, deviation }, options)
      : classEnsemble(rows, options)
  try {
    // Lists of texts are labels.
    return await ensemble.fit(X, y as NDArray, {
      onProgress: ({ done, total }) => progress.update(bar(done / total)),
    })
  } catch (error) {
    throw asBadValue(error, input, file) ?? error
  } finally {
    await parallel?.close()
  }
}

/** Adds to the notes of a file which learners did not converge, with the command's advice. */
function withNotes(input: Input, messages: readonly string[]): Input {
  const notes = messages.map((message) =>
    message.replace(
      / [^.]*\.$/,
      ' Its predictions may be worse than they could be. Columns that nearly repeat others are the usual cause: leave them out with --without.',
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
  const where = name === 'y' ? input.target : input.features[Number(column)]
  if (typeof spread === 'number') {
    const way = name === 'y' ? '' : `, or pass --without ${shellWord(String(where))}`
    return new UsageError(
      `Expected values that differ by 1e-145 to 1e145 in '${String(where)}' of ${basename(file)}, so that ` +
        `float64 can hold their squares, got differences up to ${spread}. Rescale them in the file${way}.`,
      { cause: error },
    )
  }
  if (typeof value !== 'number') return undefined
  const place = input.rows?.[Number(row)] ?? row
  return new UsageError(
    `Expected finite numbers in ${basename(file)}, got ${value} in ${where}, ` +
      `row ${String(place)} (counted from 0).`,
    { cause: error },
  )
}
