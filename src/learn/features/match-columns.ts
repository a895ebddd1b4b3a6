/** Finds the columns of a model in a table. */

import { OneCopyError } from '../../errors.ts'
import { listNames, suggestNames } from '../../nearest-names.ts'
import { type PlainColumn, plainColumn, type Table } from '../../tables/index.ts'
import { TableColumns } from '../inputs/table-columns.ts'
import type { TableFeatures } from '../contract/estimator.ts'

/**
 * The columns of a table that an estimator was fitted on, by their names. Others are passed over.
 *
 * @throws OneCopyError `ERR_INDEX` for one that is missing or of another kind, and when the estimator was
 *   fitted on an array
 */
export function matchColumns(
  estimator: object,
  table: Table,
  known: TableFeatures = estimator,
): TableColumns {
  const { featureNamesIn_: names, featureCategoriesIn_: categories } = known
  if (names === undefined || categories === undefined) {
    throw new OneCopyError(
      'ERR_INDEX',
      `Expected an array, as when this ${estimator.constructor.name} was fitted, got a Table: the model knows no names of columns. ` +
        'Fit it on a table, or make an array by the TableEncoder that made the array for fit(): encoder.transform(table).X.',
    )
  }
  const columns = names.map((name, j) => findColumn(estimator, table, name, categories[j]!))
  return TableColumns.like({ names, categories }, columns, table.rows)
}

function findColumn(
  estimator: object,
  table: Table,
  name: string,
  categories: readonly string[] | null,
): PlainColumn {
  const what = `as in the table that this ${estimator.constructor.name} was fitted on`
  if (!table.has(name)) {
    throw new OneCopyError(
      'ERR_INDEX',
      `Expected a column '${name}', ${what}, got a table without it. ${suggestNames(name, table.names)}`,
      { details: { column: name } },
    )
  }
  const column = plainColumn(table.column(name))
  const kind = categories === null ? 'number' : 'category'
  // A column without any value is read as one of numbers, whatever it holds elsewhere.
  if (column.kind === kind || column.missing === table.rows) return column
  const found =
    column.kind === 'number'
      ? 'numbers'
      : `texts such as ${listNames(column.categories.slice(0, 3)).slice(0, -1)}`
  throw new OneCopyError(
    'ERR_INDEX',
    `Expected ${kind === 'number' ? 'numbers' : 'texts'} in column '${name}', ${what}, got ${found}. ` +
      `Read it as before: readCsv(path, { schema: { '${name}': '${kind}' } }).`,
    { details: { column: name, expected: kind, got: column.kind } },
  )
}
