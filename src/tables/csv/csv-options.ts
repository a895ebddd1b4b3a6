/** Checks and completes the options of readCsv. */

import { OneCopyError, show } from '../../errors.ts'
import { csvHint } from './foreign-options.ts'
import type { TextEncoding } from './source/plain-text.ts'
import {
  boolean,
  callback,
  internal,
  isString,
  isStringList,
  oneOf,
  type OptionTypes,
  requireOptions,
  signal,
  wholeNumber,
} from '../../options.ts'

/** How a column is read: as numbers, or as texts that become codes. */
export type ColumnKind = 'number' | 'category'

/** Options of {@link readCsv}. */
export interface CsvOptions {
  /** The ASCII character between fields. Default: detected among `,` `;` tab and `|`. */
  readonly delimiter?: string | undefined
  /**
   * The decimal separator: `'.'` (default), or `','` as in `1,5`. Where the comma is the delimiter too, numbers
   * with a fraction must be quoted: `"1,5"`.
   */
  readonly decimal?: '.' | ',' | undefined
  /**
   * The separator of thousands in numbers, as in `1,234.5`: `','`, `'.'`, `' '`, `"'"` or `'_'`. It counts between groups of three digits; a number that holds
   * the delimiter must be quoted. Default: none.
   */
  readonly thousands?: ',' | '.' | ' ' | "'" | '_' | undefined
  /** How many lines to skip at the beginning, such as a title above the names; blank ones and comments count. Default 0. */
  readonly skipRows?: number | undefined
  /** Read at most so many rows, and nothing behind them. Default: all. */
  readonly rowLimit?: number | undefined
  /** Drop blanks around texts, but those in quotes. Default false: texts are kept as they are. */
  readonly trim?: boolean | undefined
  /**
   * Whether the first row holds the names. If not, columns are called `column1`, `column2`, … Default true, with a
   * warning when all names are numbers.
   */
  readonly header?: boolean | undefined
  /**
   * Encoding of the text: `'utf-8'`, `'latin1'` (ISO 8859-1), `'utf-16le'` or `'utf-16be'`. Default: UTF-16 where the text begins with a byte
   * order mark of it, else UTF-8.
   */
  readonly encoding?: TextEncoding | undefined
  /** Skip lines that begin with this ASCII character, such as `#`. Default: no line is a comment. */
  readonly comment?: string | undefined
  /**
   * Whether rows begin with a name that has no field in the header, as R's `write.table` writes them.
   * The names become a column called `row`. Default false.
   */
  readonly rowNames?: boolean | undefined
  /** What to do with a row that ends early: refuse it (default), or fill it with missing values. */
  readonly shortRows?: 'error' | 'fill' | undefined
  /** Accept a delimiter after the last field of a row. Default false. */
  readonly trailingDelimiter?: boolean | undefined
  /** Skip blanks before each field, so that `1, "x, y"` is a number and a quoted text. Default false. */
  readonly skipInitialSpace?: boolean | undefined
  /** Names of the columns to read; others are skipped. Default: all. */
  readonly columns?: readonly string[] | undefined
  /** Kinds of columns, instead of inferring them. A text in a `'number'` column is an error. */
  readonly schema?: Readonly<Record<string, ColumnKind>> | undefined
  /** Texts that mean "no value", ignoring blanks around them. Default: {@link defaultMissing}. */
  readonly missing?: readonly string[] | undefined
  /** Folder to create for the table, with a `.npy` file for each column. Default: scratch memory. */
  readonly out?: string | undefined
  /** Called with the progress, at most 60 times a second. */
  readonly onProgress?: ((progress: CsvProgress) => void) | undefined
  /** Stops reading; the promise rejects with the signal's reason. */
  readonly signal?: AbortSignal | undefined
  /** @internal Size of the read buffer, for tests. */
  readonly chunkBytes?: number | undefined
}

/** Progress of a reading. */
export interface CsvProgress {
  /** Bytes read in this pass. */
  readonly bytes: number
  /** Bytes that each pass reads. */
  readonly totalBytes: number
  /** Rows read in this pass. */
  readonly rows: number
  /** 1; or 2, when columns whose first text came late are read again. */
  readonly pass: 1 | 2
}

/** Texts that mean "no value" unless the user says otherwise. */
export const defaultMissing: readonly string[] = [
  '',
  'NA',
  'N/A',
  'n/a',
  '#N/A',
  '<NA>',
  'NaN',
  'nan',
  'NULL',
  'Null',
  'null',
]

