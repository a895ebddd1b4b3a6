/** Makes untrusted names safe to print. */

/**
 * What a process or a phase is called, for people: a program names itself, so a name may hold
 * control codes that move a terminal's cursor, marks that turn the direction of writing, or halves
 * of a letter that no file format can hold. Each becomes U+FFFD.
 *
 * @param maxLength - how many characters stay; a longer name ends in an ellipsis
 */
export function plainName(name: string, maxLength = 120): string {
  const plain = name.replace(hidden, '\ufffd')
  const characters = Array.from(plain)
  if (characters.length <= maxLength) return plain
  return `${characters
    .slice(0, maxLength - 1)
    .join('')
    .trimEnd()}\u2026`
}

/** A text of several lines, such as an error that quotes a name: made safe like a name, but whole. */
export function plainText(text: string): string {
  return text.replace(hidden, (character) => (character === '\n' ? character : '\ufffd'))
}

/** A copy of plain data to show: every text in it is made safe, also the keys of objects. */
export function plainStrings<T>(value: T): T {
  if (typeof value === 'string') return plainText(value) as T
  if (Array.isArray(value)) return value.map((item: unknown) => plainStrings(item)) as T
  if (typeof value !== 'object' || value === null) return value
  const entries = Object.entries(value).map(([key, item]) => [plainText(key), plainStrings(item)])
  return Object.fromEntries(entries) as T
}

/**
 * Controls, marks of direction, what has no width, line ends, lone surrogates, non-characters; but not
 * the two joiners without which Persian and Hindi, and some emoji, can't be written.
 */
const hidden =
  /[\p{Cc}\u061c\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb\ufffe\uffff\p{Cs}]/gu
