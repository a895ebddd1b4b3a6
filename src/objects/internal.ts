/** What other modules of onecopy use of `objects` beyond its public door. */

export {
  classOfInstance,
  classOfName,
  ownPrefix,
  type RegisteredClass,
  registerOwnClass,
  registrationOf,
} from './class-registry.ts'
export { decode } from './decode/decode.ts'
export { encode } from './encode/encode.ts'
export { tagKey, type Tree } from './trees/tree.ts'
export { treeTypes } from './trees/tree-types.ts'
export { isPlainList, isSparse, keysOf, namesOf } from './values/lists.ts'
export { isNamespace } from './values/namespaces.ts'
export { isOfBuiltin, isOfBuiltinArray, isPlainObject } from './values/builtin-classes.ts'
export { createError, errorKind } from './values/error-classes.ts'
export { defineMember, setHidden, setMember } from './values/members.ts'
export { joinSteps, stepTo, stepToValue } from './values/places.ts'
