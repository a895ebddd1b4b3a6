/** Rewrites a function's source so that it can stand alone. */

import type { Source } from './source.ts'

/**
 * The source with names for `import.meta` and for what a class extends, and with one for a method's key that means
 * nothing elsewhere. Lines and, but for a class's first line, columns stay.
 */
export function rewrite(
  { text, facts }: Source,
  meta: string | undefined,
  parent: string | undefined,
): string {
  const edits: [number, number, string][] = []
  if (facts.key !== undefined) edits.push([...facts.key, 'm'])
  if (facts.heritage !== undefined) edits.push([...facts.heritage, parent!])
  for (const range of facts.metas) edits.push([...range, meta!])
  let rewritten = text
  for (const [start, stop, name] of edits.toSorted(([a], [b]) => b - a)) {
    const rest = text.slice(start + name.length, stop).replaceAll(/[^\n]/g, ' ')
    rewritten = rewritten.slice(0, start) + name + rest + rewritten.slice(stop)
  }
  return rewritten
}

/** A name that the source does not use, as long as `import.meta` so that columns stay. */
export function freshName(text: string, start: string): string {
  for (let i = 0; ; i++) {
    const name = `${start}_${i.toString(36).padStart(4, '_')}`
    if (!text.includes(name)) return name
  }
}
