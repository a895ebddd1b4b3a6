/** Counts words; the enum is TypeScript that Node alone does not run. */

export enum Case {
  AsIs = 1,
  Lower = 2,
}

export function countWords(text: string, letters: Case): Map<string, number> {
  const counts = new Map<string, number>()
  const words = letters === Case.Lower ? text.toLowerCase() : text
  for (const word of words.split(' ')) counts.set(word, (counts.get(word) ?? 0) + 1)
  return counts
}
