/** Saves and loads values as files do, and compares predictions. */

import assert from 'node:assert/strict'
import type { NDArray } from '../../../src/arrays/index.ts'
import { decode, encode } from '../../../src/objects/internal.ts'

/** A value as a file gives it back: through text, and arrays without strides of their own. */
export function saveAndLoad<T>(value: T): T {
  const { tree, arrays } = encode(value, { called: 'model' })
  const text = JSON.stringify(tree)
  assert.ok(text.length < 200_000)
  return decode({ tree: JSON.parse(text), arrays: arrays.map((one) => one.copy()) }) as T
}

/** Fails unless two models predict the same bytes. */
export async function requireSamePredictions(
  loaded: object,
  model: object,
  data: unknown,
): Promise<void> {
  let tried = 0
  for (const method of ['predict', 'predictProba', 'decisionFunction', 'transform'] as const) {
    const call = (one: object): Promise<unknown> | undefined =>
      (one as Record<string, ((X: unknown) => Promise<unknown>) | undefined>)[method]?.(data)
    const expected = await call(model)?.catch(() => undefined)
    if (expected === undefined) continue
    tried++
    assert.deepEqual(bytesOf(await call(loaded)), bytesOf(expected), method)
  }
  assert.ok(tried > 0)
}

/** The bytes of predictions, or their list of labels. */
export function bytesOf(predictions: unknown): unknown {
  if (Array.isArray(predictions)) return predictions
  const { buffer, byteOffset, byteLength } = (predictions as NDArray).toTypedArray()
  return Buffer.from(buffer as ArrayBuffer, byteOffset, byteLength).toString('hex')
}
