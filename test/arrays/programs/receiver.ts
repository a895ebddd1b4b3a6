/** A thread or process that opens references and says what it sees. */

import { parentPort } from 'node:worker_threads'
import { isOneCopyError } from '../../../src/errors.ts'
import {
  type ArrayReference,
  decodeReference,
  encodeReference,
  type NDArray,
  shared,
} from '../../../src/arrays/index.ts'

/** What the receiver shall do with an array. */
export interface Order {
  readonly reference?: ArrayReference
  /** Value and index to write. */
  readonly write?: readonly [value: number, ...index: number[]]
  /** Make scratch memory of this one value, and refer to it. */
  readonly make?: number
  /** Answer with a reference to the array that came. */
  readonly sendBack?: boolean
  readonly dispose?: boolean
  /** End, without an answer. */
  readonly end?: boolean
}

/** What it saw. */
export interface Answer {
  readonly values?: unknown
  readonly reference?: ArrayReference | undefined
  readonly error?: { readonly code: string; readonly message: string }
  /** Lines of /proc/self/maps are told apart by what they show. */
  readonly isShared?: boolean
}

/** Arrays live as long as the receiver. */
const kept: NDArray[] = []

function obey(order: Order): Answer {
  if (order.end === true) process.exit()
  if (order.make !== undefined) {
    const made = shared([1], 'float64')
    made.set(order.make, 0)
    kept.push(made)
    return { reference: encodeReference(made) }
  }
  const array = decodeReference(order.reference!) as NDArray<'float64'>
  kept.push(array)
  if (order.write !== undefined) array.set(...order.write)
  if (order.dispose === true) array[Symbol.dispose]()
  return {
    // What was disposed of is refused, but its memory still reads zeros.
    values: order.dispose === true ? [...array.data] : array.toArray(),
    isShared: array.buffer instanceof SharedArrayBuffer,
    ...(order.sendBack === true ? { reference: encodeReference(array) } : {}),
  }
}

function answer(order: Order): Answer {
  try {
    return obey(order)
  } catch (error) {
    if (!isOneCopyError(error)) throw error
    return { error: { code: error.code, message: error.message } }
  }
}

if (parentPort) {
  const port = parentPort
  port.on('message', (order: Order) => port.postMessage(answer(order)))
} else process.on('message', (order: Order) => process.send!(answer(order)))
