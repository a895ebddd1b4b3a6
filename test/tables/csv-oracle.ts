/** The plainest reader of CSV that is right, to compare with. */

/** What must be in a table, by column: numbers, and texts or null. */
export type PlainTable = Readonly<Record<string, readonly (number | string | null)[]>>

const missing = new Set([
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
])
const decimal = /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i

/** How a file is read. */
export interface PlainOptions {
  readonly delimiter: string
  readonly header: boolean
  readonly decimal?: '.' | ',' | undefined
  readonly comment?: string | undefined
  readonly rowNames?: boolean | undefined
  readonly shortRows?: 'error' | 'fill' | undefined
  readonly trailingDelimiter?: boolean | undefined
}

/**
 * Reads bytes as `readCsv` documents it.
 *
 * @returns undefined for what must be refused
 */
export function readPlainly(bytes: Buffer, options: PlainOptions): PlainTable | undefined {
  const { header } = options
  const whole = bytes.toString('latin1')
  const newline = newlineOf(whole)
  if (newline === undefined) return undefined
  const start = whole.replace(/^\xef\xbb\xbf/, '')
  const separator = /^("?)sep=[,;\t|: ]\1(\r?\n|\r)/i.exec(start)
  const text = start.slice(separator?.[2]!.endsWith(newline) ? separator[0].length : 0)
  const rows = splitRows(text, options, newline)
  const decoded = rows?.map((fields) => fields.map(decode))
  if (decoded === undefined || decoded.length === 0) return undefined
  if (decoded.some((fields) => fields.includes(undefined))) return undefined
  const [first, ...rest] = decoded as string[][]
  if (options.trailingDelimiter && first!.length > 1 && first!.at(-1)!.trim() === '') first!.pop()
  const names = header
    ? nameAll(options.rowNames ? ['row', ...first!] : first!)
    : first!.map((_, k) => `column${k + 1}`)
  const body = header ? rest : [first!, ...rest]
  for (const fields of body) {
    const isTrailing = options.trailingDelimiter && /^[ \t]*$/.test(fields.at(-1)!)
    if (fields.length === names.length + 1 && isTrailing) fields.pop()
    if (fields.length > names.length) return undefined
    if (fields.length < names.length && options.shortRows !== 'fill') return undefined
  }
  const columns = names.map((name, k) => [
    name,
    readColumn(
      body.map((fields) => fields[k] ?? ''),
      options.decimal ?? '.',
    ),
  ])
  return Object.fromEntries(columns) as PlainTable
}

/** Names that are all different. */
function nameAll(header: readonly string[]): string[] {
  const names: string[] = []
  const given = header.map((name) => name.trim())
  for (const [k, name] of given.entries()) {
    const base = name || `column${k + 1}`
    const isTaken = (other: string): boolean =>
      names.includes(other) || (other !== name && given.includes(other))
    let free = base
    for (let number = 2; isTaken(free); number++) free = `${base}.${number}`
    names.push(free)
  }
  return names
}

/** A line feed, unless the first line ends in a carriage return alone; undefined for both. */
function newlineOf(text: string): string | undefined {
  const plain = text.replaceAll(/"[^"]*("|$)/g, '_')
  const end = /\r\n|\r(?=.)|\n/s.exec(plain)?.[0]
  if (end !== '\r') return '\n'
  return plain.includes('\n') ? undefined : '\r'
}

/** Rows of fields as bytes; undefined when a quote is wrong. */
function splitRows(
  text: string,
  { delimiter, comment }: PlainOptions,
  newline: string,
): string[][] | undefined {
  const blank = newline === '\n' ? /^[ \t]*(\r?\n|\r?$)/ : /^[ \t]*(\r|$)/
  const rows: string[][] = []
  for (let rest = text; rest !== '';) {
    const skipped = blank.exec(rest)?.[0]
    if (skipped !== undefined && !skipped.includes(delimiter)) {
      rest = rest.slice(skipped.length)
      continue
    }
    if (comment !== undefined && rest.startsWith(comment)) {
      const end = rest.indexOf(newline)
      rest = end < 0 ? '' : rest.slice(end + 1)
      continue
    }
    const fields: string[] = []
    for (let isLast = false; !isLast;) {
      const quoted = rest.startsWith('"') ? /^"((?:[^"]|"")*)"(?!")/.exec(rest) : undefined
      if (quoted === null) return undefined
      if (quoted !== undefined) rest = rest.slice(quoted[0].length)
      let stop = 0
      while (stop < rest.length && rest[stop] !== delimiter && rest[stop] !== newline) stop++
      isLast = rest[stop] !== delimiter
      let plain = rest.slice(0, stop)
      if (isLast && newline === '\n' && plain.endsWith('\r')) plain = plain.slice(0, -1)
      if (quoted !== undefined && /[^ \t]/.test(plain)) return undefined
      fields.push(quoted === undefined ? plain : quoted[1]!.replaceAll('""', '"'))
      rest = rest.slice(stop + 1)
    }
    rows.push(fields)
  }
  return rows
}

