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
  if (fn.length >= count || !seesOnlyParameters(fn)) return
  const name = fn.name || 'fn'
  throw new TypeError(
    `Expected arguments for \`${name}\`, got an item, its index and the whole list, which would go to a worker with every task. Write xs.map((x) => delayed(${name})(x)), not xs.map(delayed(${name})).`,
  )
}

/** Whether a function takes a fixed number of arguments for certain: no defaults, no rest, no `arguments`. */
function seesOnlyParameters(fn: (...args: never[]) => unknown): boolean {
  const source = Function.prototype.toString.call(fn)
  const [, declared, arrow, single] = parameters.exec(source) ?? []
  const text = declared ?? arrow ?? single
  return text !== undefined && !/=|\.\.\./.test(text) && !/\barguments\b/.test(source)
}

/** `function name(a, b)`, `(a, b) =>`, `a =>`, each perhaps async. */
const parameters =
  /^(?:async\b\s*)?(?:function\b\s*\*?\s*[\w$]*\s*\(([^()]*)\)|\(([^()]*)\)\s*=>|([\w$]+)\s*=>)/
