/** Sets members of objects that are made of data. */

/** Sets a member that a loop shows; one called `__proto__` or `constructor` is data like any other. */
export function setMember(target: object, key: string, value: unknown): void {
  if (key in target) defineMember(target, key, value, true)
  else (target as Record<string, unknown>)[key] = value
}

/** Sets a member that no loop shows, such as the message of an error. */
export function setHidden(target: object, key: string, value: unknown): void {
  defineMember(target, key, value, false)
}

/** Sets a member, also in the place of one that the class of `target` has or refuses to have set. */
export function defineMember(
  target: object,
  key: string,
  value: unknown,
  enumerable: boolean,
): void {
  Object.defineProperty(target, key, { value, enumerable, writable: true, configurable: true })
}
