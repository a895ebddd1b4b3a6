/** Suggests names that are similar to a misspelt one. */

/**
 * A sentence that helps after a name that doesn't exist: the ones close to it or
 * containing it, else all of them.
 *
 * @param wrong - what was given as a name
 * @param names - those that there are
 * @returns for example `Did you mean 'price'?`
 */
export function suggestNames(wrong: unknown, names: readonly string[]): string {
  const near = typeof wrong === 'string' ? nearNames(wrong, names).map((name) => `'${name}'`) : []
  if (near.length > 0) return `Did you mean ${near.join(' or ')}?`
  return `There are ${listNames(names)}`
}

/** Up to three names that are close to a wrong one or contain it; the closest first, then the shortest. */
export function nearNames(wrong: string, names: readonly string[]): string[] {
  const limit = Math.max(1, Math.floor(wrong.length / 3))
  const given = wrong.toLowerCase()
  return (
    names
      .map((name) => {
        const lower = name.toLowerCase()
        const isPart = given.length > 2 && lower.includes(given)
        return { name, distance: isPart ? 1 : editDistance(given, lower) }
      })
      // A name in which no letter stays is another one.
      .filter(
        ({ name, distance }) => distance <= limit && distance < Math.max(given.length, name.length),
      )
      .sort((a, b) => a.distance - b.distance || a.name.length - b.name.length)
      .slice(0, 3)
      .map(({ name }) => name)
  )
}

/** The first names, quoted, with a full stop: `'carat', 'cut' and 8 more.`, or `none.` */
export function listNames(names: readonly string[]): string {
  if (names.length === 0) return 'none.'
  const shown = names.slice(0, 12).map((name) => `'${name}'`)
  const rest = names.length - shown.length
  return `${shown.join(', ')}${rest > 0 ? ` and ${rest} more` : ''}.`
}

/** Insertions, deletions, replacements, and exchanges of neighbours, from one text to another. */
function editDistance(from: string, to: string): number {
  let before: number[] = []
  let last = Array.from({ length: to.length + 1 }, (_, j) => j)
  for (let i = 1; i <= from.length; i++) {
    const row = [i]
    for (let j = 1; j <= to.length; j++) {
      const replaced = last[j - 1]! + (from[i - 1] === to[j - 1] ? 0 : 1)
      const isExchange = i > 1 && j > 1 && from[i - 1] === to[j - 2] && from[i - 2] === to[j - 1]
      const exchanged = isExchange ? before[j - 2]! + 1 : Infinity
      row.push(Math.min(replaced, exchanged, last[j]! + 1, row[j - 1]! + 1))
    }
    before = last
    last = row
  }
  return last[to.length]!
}
