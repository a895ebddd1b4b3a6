/** Detects tasks made by passing `delayed(fn)` to `map`. */

/** Whether these are the arguments that `Array.prototype.map` and its like give: item, index, list. */
export function isCallback(args: readonly unknown[]): boolean {
  const [item, index, list] = args
  return args.length === 3 && Array.isArray(list) && (list as unknown[])[index as number] === item
}

/**
 * Refuses arguments of a callback that `fn` can't see: index and list would go to every task.
 *
 * @throws TypeError
 */
export function requireWanted(fn: (...args: never[]) => unknown, count: number): void {
  const seen = countParameters(Function.prototype.toString.call(fn))
  if (seen === undefined || seen >= count) return
  const name = fn.name || 'fn'
  throw new TypeError(
    `Expected arguments for \`${name}\`, got an item, its index and the whole list, which would go to a worker with every task. Write xs.map((x) => delayed(${name})(x)), not xs.map(delayed(${name})).`,
  )
}

/** How many parameters the source of a function has, those with defaults too; undefined where it may see more, or that is unclear. */
function countParameters(source: string): number | undefined {
  const start = head.exec(source)
  if (start === null || /\barguments\b/.test(source)) return undefined
  if (start[1] !== undefined) return 1
  let depth = 0
  let commas = 0
  for (let at = start[0].length; at < source.length; at++) {
    const sign = source[at]!
    if (sign === ')' && depth === 0) {
      const text = source.slice(start[0].length, at)
      return text.trim() === '' ? 0 : commas + (/,\s*$/.test(text) ? 0 : 1)
    }
    if ('([{'.includes(sign)) depth++
    else if (')]}'.includes(sign)) depth--
    else if (sign === ',' && depth === 0) commas++
    // A rest takes all there is; texts and comments may hold brackets.
    else if ('"\'`/'.includes(sign) || source.startsWith('...', at)) return undefined
  }
  return undefined
}

/** `function name(`, `(`, or `a =>`, each perhaps async. */
const head = /^(?:async\b\s*)?(?:function\b\s*\*?\s*[\w$]*\s*\(|\(|([\w$]+)\s*=>)/
