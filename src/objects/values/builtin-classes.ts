/** Recognizes objects of the language's own classes, of any context. */

/**
 * Whether an object has no class of its own: `{}`, one without a prototype, the `arguments` of a function. Also of another
 * context, as Jest gives test files.
 */
export function isPlainObject(value: object): boolean {
  const prototype: unknown = Object.getPrototypeOf(value)
  return (
    prototype === Object.prototype ||
    prototype === null ||
    (Object.getPrototypeOf(prototype) === null &&
      Object.hasOwn(prototype as object, 'isPrototypeOf'))
  )
}

/** Whether the class of a map, set, date or the like is the language's own, and none that extends it. */
export function isOfBuiltin(value: object): boolean {
  const prototype: unknown = Object.getPrototypeOf(value)
  if (prototype === null) return false
  const above: unknown = Object.getPrototypeOf(prototype)
  return above !== null && Object.getPrototypeOf(above) === null
}

/** Whether a typed array is of the language's own class, or a Node buffer. */
export function isOfBuiltinArray(value: NodeJS.TypedArray): boolean {
  return Buffer.isBuffer(value) || Object.hasOwn(Object.getPrototypeOf(value), 'BYTES_PER_ELEMENT')
}
