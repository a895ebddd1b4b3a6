/** Predicts rows into the columns of a learner. */

import { array, type NDArray, type Rows, shared } from '../../arrays/index.ts'
import { allRows } from '../../arrays/internal.ts'
import type { Estimator, PredictOptions } from '../contract/estimator.ts'
import { readBlocks } from '../inputs/row-blocks.ts'
import { explainMapped } from '../pipelines/explain-mapped.ts'
import { alignClasses, knownClasses } from './align-classes.ts'
import type { MemberOutput } from './member-output.ts'
import { takePredictions } from './take-predictions.ts'

/** A fitted learner, and how rows come to it. */
export interface FittedPredictor {
  /** What has been fitted: its `classes_` say which classes its columns are of. */
  readonly learner: Estimator
  /** Calls a method of the learner on rows of `X`, perhaps scaled ones. */
  readonly predict: (X: NDArray, options: PredictOptions) => Promise<unknown>
  /** Runs what reads predictions, to name the learner in its errors; default: as it is. */
  readonly explain?: <T>(read: () => T) => Promise<T>
}

/** Values of a block, 4 MB, so that the threads of a learner have enough to do. */
const valuesPerBlock = 1 << 19

/**
 * Predicts rows into columns of `Z`. A classifier of all of several classes writes to them itself. The probabilities of two classes and
 * those of a model that has not seen every class are made in blocks of rows and aligned by `classes_`.
 *
 * @param rows - those to predict; undefined: all
 * @param out - columns of the learner, one row for every row of `X`
 * @throws what the learner throws; TypeError and OneCopyError for predictions of another shape
 */
export async function predictOutput(
  { learner, predict, explain = runAsItIs }: FittedPredictor,
  output: MemberOutput,
  X: NDArray,
  rows: Rows | undefined,
  out: NDArray,
): Promise<void> {
  const { method, classes, rowShape } = output
  const known =
    classes === 0 ? [] : await explain(() => knownClasses(classes, learnedClasses(learner)))
  const isComplete = known.length === classes && rowShape[0] === classes && method !== 'predict'
  if (classes === 0 || isComplete) {
    const returned = await predict(X, rows === undefined ? { out } : { rows, out })
    await explain(() => takePredictions(returned, out, rows, method))
    return
  }
  const columns = X.shape[1]!
  const chosen = rows ?? allRows(X.shape[0]!)
  const room = new ProbabilityRoom(method === 'predictProba' ? known.length : 0)
  try {
    for await (const block of readBlocks(X, chosen, { values: valuesPerBlock })) {
      const values = array(block.values, { shape: [block.count, columns] })
      const options = room.outputOf(block.count)
      const found = await explainMapped(X, block, learner, () => predict(values, options))
      await explain(() => alignClasses(found, known, output, out, block))
    }
  } finally {
    room.free()
  }
}

/** Memory for the probabilities of a block, which would wait for the garbage collector block after block. */
class ProbabilityRoom {
  readonly #classes: number
  #room: NDArray<'float64'> | undefined

  /** @param classes - 0: the learner returns arrays of its own */
  constructor(classes: number) {
    this.#classes = classes
  }

  outputOf(count: number): PredictOptions {
    if (this.#classes === 0) return {}
    // The first block is the longest.
    this.#room ??= shared([count, this.#classes], 'float64')
    return { out: this.#room.rows(0, count) }
  }

  free(): void {
    this.#room?.[Symbol.dispose]()
  }
}

async function runAsItIs<T>(read: () => T): Promise<T> {
  return read()
}

function learnedClasses(learner: Estimator): unknown {
  return (learner as { readonly classes_?: unknown }).classes_
}
