/** Errors about targets that are columns of tables. */

import { type RowSelection, toRowNumbers } from '../../arrays/index.ts'
import { requireRows } from '../../arrays/internal.ts'
import { isOneCopyError, OneCopyError } from '../../errors.ts'
import { listNames } from '../../nearest-names.ts'
import type { CategoryColumn, Column } from '../../tables/index.ts'

/**
 * Names the column of a table that is the target which an error is about.
 *
 * @param estimator - what was fitted
 * @param column - the target; undefined: it is no column
 * @param rows - those that were read; undefined: all
 * @param cause - what was thrown
 * @returns what to throw
 */
export function explainTarget(
  estimator: object,
  column: Column | undefined,
  rows: RowSelection | undefined,
  cause: unknown,
): unknown {
  if (column === undefined) return cause
  const name = estimator.constructor.name
  return column.kind === 'category'
    ? explainTexts(name, column, cause)
    : explainHole(name, column, rows, cause)
}

/** A cell without a value, which learners meet as NaN. */
function explainHole(
  estimator: string,
  column: Exclude<Column, CategoryColumn>,
  rows: RowSelection | undefined,
  cause: unknown,
): unknown {
  if (!isOneCopyError(cause) || cause.code !== 'ERR_VALUE') return cause
  if (!/got NaN in `y`|labels in `y` to be finite numbers, got NaN/.test(cause.message))
    return cause
  const numbers = toRowNumbers(requireRows(rows, column.size))
  const row = numbers.find((number) => column.isMissing(number))
  if (row === undefined) return cause
  // An ensemble takes no `rows`.
  const isEnsemble = /Learner `/.test(cause.message)
  const way = isEnsemble
    ? `designMatrix(table, { target: '${column.name}', missing: 'drop' })`
    : `rows: table.column('${column.name}').toArray().map((value) => !Number.isNaN(value))`
  return new OneCopyError(
    'ERR_VALUE',
    `Expected a value in every row of column '${column.name}', the target of ${estimator}, got none in row ${row} (counted from 0). ` +
      `Leave such rows out, by \`${way}\`; or fill in their values. If the cells hold texts, look at \`missing\` of readCsv.`,
    { cause, details: { column: column.name, row } },
  )
}

/** What learners of numbers say of texts; what follows is advice. */
const advice = /Targets are numbers here\.|\w+ stacks regressions here:/

/** Texts where numbers are learned. */
function explainTexts(estimator: string, column: CategoryColumn, cause: unknown): unknown {
  if (!(cause instanceof TypeError)) return cause
  const at = cause.message.search(advice)
  if (at === -1) return cause
  const { categories, name } = column
  const texts = categories.filter((text) => !Number.isFinite(Number(text)))
  // Then it is a column of numbers, in which a few texts mean that there is no value.
  const isMostlyNumbers = texts.length > 0 && texts.length * 2 < categories.length
  const shown = listNames((isMostlyNumbers ? texts : categories).slice(0, 3))
  const reading = isMostlyNumbers
    ? ` Most texts of '${name}' are numbers: if the others mean that there is no value, read them as missing by readCsv(path, { missing: [...defaultMissing, '${texts[0]}'] }).`
    : ''
  return new OneCopyError(
    'ERR_INDEX',
    `Expected numbers in column '${name}', the target of ${estimator}, got texts such as ${shown} ${cause.message.slice(at)}${reading}`,
    { cause, details: { column: name } },
  )
}
