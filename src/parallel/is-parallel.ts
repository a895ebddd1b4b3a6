/** Tells instances of Parallel from other values, without its code. */

const instances = new WeakSet<object>()

/** Makes an instance of Parallel known. */
export function enterParallel(instance: object): void {
  instances.add(instance)
}

/** Whether a value is a Parallel. */
export function isParallel(value: unknown): boolean {
  return typeof value === 'object' && value !== null && instances.has(value)
}
