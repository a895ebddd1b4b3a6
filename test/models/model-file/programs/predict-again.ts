/** Opens each file of a folder, and compares what its model predicts with what it predicted. */

import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import type { NDArray } from '../../../../src/arrays/index.ts'
import { openModel } from '../../../../src/models/index.ts'
import { predictionsOf } from '../predictions-of.ts'

interface Kept {
  readonly model: object
  readonly data: unknown
  readonly predictions: Readonly<Record<string, unknown>>
}

const [folder = ''] = process.argv.slice(2)
const differing: string[] = []
for (const name of readdirSync(folder)) {
  const { model, data, predictions } = await openModel<Kept>(join(folder, name))
  const found = await predictionsOf(model, data)
  const same =
    Object.keys(found).join() === Object.keys(predictions).join() &&
    Object.keys(found).every((method) => bytesOf(found[method]) === bytesOf(predictions[method]))
  if (!same) differing.push(name)
}
console.log(JSON.stringify(differing))

function bytesOf(value: unknown): string {
  if (Array.isArray(value)) return JSON.stringify(value)
  const { buffer, byteOffset, byteLength } = (value as NDArray).toTypedArray()
  return Buffer.from(buffer as ArrayBuffer, byteOffset, byteLength).toString('hex')
}
