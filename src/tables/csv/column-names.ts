/** Gives each column a unique name. */

/** The names of a file's columns. */
export interface ColumnNames {
  readonly names: readonly string[]
  /** Columns whose name stood in the header before, and was changed. */
  readonly renamed: readonly { readonly column: number; readonly header: string }[]
  /** Columns whose name begins with a quote that means itself, because blanks come before it. */
  readonly quoted: readonly number[]
}

/**
 * Gives every column a name of its own. The first column with a name keeps it; later ones become
 * `a.2`, `a.3` …, and a column without a name becomes `column` with its number. No made name is one
 * that stands in the header.
 *
 * @param fields - the header, left to right
 */
export function nameColumns(fields: readonly string[]): ColumnNames {
  const given = fields.map((field) => field.trim())
  const taken = new Set(given)
  const used = new Set<string>()
  const last = new Map<string, number>()
  const renamed: { column: number; header: string }[] = []
  const makeFree = (base: string): string => {
    let number = (last.get(base) ?? 1) + 1
    while (taken.has(`${base}.${number}`)) number++
    last.set(base, number)
    const name = `${base}.${number}`
    taken.add(name)
    return name
  }
  const names = given.map((header, column) => {
    const base = header === '' ? nameByPlace(column) : header
    const isFree = header === '' ? !taken.has(base) : !used.has(base)
    if (!isFree && header !== '') renamed.push({ column, header })
    const name = isFree ? base : makeFree(base)
    used.add(name)
    return name
  })
  const quoted = [...fields.keys()].filter((column) => /^[ \t]+"/.test(fields[column]!))
  return { names, renamed, quoted }
}

/** The name of a column that has none: `column3` for the third. */
export function nameByPlace(index: number): string {
  return `column${index + 1}`
}
