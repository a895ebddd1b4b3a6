/** Runs `onecopy convert`: writes a file in another format. */

import { type NDArray, openArray, saveArray } from '../../arrays/index.ts'
import {
  openLightGBM,
  openModel,
  openNpz,
  openSafetensors,
  openSkops,
  openXGBoost,
  saveModel,
  saveNpz,
  saveOnnx,
  saveSafetensors,
} from '../../models/index.ts'
import { openTable, readCsv, writeArrow } from '../../tables/index.ts'
import { requireWritable } from '../input/require-writable.ts'
import { statFile } from '../input/stat-file.ts'
import { asUsage, UsageError } from '../output/failure.ts'
import { type FileKind, kindByName, kindNames, kindOfFile } from './file-kind.ts'

/** What each kind can become. */
const targets: Readonly<Record<FileKind, readonly FileKind[]>> = {
  npy: ['npz', 'safetensors'],
  npz: ['npy', 'safetensors', 'npz'],
  safetensors: ['npy', 'npz', 'safetensors'],
  skops: ['onecopy', 'onnx'],
  lightgbm: ['onecopy', 'onnx'],
  xgboost: ['onecopy', 'onnx'],
  onecopy: ['onnx', 'onecopy'],
  csv: ['table', 'arrow'],
  table: ['arrow'],
  arrow: [],
  onnx: [],
}

/**
 * Converts a file. The new one appears whole or not at all.
 *
 * @throws UsageError when the formats don't go together, or a file can't be read; OneCopyError when it can't be written
 */
export async function convertFile(from: string, to: string): Promise<void> {
  const [kind, target] = [kindOfFile(from), kindByName(to)]
  if (target === undefined || !targets[kind].includes(target)) {
    const possible = targets[kind].map((one) => kindNames[one])
    throw new UsageError(
      `Expected to convert ${kindNames[kind]} to ${possible.length === 0 ? 'nothing: onecopy only reads it' : possible.join(' or ')}, got '${to}'.`,
    )
  }
  if (target === 'table') {
    if (statFile(to) !== undefined)
      throw new UsageError(`Expected a folder that is not there yet, got '${to}'.`)
    await asUsage(() => readCsv(from, { out: to }))
    return
  }
  requireWritable(to, 'the second file')
  if (target === 'arrow') {
    const table = await asUsage(() => (kind === 'csv' ? readCsv(from) : openTable(from)))
    await writeArrow(to, table)
    return
  }
  if (target === 'onecopy' || target === 'onnx') {
    const model = await asUsage(() => openAnyModel(from, kind))
    await (target === 'onecopy'
      ? saveModel(model, to)
      : asUsage(() => saveOnnx(model as never, to)))
    return
  }
  await saveArrays(await asUsage(() => openArrays(from, kind)), from, to, target)
}

function openAnyModel(path: string, kind: FileKind): Promise<unknown> {
  if (kind === 'skops') return openSkops(path)
  if (kind === 'lightgbm') return openLightGBM(path)
  return kind === 'xgboost' ? openXGBoost(path) : openModel(path)
}

/** Arrays of a file, and what else it says of them. */
interface FileArrays {
  readonly arrays: Readonly<Record<string, NDArray>>
  readonly metadata?: Readonly<Record<string, string>> | undefined
}

async function openArrays(path: string, kind: FileKind): Promise<FileArrays> {
  if (kind === 'npy') return { arrays: { array: openArray(path) } }
  return kind === 'npz' ? openNpz(path) : openSafetensors(path)
}

async function saveArrays(
  { arrays, metadata }: FileArrays,
  from: string,
  to: string,
  target: FileKind,
): Promise<void> {
  if (target === 'npz') return saveNpz(to, arrays)
  if (target === 'safetensors') return saveSafetensors(to, arrays, metadata && { metadata })
  const [first, ...others] = Object.values(arrays)
  if (first === undefined || others.length > 0)
    throw new UsageError(
      `Expected one array in ${from} for a .npy file, got ${Object.keys(arrays).length}. Convert it to .npz or .safetensors.`,
    )
  await saveArray(to, first)
}
