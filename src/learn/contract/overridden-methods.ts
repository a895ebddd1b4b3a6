/** Tells whether a subclass has changed what a class promises. */

/**
 * Whether a method is defined by a subclass of the class that defines another one. Then what the other one does, which
 * knows nothing of the subclass, can't stand for it.
 *
 * @param object - an instance
 * @param name - of the method
 * @param other - name of the other one
 */
export function isOverridden(object: object, name: string, other: string): boolean {
  return depthOf(object, name) < depthOf(object, other)
}

/** How many prototypes lie between an object and the one that has a property; Infinity when none has it. */
function depthOf(object: object, name: string): number {
  let depth = 0
  for (let owner: object | null = object; owner !== null; depth++) {
    if (Object.hasOwn(owner, name)) return depth
    owner = Object.getPrototypeOf(owner) as object | null
  }
  return Infinity
}
