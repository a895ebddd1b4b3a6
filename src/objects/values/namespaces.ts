/** Recognizes global objects such as Math, which have no data. */

/** Whether an object without enumerable members is a namespace: Math, JSON, Reflect, Atomics, Intl. */
export function isNamespace(value: object): boolean {
  return Object.hasOwn(value, Symbol.toStringTag)
}
