/** Makes names from strangers safe to show. */

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

/** Controls, marks of direction, what has no width, line ends, lone surrogates, non-characters. */
const hidden =
  /[\p{Cc}\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb\ufffe\uffff\p{Cs}]/gu
