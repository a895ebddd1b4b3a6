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
export { decode, type DecodeOptions } from './decode/decode.ts'
export { encode, type EncodedValue, type EncodeOptions } from './encode/encode.ts'
export { type EncodedTree, tagKey, type Tree } from './trees/tree.ts'
export { treeTypes, type TreeType } from './trees/tree-types.ts'
export { isPlainList, isSparse, keysOf, namesOf } from './values/lists.ts'
export { isNamespace } from './values/namespaces.ts'
export { isOfBuiltin, isOfBuiltinArray, isPlainObject } from './values/builtin-classes.ts'
export { createError, errorKind } from './values/error-classes.ts'
export { defineMember, setHidden, setMember } from './values/members.ts'
export { joinSteps, stepTo, stepToValue } from './values/places.ts'
