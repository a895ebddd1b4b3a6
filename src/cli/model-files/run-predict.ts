/** Runs `onecopy predict`: reads, predicts and writes part by part. */

import { basename } from 'node:path'
import { NDArray } from '../../arrays/index.ts'
import { isOneCopyError, OneCopyError } from '../../errors.ts'
import { formatCount } from '../../format.ts'
import { bar } from '../../terminal-line.ts'
import { statFile } from '../input/stat-file.ts'
import type { TableFlags } from '../input/table-flags.ts'
import { UsageError } from '../output/failure.ts'
import type { Progress } from '../output/progress.ts'
import { whileUnfinished } from '../output/signals.ts'
import { type FeaturePart, readFeatureParts } from './feature-parts.ts'
import { openSink, type PredictedRows, type PredictionSink } from './prediction-file.ts'
import { openPredictionModel, type PredictionModel } from './prediction-model.ts'

/** What the command is asked for. */
export interface PredictRequest {
  readonly model: string
  readonly data: string
  /** Where predictions go; undefined: stdout. */
  readonly out: string | undefined
  /** Whether probabilities of classes are wanted. */
  readonly proba: boolean
  /** Classes that are not of onecopy. */
  readonly trusted: readonly string[]
  readonly table: TableFlags
}

/**
 * Predicts all rows in their order. The next rows are read while some are predicted, so that two parts are in memory.
 *
 * @throws UsageError, or OneCopyError that names the file and the row
 */
export async function runPredict(request: PredictRequest, progress: Progress): Promise<void> {
  const { data, out, proba, table } = request
  if (out !== undefined) requireOtherFile(out, data)
  const model = await openPredictionModel(request.model, request.trusted)
  if (proba && !model.hasProbabilities)
    throw new UsageError(
      `Expected a model with probabilities for --proba, got one without: ${request.model}. Leave --proba out.`,
    )
  const hasTexts = model.classes?.some((label) => typeof label !== 'number') === true
  // A matrix of numbers has no column of texts.
  const isNpy = out?.toLowerCase().endsWith('.npy') === true
  const withLabels = !(proba && isNpy)
  progress.stage(`Predicting ${basename(data)}`)
  const parts = readFeatureParts(data, model, table, (done) => progress.update(bar(done)))
  let sink: PredictionSink | undefined
  let rows = 0
  const open = (head?: PredictedRows): PredictionSink =>
    openSink(out, columnsOf(model, head, { proba, withLabels }), hasTexts && withLabels)
  const run = async (): Promise<void> => {
    for (let next = await parts.next(); next.done !== true;) {
      const predicting = predictPart(next.value, model, { proba, withLabels })
      const reading = parts.next()
      // Both are awaited: until then a failure of one is not unhandled.
      for (const one of [predicting, reading]) one.catch(() => {})
      const predicted = await predicting
      sink ??= open(predicted)
      await sink.write(predicted)
      rows += predicted.rows
      next = await reading
    }
    sink ??= open()
    await sink.end()
    sink.close()
  }
  try {
    await whileUnfinished(() => sink?.close(), run)
  } finally {
    await parts.return()
  }
  progress.finish(`Predicted ${formatCount(rows, 'row')}${out === undefined ? '' : ` to ${out}`}.`)
}

/** Predictions never replace the rows that they are made of. */
function requireOtherFile(out: string, data: string): void {
  const [to, from] = [statFile(out), statFile(data)]
  if (to === undefined || to.dev !== from?.dev || to.ino !== from.ino) return
  throw new UsageError(`Expected --out to be another file than the data, got '${out}' for both.`)
}

/** Which predictions are wanted. */
interface Wanted {
  readonly proba: boolean
  readonly withLabels: boolean
}

async function predictPart(
  { X, rows, first, close }: FeaturePart,
  model: PredictionModel,
  { proba, withLabels }: Wanted,
): Promise<PredictedRows> {
  try {
    const found = withLabels ? await model.predict(X, 'predict') : undefined
    const shares = proba ? ((await model.predict(X, 'predictProba')) as NDArray) : undefined
    const isLabels = model.classes !== undefined
    const numbers = shares ?? (isLabels ? undefined : (found as NDArray))
    return {
      rows,
      ...(isLabels && found !== undefined && { labels: listOf(found) }),
      ...(numbers && { numbers }),
    }
  } catch (error) {
    throw placeRows(error, first)
  } finally {
    close()
  }
}

function listOf(labels: unknown): ArrayLike<string | number | boolean> {
  return labels instanceof NDArray
    ? (labels.toTypedArray() as ArrayLike<number>)
    : (labels as string[])
}

/** Rows in errors are those of a part. */
function placeRows(error: unknown, first: number): unknown {
  if (!isOneCopyError(error)) return error
  // The advice of a table is for programs.
  const message = error.message.replace(
    / Leave these rows out with .*$/s,
    ' Fill the gaps or leave these rows out of the file, or fit with --preset: its models take missing values.',
  )
  const rows =
    first === 0
      ? ''
      : ` Rows are counted from row ${first} of the data here, its first row being 0.`
  return new UsageError(`${message}${rows}`, {
    cause: new OneCopyError(error.code, error.message, { cause: error, details: error.details }),
  })
}

/** Names of the columns of what is written. */
function columnsOf(
  { classes }: PredictionModel,
  head: PredictedRows | undefined,
  { proba, withLabels }: Wanted,
): string[] {
  const shares = proba ? (classes ?? []).map((label) => `probability of ${String(label)}`) : []
  if (classes !== undefined) return [...(withLabels ? ['prediction'] : []), ...shares]
  const width = head?.numbers?.shape[1] ?? 1
  return width === 1
    ? ['prediction']
    : Array.from({ length: width }, (_, k) => `prediction ${k + 1}`)
}
