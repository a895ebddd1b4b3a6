/** Maps positions in transformed scripts back to the original file. */

import { findSourceMap, type SourceMapping } from 'node:module'
import type { Spot } from './refusals.ts'

/** Marks, in a stack, a function whose lines are those of the changed script. */
const changedMark = '?onecopy-changed'

/** What a worker's stacks call a file: marked, when this process has a source map to translate its lines. */
export function fileInStacks(url: string): string {
  return url.startsWith('file:') && !url.endsWith(changedMark) && findSourceMap(url)
    ? url + changedMark
    : url
}

/** The file of a script, marked or not. */
export function unchangedFile(url: string): string {
  return url.endsWith(changedMark) ? url.slice(0, -changedMark.length) : url
}

/**
 * The place in the file that the user wrote, as far as a source map is at hand; loaders such as tsx have one.
 *
 * @param line - 0-based
 * @param column - 0-based
 */
export function originalPlace(url: string, line: number, column: number): Spot {
  const { url: file, line: row } = findOriginal(url, line, column) ?? { url, line }
  return { url: file, line: row + 1 }
}

/** 0-based position in the original file. */
function findOriginal(
  url: string,
  line: number,
  column: number,
): { url: string; line: number; column: number } | undefined {
  const map = url.startsWith('file:') ? findSourceMap(url) : undefined
  // Empty where the map knows nothing.
  const entry: Partial<SourceMapping> | undefined = map?.findEntry(line, column)
  if (entry?.originalLine === undefined) return undefined
  const { originalSource = '', originalLine, originalColumn = 0 } = entry
  return {
    url: originalSource.startsWith('file:') ? originalSource : url,
    line: originalLine,
    column: originalColumn,
  }
}

/**
 * Translates the marked places in the stacks of an error, its causes and its errors, when it has come from a
 * worker.
 */
export function restoreStack(thrown: unknown, seen: Set<unknown> = new Set()): void {
  if (!(thrown instanceof Error) || seen.has(thrown)) return
  seen.add(thrown)
  const { stack, cause } = thrown
  if (stack?.includes(changedMark) === true) {
    Object.defineProperty(thrown, 'stack', {
      value: stack.replaceAll(markedPlace, translate),
      enumerable: false,
      writable: true,
      configurable: true,
    })
  }
  restoreStack(cause, seen)
  if (thrown instanceof AggregateError) for (const error of thrown.errors) restoreStack(error, seen)
}

const markedPlace = /(file:[^\s()]*?)\?onecopy-changed(?::(\d+):(\d+))?/g

function translate(_: string, url: string, line: string | undefined, column: string): string {
  if (line === undefined) return url
  const original = findOriginal(url, Number(line) - 1, Number(column) - 1)
  if (original === undefined) return `${url}:${line}:${column}`
  return `${original.url}:${original.line + 1}:${original.column + 1}`
}