/** Options with nothing left open. */
export interface SettledOptions {
  readonly delimiter: string | undefined
  readonly decimal: '.' | ','
  readonly encoding: TextEncoding | undefined
  readonly thousands: string | undefined
  readonly skipRows: number
  readonly rowLimit: number
  readonly trim: boolean
  readonly header: boolean
  /** Whether the user has said something about the first row or the names in it. */
  readonly isHeaderKnown: boolean
  readonly comment: string | undefined
  readonly rowNames: boolean
  readonly shortRows: 'error' | 'fill'
  readonly trailingDelimiter: boolean
  readonly skipInitialSpace: boolean
  readonly columns: readonly string[] | undefined
  readonly schema: ReadonlyMap<string, ColumnKind>
  readonly missing: ReadonlySet<string>
  readonly out: string | undefined
  readonly onProgress: (progress: CsvProgress) => void
  readonly signal: AbortSignal | undefined
  readonly chunkBytes: number
}

const types: OptionTypes<CsvOptions> = {
  delimiter: [isString, 'one character'],
  decimal: oneOf('.', ','),
  encoding: oneOf('utf-8', 'latin1', 'utf-16le', 'utf-16be'),
  thousands: oneOf(',', '.', ' ', "'", '_'),
  skipRows: wholeNumber(0, Number.MAX_SAFE_INTEGER),
  rowLimit: wholeNumber(0, Number.MAX_SAFE_INTEGER),
  trim: boolean,
  header: boolean,
  comment: [isString, 'one character'],
  rowNames: boolean,
  shortRows: oneOf('error', 'fill'),
  trailingDelimiter: boolean,
  skipInitialSpace: boolean,
  columns: [isStringList, 'a list of names of columns'],
  schema: [
    (value) => typeof value === 'object' && value !== null,
    "an object such as { age: 'number', name: 'category' }",
  ],
  missing: [isStringList, "a list of texts such as ['', 'NA']"],
  out: [isString, 'the path of a folder'],
  onProgress: callback,
  signal,
  chunkBytes: internal([(value) => typeof value === 'number', 'a number of bytes']),
}

/**
 * Checks options and completes them.
 *
 * @throws OneCopyError `ERR_OPTION`; TypeError
 */
export function settleOptions(options: CsvOptions): SettledOptions {
  requireOptions('readCsv', options, types, csvHint(types))
  const schema = new Map(Object.entries(options.schema ?? {}))
  for (const [name, kind] of schema) {
    if (kind !== 'number' && kind !== 'category')
      throw badOption(`\`schema\` to say 'number' or 'category' for '${name}'`, kind)
  }
  const { delimiter, columns } = options
  if (delimiter !== undefined && !/^[^\w"\r\n.+\-\u0080-\uffff]$/.test(delimiter)) {
    throw badOption(
      "`delimiter` to be one ASCII character such as ',' or '\\t', no letter, digit, quote, sign, point or line end",
      delimiter,
    )
  }
  const { comment, rowNames = false, header = true } = options
  if (comment !== undefined && !/^[!#$%&'*/:;<=>?@\\^_`{|}~]$/.test(comment)) {
    throw badOption("`comment` to be one ASCII character such as '#' or '%'", comment)
  }
  if (comment !== undefined && comment === delimiter)
    throw badOption('`comment` to be another character than `delimiter`', comment)
  if (options.thousands !== undefined && options.thousands === (options.decimal ?? '.'))
    throw badOption('`thousands` to be another character than `decimal`', options.thousands)
  if (rowNames && !header) throw badOption('`header` to be true where `rowNames` is', false)
  if (columns?.length === 0) throw badOption('`columns` to be a list of at least one name', columns)
  return {
    delimiter,
    decimal: options.decimal ?? '.',
    encoding: options.encoding,
    thousands: options.thousands,
    skipRows: options.skipRows ?? 0,
    rowLimit: options.rowLimit ?? Infinity,
    trim: options.trim ?? false,
    header,
    isHeaderKnown: options.header !== undefined || columns !== undefined || schema.size > 0,
    comment,
    rowNames,
    shortRows: options.shortRows ?? 'error',
    trailingDelimiter: options.trailingDelimiter ?? false,
    skipInitialSpace: options.skipInitialSpace ?? false,
    columns,
    schema,
    missing: new Set((options.missing ?? defaultMissing).map((text) => text.trim())),
    out: options.out,
    onProgress: options.onProgress ?? (() => {}),
    signal: options.signal,
    chunkBytes: options.chunkBytes ?? 1 << 18,
  }
}

function badOption(expected: string, got: unknown): OneCopyError {
  return new OneCopyError('ERR_OPTION', `Expected ${expected}, got ${show(got)}.`)
}
