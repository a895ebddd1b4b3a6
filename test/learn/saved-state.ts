/** Saves learned values as .npy files and JSON, without model files. */

import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { array, NDArray, openArray, saveArray } from '../../src/index.ts'
import { type Configurable, learnedState, restore } from '../../src/learn/index.ts'

/** Saves what a fitted model has learned in a folder. */
export async function saveState(folder: string, model: object): Promise<void> {
  await mkdir(folder, { recursive: true })
  const saved: Promise<void>[] = []
  const json = JSON.stringify(learnedState(model as Configurable), (_, value) => {
    // JSON has no NaN and no infinity.
    if (typeof value === 'number' && !Number.isFinite(value)) return { $number: String(value) }
    const isTyped = ArrayBuffer.isView(value)
    if (!isTyped && !(value instanceof NDArray)) return value
    const $array = `${saved.length}.npy`
    saved.push(saveArray(join(folder, $array), isTyped ? array(value as Float64Array) : value))
    return { $array, isTyped }
  })
  await Promise.all(saved)
  await writeFile(join(folder, 'state.json'), json)
}

/** Gives a new model, made with the same options, what was saved. Its arrays are mapped, not read. */
export async function loadState<M extends object>(folder: string, model: M): Promise<M> {
  const json = await readFile(join(folder, 'state.json'), 'utf8')
  const state = JSON.parse(json, (_, value) => {
    if (value?.$number !== undefined) return Number(value.$number)
    if (value?.$array === undefined) return value
    const opened = openArray(join(folder, value.$array))
    return value.isTyped ? opened.toTypedArray() : opened
  })
  return restore(model as M & Configurable, state)
}
