/** Keeps the memory that a fit reads until it is over. */

import { array, NDArray, type TypedArrayOf } from '../../arrays/index.ts'
import { isAttached, withPages } from '../../arrays/internal.ts'
import { isOneCopyError, OneCopyError } from '../../errors.ts'
import type { FitOptions, PredictOptions } from './estimator.ts'

/** What a method was given, not yet checked. */
interface Inputs {
  readonly X: unknown
  /** Target; default: none. */
  readonly y?: unknown
  readonly options: FitOptions | PredictOptions
  /** Other arrays that are read: columns of a table. */
  readonly held?: readonly NDArray[]
}

/**
 * Runs the work of `fit`, or of `predict`, with the memory of its inputs held from the call on. A shared array that is
 * disposed of meanwhile is freed when the work is over. A private buffer can't be held: whatever fails because it was
 * transferred or made shorter is explained by that.
 *
 * @param method - for error texts
 * @throws OneCopyError `ERR_DETACHED` naming the input whose memory was taken away; otherwise what `work` throws
 */
export async function keepInputs<T>(
  inputs: Inputs,
  work: () => Promise<T>,
  method = 'fit',
): Promise<T> {
  const arrays = arraysOf(inputs)
  try {
    return await withPages(
      arrays.map(([, values]) => values),
      work,
    )
  } catch (cause) {
    const lost = arrays.find(([, values]) => !isAttached(values))
    const isOurs =
      isOneCopyError(cause) || cause instanceof TypeError || cause instanceof RangeError
    if (lost === undefined || !isOurs) throw cause
    const [name, { dtype, shape, data }] = lost
    throw new OneCopyError(
      'ERR_DETACHED',
      `The memory of \`${name}\`, ${dtype} of shape [${shape.join(', ')}], has only ${data.length} elements left: ` +
        `its buffer was resized, or transferred by transfer() or in a message, before ${method}() was over. ` +
        `Await ${method}() first, or pass a copy.`,
      { cause, details: { name } },
    )
  }
}

/** The inputs that are arrays and have their memory, by name. Lists are copied, and a path is opened, in the work. */
function arraysOf({ X, y, options, held = [] }: Inputs): [name: string, values: NDArray][] {
  const { weights, rows } = (options ?? {}) as Readonly<Record<string, unknown>>
  const numbers = isRecord(rows) && 'numbers' in rows ? rows['numbers'] : rows
  const named: [string, unknown][] = Object.entries({ X, y, weights, rows: numbers })
  const columns = held.map((values): [string, unknown] => ['X', values])
  return [...named, ...columns].flatMap(([name, given]) => {
    const values = given instanceof NDArray ? given : isTypedArray(given) ? array(given) : undefined
    return values !== undefined && isAttached(values) ? [[name, values] as [string, NDArray]] : []
  })
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null
}

function isTypedArray(value: unknown): value is TypedArrayOf {
  return ArrayBuffer.isView(value) && !(value instanceof DataView)
}
