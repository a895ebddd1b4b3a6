/** Advice about tables that names the options of the command. */

import type { OneCopyError } from '../../errors.ts'
import type { TableWarning } from '../../tables/index.ts'
import type { InputTask } from './input.ts'
import { shellWord } from './table-flags.ts'

const skipBlanks = 'If blanks before a field mean nothing, pass --skip-initial-space.'

/** Advice by what an error says is the likely cause; the library's own names its options. */
const advices: Readonly<Record<string, string>> = {
  'no-header':
    'If the first row is no header, pass --no-header; columns are then column1, column2, and so on.',
  'trailing-delimiter':
    'The row ends with a delimiter. If all rows may, pass --trailing-delimiter.',
  'header-delimiter':
    'The header ends with a delimiter. If rows do not, pass --trailing-delimiter.',
  'row-names':
    "The rows have one field more than the header, as in files of R's write.table. If they begin " +
    'with the name of the row, pass --row-names.',
  'quote-after-blank': `A quote that follows a blank is part of the text. ${skipBlanks}`,
  'short-row':
    'If rows may leave out their last fields, pass --short-rows; the fields left out are missing.',
}

/** The text of an error of `readCsv`, with the command's options in place of the library's. */
export function faultText({ code, message, details }: OneCopyError): string {
  const { advice, likely, comment } = details
  if (typeof advice === 'string' && typeof likely === 'string') {
    const own =
      likely === 'comment'
        ? `A line begins with '${String(comment)}'. If such lines are comments, pass --comment ${shellWord(String(comment))}.`
        : likely === 'other-delimiter'
          ? delimiterAdvice(advice)
          : likely === 'ambiguous-commas'
            ? advice.replaceAll(/`delimiter: ('.')`/g, '--delimiter $1')
            : advices[likely]
    return own === undefined ? message : message.replace(advice, () => own)
  }
  if (code !== 'ERR_OPTION') return message
  return message.replaceAll(/`(delimiter|decimal|comment)`/g, '--$1')
}

function delimiterAdvice(advice: string): string {
  return advice.replace(/`delimiter: ('.+')`/, '--delimiter $1')
}

/** A warning about values that were read, with the command's options in its advice. */
export function warningText({ kind, column, value, message, advice }: TableWarning): string {
  const asText = `--text ${shellWord(column)}`
  if (kind === 'quote-after-blank') return `${message} ${skipBlanks}`
  if (kind === 'formatted-numbers')
    return `${message} To learn from them as numbers, remove these characters from the file; if these are texts, pass ${asText}.`
  if (kind === 'renamed') return `${message} ${advice}`
  if (kind === 'one-column') return `${message} ${delimiterAdvice(advice)}`
  if (kind === 'decimal-comma')
    return `${message} If the comma is a decimal point, pass --decimal ','; if these are texts, pass ${asText}.`
  if (kind === 'text-among-numbers')
    return `${message} ${missingAdvice(value)} If the others are texts, too, pass ${asText}.`
  return `${message} To keep it as it is, pass ${asText}.`
}

/**
 * What to do about a text in the target.
 *
 * @param isFirst - whether it stands in the first row, so that nothing says that the column has numbers
 * @param task - what was asked for
 */
export function targetAdvice(text: string, isFirst: boolean, task: InputTask | undefined): string {
  if (decimalComma.test(text)) return missingAdvice(text)
  const asClasses =
    task === 'regression'
      ? 'To predict texts as classes, leave out --task.'
      : 'To predict all values as classes, pass --task classification.'
  if (isFirst && /\p{L}{2}/u.test(text) && task === 'regression') return asClasses
  return `If the others in this column are numbers and this one means "no value", pass --missing ${shellWord(text)}. ${asClasses}`
}

const decimalComma = /^\s*[+-]?(?:\d+,\d*|,\d+)\s*$/

/** What to do about a text where a number should be. */
function missingAdvice(text: string): string {
  if (decimalComma.test(text)) return "If the comma is a decimal point, pass --decimal ','."
  return `If it means "no value", pass --missing ${shellWord(text)}.`
}
