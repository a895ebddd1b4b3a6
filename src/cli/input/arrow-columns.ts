/** Opens Arrow files for models. */

import { extname } from 'node:path'
import { type BooleanColumn, CategoryColumn, openArrow, type Table } from '../../tables/index.ts'

/** Whether a name is that of an Arrow file. */
export function isArrowFile(file: string): boolean {
  const ending = extname(file).toLowerCase()
  return ending === '.arrow' || ending === '.feather'
}

/**
 * Opens an Arrow file with columns that models take: texts, true and false become categories as in a CSV file, days and points in time
 * numbers.
 *
 * @param names - of the columns to open; default: all
 * @throws what `openArrow` throws
 */
export function openArrowColumns(file: string, names?: readonly string[]): Table {
  const table = openArrow(file, names === undefined ? {} : { columns: names })
  return table.columns.reduce((changed, column) => {
    if (column.kind === 'text') return changed.withColumn(column.toCategories())
    if (column.kind === 'boolean') return changed.withColumn(categoriesOf(column))
    return column.kind === 'date' ? changed.withColumn(column.toNumbers()) : changed
  }, table)
}

function categoriesOf(column: BooleanColumn): CategoryColumn {
  const { name, validity } = column
  return new CategoryColumn(name, column.toNumbers().values, ['false', 'true'], { validity })
}
