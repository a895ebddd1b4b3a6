/** Options of commands that read text files. */

import type { Command, OptionValues } from '@commander-js/extra-typings'
import { delimiterOf, type TableFlags } from '../input/table-flags.ts'
import { oneMore, oneOf } from './command.ts'

/** Options that say how .csv and .tsv files are read, as the parser gives them. */
type TableOptions = Omit<TableFlags, 'text' | 'without'>

/** Adds options that say how .csv and .tsv files are read. */
export function addTableOptions<Args extends unknown[], Options extends OptionValues>(
  command: Command<Args, Options>,
): Command<Args, Options & TableOptions> {
  const added = command
    .optionsGroup('Reading .csv and .tsv files:')
    .option(
      '--delimiter <character>',
      'character between fields (default: detect , ; tab or |)',
      delimiterOf,
    )
    .option(
      '--decimal <character>',
      'decimal separator: . or , (default: .)',
      oneOf('--decimal', ['.', ',']),
    )
    .option('--comment <character>', 'skip lines that begin with this character, such as #')
    .option(
      '--missing <text>',
      'text that means "no value", in addition to empty cells, NA, NaN and null (repeatable)',
      oneMore,
    )
    .option('--short-rows', 'accept rows that end early; the fields left out are missing')
    .option('--skip-initial-space', 'skip blanks before each field, so that quotes may follow them')
    .option('--trailing-delimiter', 'accept a delimiter after the last field of a row')
    .option(
      '--row-names',
      "rows begin with a name that has no field in the header, as in R's write.table",
    )
    .option('--no-header', 'the first row is data; columns are called column1, column2, …')
  return added as unknown as Command<Args, Options & TableOptions>
}
