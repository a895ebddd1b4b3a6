/** What pandas', polars' and NumPy's options of tables are called here. */

import { foreignHint } from '../../foreign-options.ts'

/** Hints for options of `readCsv`. */
export const csvHint = foreignHint({
  counterparts: {
    sep: 'delimiter',
    separator: 'delimiter',
    dtype: 'schema',
    dtypes: 'schema',
    schema_overrides: 'schema',
    converters: 'schema',
    col_types: 'schema',
    na_values: 'missing',
    null_values: 'missing',
    missing_values: 'missing',
    na_strings: 'missing',
    na: 'missing',
    usecols: 'columns',
    select: 'columns',
    has_header: 'header',
    col_names: 'header',
    comments: 'comment',
    comment_prefix: 'comment',
    comment_char: 'comment',
    dec: 'decimal',
    decimal_comma: 'decimal',
    index_col: 'rowNames',
    row_names: 'rowNames',
    fill: 'shortRows',
    truncate_ragged_lines: 'shortRows',
    folder: 'out',
    on_progress: 'onProgress',
  },
  instead: {
    encoding: 'files are read as UTF-8; convert others, for example by `iconv -f latin1 -t utf8`',
    names:
      'pass `header: false` where the first row holds no names; columns are then column1, column2, …',
    skiprows: 'pass `comment` for lines that begin with a mark, or remove the lines from the file',
    skip_rows: 'pass `comment` for lines that begin with a mark, or remove the lines from the file',
    skip_header:
      'pass `comment` for lines that begin with a mark, or remove the lines from the file',
    nrows: 'all rows are read; choose some of the columns, or cut the file by `head -n`',
    n_rows: 'all rows are read; choose some of the columns, or cut the file by `head -n`',
    chunksize: 'a file of any size is read in blocks, and the columns are shared with workers',
    low_memory: 'a file of any size is read in blocks, and the columns are shared with workers',
    memory_map: 'pass `out` to write columns to files, which are mapped',
    parse_dates: "dates are texts; read them with `schema: { name: 'category' }`",
    thousands: 'numbers have no separators of thousands; remove them from the file',
    quotechar: 'quotes are double quotes',
    n_threads: 'one thread reads the file',
    engine: 'there is one reader',
  },
})

/** Hints for options of `TableEncoder` and `designMatrix`. */
export const tableHint = foreignHint({
  counterparts: {
    handle_unknown: 'unknown',
    label: 'target',
    labels: 'target',
    y: 'target',
    response: 'target',
    features: 'columns',
    usecols: 'columns',
    cat_features: 'categories',
    encoding: 'categories',
    na_action: 'missing',
    dropna: 'missing',
    handle_missing: 'missing',
    max_cardinality: 'maxCategories',
  },
  instead: {
    drop: 'every category has a column; linear models need none dropped',
    drop_first: 'every category has a column; linear models need none dropped',
    sparse: 'the matrix is dense',
    sparse_output: 'the matrix is dense',
    min_frequency: 'every category has a column; limit their number by `maxCategories`',
    prefix_sep: 'columns are called `column=category`',
    dtype: 'the matrix holds float64',
  },
})
