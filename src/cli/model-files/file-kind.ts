/** Tells which format a file of arrays or models has. */

import { closeSync, openSync, readSync } from 'node:fs'
import { basename, extname } from 'node:path'
import { statFile } from '../input/stat-file.ts'
import { reasonOf, UsageError } from '../output/failure.ts'

/** A format that commands read or write. */
export type FileKind =
  | 'onecopy'
  | 'npy'
  | 'npz'
  | 'safetensors'
  | 'skops'
  | 'lightgbm'
  | 'xgboost'
  | 'csv'
  | 'table'
  | 'arrow'
  | 'onnx'

/** What people call the formats. */
export const kindNames: Readonly<Record<FileKind, string>> = {
  onecopy: 'a model file (.onecopy)',
  npy: 'an array (.npy)',
  npz: 'arrays (.npz)',
  safetensors: 'arrays (.safetensors)',
  skops: "scikit-learn's model (.skops)",
  lightgbm: "LightGBM's model (.txt)",
  xgboost: "XGBoost's model (.json, .ubj)",
  csv: 'a table (.csv, .tsv)',
  table: 'the folder of a table',
  arrow: 'an Arrow file (.arrow, .feather)',
  onnx: 'an ONNX model (.onnx)',
}

/** The kind that the name of a file stands for; a name without an ending is that of a folder. */
export function kindByName(path: string): FileKind | undefined {
  const kinds: Readonly<Record<string, FileKind>> = {
    '.onecopy': 'onecopy',
    '.npy': 'npy',
    '.npz': 'npz',
    '.safetensors': 'safetensors',
    '.skops': 'skops',
    '.txt': 'lightgbm',
    '.json': 'xgboost',
    '.ubj': 'xgboost',
    '.csv': 'csv',
    '.tsv': 'csv',
    '.arrow': 'arrow',
    '.feather': 'arrow',
    '.onnx': 'onnx',
    '': 'table',
  }
  const ending = extname(path).toLowerCase()
  return Object.hasOwn(kinds, ending) ? kinds[ending] : undefined
}

/**
 * The kind of a file that is there. A text that does not begin as LightGBM's models do is a table.
 *
 * @throws UsageError when there is no such file, or its kind is not known
 */
export function kindOfFile(path: string): FileKind {
  const found = statFile(path)
  if (found === undefined) throw new UsageError(`There is no file '${path}'.`)
  if (found.isDirectory()) return 'table'
  const kind = extname(path) === '' ? undefined : kindByName(path)
  // A pipe can be read once only, and no model can be.
  if (kind === 'lightgbm' && !(found.isFile() && startsLike(path, 'tree'))) return 'csv'
  if (kind !== undefined) return kind
  throw new UsageError(
    `Expected a file that ends in .onecopy, .npy, .npz, .safetensors, .skops, .txt, .json, .ubj, .csv, .tsv, .arrow or .feather, got '${path}'.`,
  )
}

/**
 * Refuses models of other libraries where only a model file will do.
 *
 * @throws UsageError that says how to convert it
 */
export function requireModelFile(path: string): void {
  const kind = kindByName(path)
  if (kind !== 'skops' && kind !== 'lightgbm' && kind !== 'xgboost') return
  const name = basename(path)
  throw new UsageError(
    `Expected ${kindNames.onecopy}, got '${path}'. If it is ${kindNames[kind]}, convert it first: onecopy convert ${name} ${basename(name, extname(name))}.onecopy`,
  )
}

function startsLike(path: string, text: string): boolean {
  try {
    const file = openSync(path, 'r')
    try {
      const start = Buffer.alloc(text.length)
      readSync(file, start, 0, text.length, 0)
      return start.toString('latin1') === text
    } finally {
      closeSync(file)
    }
  } catch (cause) {
    throw new UsageError(`Can't open '${path}': ${reasonOf(cause)}.`, { cause })
  }
}
