/** Reads the export that stands right before a function in its module. */

/** What stands in a line before the parameters of a function, or before an arrow function. */
const declared = /\bexport +(?:async +)?function *\*? *(\w+) *$/
const constant = /\bexport +const +(\w+) *= *$/

/**
 * Reads an export as most are written: `export function f(` or `export const f = (`. To parse the module for it would
 * take 10 ms of a program's start.
 *
 * @param source - the text of an ES module that V8 runs
 * @param position - where V8 says that a function begins: so what stands before it is code, not a comment
 * @returns the name of the export; undefined when it is written in another way, or may be reassigned
 */
export function writtenExport(source: string, position: number): string | undefined {
  const line = source.slice(source.lastIndexOf('\n', position - 1) + 1, position)
  const name = declared.exec(line)?.[1]
  if (name !== undefined) return mayBeReassigned(source, name) ? undefined : name
  // The value of the constant is an arrow function itself, but may be a member of a class.
  return source.startsWith('class', position) ? undefined : constant.exec(line)?.[1]
}

/** Anything but calls of the function and reads of its members may be an assignment, comments included. */
function mayBeReassigned(source: string, name: string): boolean {
  // An identifier can be written with escapes.
  return source.includes('\\u') || new RegExp(`\\b${name}\\b(?!\\s*[(.])`).test(source)
}
