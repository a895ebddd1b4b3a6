/** Counts words. */

import { availableParallelism } from 'node:os'
import { seen } from './seen.js'

/** How often each word of at least `minLength` letters stands in a text. */
export function countWords(text, minLength) {
  const counts = new Map()
  for (const [word] of text.toLowerCase().matchAll(/[a-z]+/g))
    if (word.length >= minLength) counts.set(word, (counts.get(word) ?? 0) + 1)
  return counts
}

export const longestOf = (words) => words.reduce((a, b) => (b.length > a.length ? b : a), '')

export const hasCores = () => availableParallelism() > 0

/** Holds what no worker can be sent; no task needs it. */
export const wasSeen = (text) => seen.has(text)
