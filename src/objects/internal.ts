/** What other modules of onecopy use of `objects` beyond its public door. */

export {
  classOfInstance,
  classOfName,
  isClassName,
  ownPrefix,
  type RegisteredClass,
  registerOwnClass,
  registrationOf,
} from './class-registry.ts'
export { isPlainList, isSparse, keysOf, namesOf } from './lists.ts'
export { isNamespace } from './namespaces.ts'
export { isOfBuiltin, isOfBuiltinArray, isPlainObject } from './builtin-classes.ts'
export { createError, errorKind } from './error-classes.ts'
export { defineMember, setHidden, setMember } from './members.ts'
export { joinSteps, stepTo, stepToValue } from './places.ts'
