/** Writes a function's syntax without comments, blanks and places. */

import { RecentMap } from '../../../recent-map.ts'
import { parseFunction } from '../scopes/free-variables.ts'

/** What a function's source says, and which modules it imports while it runs. */
export interface SourceText {
  /** Equal for sources that differ in comments, blanks, quotes and how numbers are written. */
  readonly text: string
  /** What `import()` and `require()` in it name by a literal. */
  readonly imports: readonly string[]
}

const known = new RecentMap<string, SourceText>(500)

/**
 * Reads a function's source as it counts for what the function computes. A source that the parser can't read counts as it is
 * written.
 *
 * @param source - what `Function.prototype.toString` gives
 */
export function readSourceText(source: string): SourceText {
  const before = known.get(source)
  if (before !== undefined) return before
  const made = writeSyntax(source)
  known.set(source, made)
  return made
}

function writeSyntax(source: string): SourceText {
  const imports: string[] = []
  try {
    const { root } = parseFunction(source)
    const text = JSON.stringify(root, function (this: Record<string, unknown>, name, value) {
      return simplify(this, name, value, imports)
    })
    return { text, imports }
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error
    return { text: source, imports }
  }
}

/** What of a member of a node says more than where it stands. */
function simplify(
  node: Record<string, unknown>,
  name: string,
  value: unknown,
  imports: string[],
): unknown {
  if (name === 'start' || name === 'end') return undefined
  if (name === 'raw' && node['type'] === 'Literal') return undefined
  noteImport(value, imports)
  if (typeof value === 'bigint' || value instanceof RegExp) return undefined
  // JSON has no Infinity, which a literal such as 1e999 is.
  return value === Infinity ? { number: 'Infinity' } : value
}

interface ImportLike {
  readonly type?: unknown
  readonly source?: { readonly value?: unknown }
  readonly callee?: { readonly type?: unknown; readonly name?: unknown }
  readonly arguments?: readonly { readonly value?: unknown }[]
}

function noteImport(value: unknown, imports: string[]): void {
  if (typeof value !== 'object' || value === null) return
  const node = value as ImportLike
  const isRequire = node.type === 'CallExpression' && node.callee?.name === 'require'
  const found =
    node.type === 'ImportExpression'
      ? node.source?.value
      : isRequire
        ? node.arguments?.[0]?.value
        : undefined
  if (typeof found === 'string') imports.push(found)
}
