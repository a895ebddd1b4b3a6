/** Predictions that come block by block. */

import { NDArray, zeros } from '../../arrays/index.ts'
import { requireAttached } from '../../arrays/internal.ts'
import { OneCopyError } from '../../errors.ts'
import type { FloatArray } from '../contract/estimator.ts'
import type { Label } from '../inputs/labels.ts'
import { requireNoOutput } from '../contract/predict-labels.ts'
import { requireOutput } from '../contract/write-output.ts'

/** Predictions: an array, or the list of labels that are not numbers. */
export type Predictions = FloatArray | readonly Label[]

/** Which rows a block of predictions is of. */
interface PredictedRows {
  readonly count: number
  readonly position: number
  readonly rowAt: (i: number) => number
}

/** Where predictions go: its kind and shape are known from the first of them. */
export class PredictionTarget {
  readonly #n: number
  readonly #count: number
  readonly #out: NDArray | undefined
  result: FloatArray | Label[] | undefined

  constructor(n: number, count: number, out: NDArray | undefined) {
    this.#n = n
    this.#count = count
    this.#out = out
  }

  /** Makes or checks the array for the results, or makes a list. */
  start(found: Predictions): FloatArray | Label[] {
    if (!(found instanceof NDArray)) {
      requireNoOutput(this.#out)
      return (this.result = [])
    }
    const rowShape = found.shape.slice(1)
    if (this.#out === undefined) return (this.result = zeros([this.#count, ...rowShape], 'float64'))
    requireOutput(this.#out, [this.#n, ...rowShape])
    return (this.result = this.#out)
  }

  write(found: Predictions, { count, position, rowAt }: PredictedRows): void {
    const shape = found instanceof NDArray ? found.shape : [found.length]
    if (shape[0] !== count) {
      throw new OneCopyError(
        'ERR_SHAPE',
        `Expected a prediction for each of ${count} rows, got shape (${shape.join(', ')}).`,
        { details: { expected: count, shape: [...shape] } },
      )
    }
    const result = this.result ?? this.start(found)
    if (!(result instanceof NDArray) || !(found instanceof NDArray)) {
      // A learner returns the same kind for each block.
      for (const label of found as readonly Label[]) (result as Label[]).push(label)
      return
    }
    requireAttached(result)
    const values = found.copy().toTypedArray()
    const m = values.length / count
    const [rowStride, columnStride = 1] = result.strides as [number, number?]
    for (let i = 0, source = 0; i < count; i++) {
      let at = result.offset + (this.#out === undefined ? position + i : rowAt(i)) * rowStride
      for (let k = 0; k < m; k++, at += columnStride) result.data[at] = Number(values[source++])
    }
  }
}