/** Bytes as text; undefined when they are none. */
function decode(field: string): string | undefined {
  try {
    const bytes = Buffer.from(field, 'latin1')
    const text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes)
    return text.includes('\0') ? undefined : text
  } catch {
    return undefined
  }
}

function readColumn(fields: readonly string[], point: '.' | ','): (number | string | null)[] {
  const isMissing = (field: string): boolean =>
    missing.has(field.replaceAll(/^[ \t]+|[ \t]+$/g, ''))
  const texts = fields.filter((field) => !isMissing(field)).map((field) => field.trim())
  if (texts.some((text) => /^0\d+$/.test(text)))
    return fields.map((field) => (isMissing(field) ? null : field))
  const numbers = fields.map((field) => (isMissing(field) ? NaN : readNumber(field.trim(), point)))
  if (!numbers.includes(undefined)) {
    const isNumber = (field: string): boolean => !isMissing(field) && !/nan/i.test(field)
    return isWide(
      fields.filter(isNumber).map((field) => field.trim()),
      point,
    )
      ? fields.map(
          (field, row) => (isNumber(field) ? exactly(field, numbers[row]!) : NaN) as number,
        )
      : (numbers as number[])
  }
  return fields.map((field) => (isMissing(field) ? null : field))
}

const digits = /^[+-]?\d+$/

function toBigInt(text: string): bigint {
  return BigInt(text.trim().replace('+', ''))
}

/** A number, or a bigint where a double does not hold it. */
function exactly(field: string, value: number): number | bigint {
  if (!digits.test(field.trim())) return value + 0
  const exact = toBigInt(field)
  return Number.isSafeInteger(Number(exact)) ? Number(exact) : exact
}

/** Whether numbers are whole ones of 64 bits of which a double rounds some. */
function isWide(texts: readonly string[], point: '.' | ','): boolean {
  const fits = (text: string): boolean => {
    const value = readNumber(text, point)!
    if (Math.abs(value) < 2 ** 53) return Number.isInteger(value)
    return digits.test(text) && toBigInt(text) > -(2n ** 63n) && toBigInt(text) < 2n ** 63n
  }
  const isRounded = (text: string): boolean =>
    digits.test(text) && BigInt(Number(text)) !== toBigInt(text)
  return texts.every(fits) && texts.some(isRounded)
}

function readNumber(text: string, point: '.' | ','): number | undefined {
  const swapped = point === ',' ? text.replaceAll(/[.,]/g, (c) => (c === ',' ? '.' : ',')) : text
  if (decimal.test(swapped)) return Number(swapped)
  if (/^[+-]?nan$/i.test(text)) return NaN
  if (/^[+-]?inf(inity)?$/i.test(text)) return text.startsWith('-') ? -Infinity : Infinity
  return undefined
}
