/** Command-line options for reading text files. */

import { type CsvOptions, defaultMissing } from '../../tables/index.ts'
import { UsageError } from '../output/failure.ts'

/** How `.csv` and `.tsv` files are read; what is left out is inferred. */
export interface TableFlags {
  readonly delimiter?: string | undefined
  readonly decimal?: '.' | ',' | undefined
  readonly comment?: string | undefined
  /** Texts that mean "no value", beside the usual ones. */
  readonly missing?: readonly string[] | undefined
  /** Columns that are read as text, whatever stands in them. */
  readonly text?: readonly string[] | undefined
  /** Columns that are not learned from. */
  readonly without?: readonly string[] | undefined
  readonly shortRows?: true | undefined
  readonly trailingDelimiter?: true | undefined
  readonly skipInitialSpace?: true | undefined
  readonly rowNames?: true | undefined
  /** Whether the first row holds names. */
  readonly header: boolean
}

/** Columns of a table that options name. */
interface NamedColumns {
  readonly target: string
  readonly weights?: string | undefined
  readonly groups?: string | undefined
}

/**
 * Refuses options that contradict each other.
 *
 * @throws UsageError
 */
export function requireConsistent(flags: TableFlags, columns: NamedColumns): void {
  for (const flag of ['text', 'without'] as const)
    for (const option of ['target', 'weights', 'groups'] as const) {
      const name = columns[option]
      // Groups may be texts.
      if (name === undefined || (flag === 'text' && option === 'groups')) continue
      if (flags[flag]?.includes(name) === true)
        throw new UsageError(
          `Expected --${flag} to name other columns than --${option}, got '${name}'.`,
        )
    }
  if (!flags.header && flags.rowNames === true)
    throw new UsageError('Expected one of --row-names and --no-header: row names need a header.')
}

/**
 * Refuses options for text files where the file is none.
 *
 * @throws UsageError
 */
export function refuseTableFlags({ header, ...flags }: TableFlags, file: string): void {
  const names = [
    ...Object.entries(flags).flatMap(([name, value]) => (value === undefined ? [] : [name])),
    ...(header ? [] : ['noHeader']),
  ]
  if (names.length === 0) return
  const shown = names.map((name) => `--${name.replaceAll(/[A-Z]/g, (c) => `-${c.toLowerCase()}`)}`)
  throw new UsageError(
    `Expected ${shown.join(', ')} with a .csv or .tsv file only, got it with '${file}'.`,
  )
}

/** Options of a reader of text files. */
export function csvOptions(
  file: string,
  { header, decimal, comment, missing = [], shortRows, delimiter, ...flags }: TableFlags,
): CsvOptions {
  const { rowNames, trailingDelimiter, skipInitialSpace } = flags
  return {
    header,
    decimal,
    comment,
    rowNames,
    trailingDelimiter,
    skipInitialSpace,
    delimiter: delimiter ?? (/\.tsv$/i.test(file) ? '\t' : undefined),
    shortRows: shortRows === true ? 'fill' : 'error',
    missing: [...defaultMissing, ...missing],
  }
}

/** A parser of a delimiter: a shell can't easily pass a tab. */
export function delimiterOf(text: string): string {
  return text === String.raw`\t` || text === 'tab' ? '\t' : text
}

/** A text as an argument in a shell. */
export function shellWord(text: string): string {
  return /^[\w./:@%+-]+$/.test(text) ? text : `'${text.replaceAll("'", String.raw`'\''`)}'`
}
