/** Reads a file that describes an ensemble. */

import { closeSync, openSync, readSync } from 'node:fs'
import type { ScorerName } from '../../learn/index.ts'
import { plainText } from '../../plain-name.ts'
import type { InputTask } from '../input/input.ts'
import { requireFile } from '../input/stat-file.ts'
import { reasonOf, UsageError } from '../output/failure.ts'
import { findMistake } from './check-json.ts'
import { ensembleSchema } from './ensemble-schema.ts'
import { findJsonFault } from './json-fault.ts'

/** An ensemble as a file describes it. */
export interface EnsembleFile {
  readonly task?: InputTask
  readonly folds?: number
  readonly seed?: number
  readonly scorer?: ScorerName
  readonly onError?: 'stop' | 'skip'
  readonly layers: readonly LayerEntry[]
  readonly meta?: Entry
}

/** A layer of it. */
interface LayerEntry {
  readonly groups: readonly {
    readonly preprocess?: readonly Entry[]
    readonly learners: readonly Entry[]
  }[]
  readonly folds?: number
  readonly propagateFeatures?: readonly (string | number)[]
}

/** A learner or step: its type, or that with options. */
export type Entry =
  string | { readonly type: string; readonly name?: string; readonly options?: object }

/** Most characters of such a file: nobody writes a megabyte of them. */
const mostCharacters = 1_000_000

/**
 * Reads and checks a file.
 *
 * @throws UsageError that names the line and column, or the path in the JSON, what is expected there and what it is
 */
export function readEnsembleFile(file: string): EnsembleFile {
  requireFile(file)
  const text = readText(file)
  const fault = findJsonFault(text)
  if (fault !== undefined) {
    const { line, column, expected, got } = fault
    const shown = plainText(got)
    throw new UsageError(
      `${file}: expected ${expected} at line ${line}, column ${column}, got ${shown.includes("'") || shown.includes(' ') ? shown : `'${shown}'`}. It has to be JSON.`,
    )
  }
  const value: unknown = JSON.parse(text)
  const mistake = findMistake(value, ensembleSchema())
  if (mistake === undefined) return value as EnsembleFile
  throw wrongEntry(file, mistake.path, mistake.text)
}

/** The error for an entry of a file. */
export function wrongEntry(file: string, path: string, text: string): UsageError {
  return new UsageError(`${file}${path === '' ? '' : `, ${path}`}: ${text}`)
}

function readText(file: string): string {
  let text: string
  try {
    text = readStart(file, 4 * (mostCharacters + 1))
  } catch (cause) {
    throw new UsageError(`Can't read '${file}': ${reasonOf(cause)}.`, { cause })
  }
  if (text.length <= mostCharacters) return text.replace(/^\ufeff/, '')
  throw new UsageError(
    `Expected ${file} to describe an ensemble in at most ${mostCharacters} characters, got more.`,
  )
}

/** The first bytes of a file as text: a device may have no end. */
function readStart(file: string, most: number): string {
  const bytes = Buffer.alloc(most)
  const fd = openSync(file, 'r')
  try {
    let length = 0
    for (;;) {
      const read = readSync(fd, bytes, length, most - length, null)
      length += read
      if (read === 0 || length === most) return bytes.toString('utf8', 0, length)
    }
  } finally {
    closeSync(fd)
  }
}
