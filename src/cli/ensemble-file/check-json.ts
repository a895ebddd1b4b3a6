/** Checks plain data against the part of JSON Schema that we use. */

import { suggestNames } from '../../nearest-names.ts'

/** A schema. An `anyOf` has schemas of different types, or of objects whose `type` is a different constant. */
export interface JsonSchema {
  readonly $schema?: string
  readonly $id?: string
  readonly $defs?: Readonly<Record<string, JsonSchema>>
  readonly $ref?: string
  readonly title?: string
  readonly description?: string
  readonly default?: unknown
  readonly type?: 'object' | 'array' | 'string' | 'number' | 'integer' | 'boolean'
  readonly const?: string
  readonly enum?: readonly string[]
  readonly pattern?: string
  readonly minimum?: number
  readonly maximum?: number
  readonly minItems?: number
  readonly items?: JsonSchema
  readonly properties?: Readonly<Record<string, JsonSchema>>
  readonly required?: readonly string[]
  readonly additionalProperties?: false
  readonly anyOf?: readonly JsonSchema[]
}

/** What is wrong with data, and where. */
export interface JsonMistake {
  /** Such as `layers[0].groups[1]`; empty: all of it. */
  readonly path: string
  /** A sentence. */
  readonly text: string
}

/**
 * Finds the first mistake.
 *
 * @param root - the whole schema, in which `$ref` is looked up
 * @see json-schema.org/draft/2020-12
 */
export function findMistake(
  value: unknown,
  root: JsonSchema,
  schema = root,
  path = '',
): JsonMistake | undefined {
  if (schema.$ref !== undefined) return findMistake(value, root, resolve(root, schema.$ref), path)
  if (schema.anyOf !== undefined) return findInBranches(value, root, schema.anyOf, path)
  if (schema.type !== undefined && !isOfType(value, schema.type))
    return expected(path, typeNames[schema.type], value)
  if (typeof value === 'string') return findInText(value, schema, path)
  if (typeof value === 'number') return findInNumber(value, schema, path)
  if (Array.isArray(value)) return findInList(value, root, schema, path)
  if (isObject(value)) return findInObject(value, root, schema, path)
  return undefined
}

const typeNames = {
  object: 'an object',
  array: 'a list',
  string: 'a text',
  number: 'a number',
  integer: 'a whole number',
  boolean: 'true or false',
} as const

function findInText(value: string, schema: JsonSchema, path: string): JsonMistake | undefined {
  const words = schema.const === undefined ? schema.enum : [schema.const]
  if (words !== undefined && !words.includes(value)) return refuseWord(value, words, path)
  if (schema.pattern !== undefined && !new RegExp(schema.pattern, 'u').test(value))
    return expected(path, `a text like ${schema.pattern}`, value)
  return undefined
}

function findInNumber(
  value: number,
  { minimum = -Infinity, maximum = Infinity }: JsonSchema,
  path: string,
): JsonMistake | undefined {
  if (value < minimum) return expected(path, `a number of at least ${minimum}`, value)
  return value > maximum ? expected(path, `a number of at most ${maximum}`, value) : undefined
}

function findInList(
  value: readonly unknown[],
  root: JsonSchema,
  { items, minItems = 0 }: JsonSchema,
  path: string,
): JsonMistake | undefined {
  if (value.length < minItems)
    return {
      path,
      text: `Expected at least ${minItems} item${minItems === 1 ? '' : 's'}, got ${value.length}.`,
    }
  if (items === undefined) return undefined
  for (const [i, item] of value.entries()) {
    const found = findMistake(item, root, items, `${path}[${i}]`)
    if (found !== undefined) return found
  }
  return undefined
}

function findInObject(
  value: Readonly<Record<string, unknown>>,
  root: JsonSchema,
  { properties = {}, required = [], additionalProperties }: JsonSchema,
  path: string,
): JsonMistake | undefined {
  for (const [name, item] of Object.entries(value)) {
    const known = Object.hasOwn(properties, name) ? properties[name] : undefined
    if (known === undefined) {
      if (additionalProperties !== false) continue
      const names = Object.keys(properties)
      return { path, text: `There is no '${name}' here. ${suggestNames(name, names)}` }
    }
    const found = findMistake(item, root, known, path === '' ? name : `${path}.${name}`)
    if (found !== undefined) return found
  }
  const missing = required.find((name) => !Object.hasOwn(value, name))
  return missing === undefined ? undefined : { path, text: `Expected '${missing}', got none.` }
}

/** Follows the one branch that the value can only mean, so that the text is about what is wrong within. */
function findInBranches(
  value: unknown,
  root: JsonSchema,
  branches: readonly JsonSchema[],
  path: string,
): JsonMistake | undefined {
  const all = branches.map((one) => (one.$ref === undefined ? one : resolve(root, one.$ref)))
  const flat = all.flatMap((one) => one.anyOf ?? [one])
  const sameType = flat.filter(({ type }) => type === undefined || isOfType(value, type))
  if (sameType.length === 0) {
    const types = [...new Set(flat.map(({ type }) => typeNames[type!]))]
    return expected(path, types.join(' or '), value)
  }
  if (sameType.length === 1) return findMistake(value, root, sameType[0], path)
  const { type } = value as { readonly type?: unknown }
  if (type === undefined) return { path, text: "Expected 'type', got none." }
  const words = sameType.map(({ properties }) => properties!['type']!.const!)
  const own = sameType.find((_, i) => words[i] === type)
  if (own !== undefined) return findMistake(value, root, own, path)
  return refuseWord(type, words, path === '' ? 'type' : `${path}.type`)
}

function resolve(root: JsonSchema, ref: string): JsonSchema {
  return root.$defs![ref.replace('#/$defs/', '')]!
}

function refuseWord(value: unknown, words: readonly string[], path: string): JsonMistake {
  if (typeof value !== 'string') return expected(path, 'a text', value)
  return {
    path,
    text: `Expected one of the names that there are, got '${value}'. ${suggestNames(value, words)}`,
  }
}

function expected(path: string, what: string, value: unknown): JsonMistake {
  return { path, text: `Expected ${what}, got ${showJson(value)}.` }
}

/** A value as it stands in the file, or what it is where it is long. */
function showJson(value: unknown): string {
  if (Array.isArray(value)) return `a list of ${value.length}`
  if (isObject(value)) return 'an object'
  if (typeof value === 'string') return `'${value.length > 60 ? `${value.slice(0, 57)}…` : value}'`
  return String(value)
}

function isOfType(value: unknown, type: NonNullable<JsonSchema['type']>): boolean {
  if (type === 'array') return Array.isArray(value)
  if (type === 'object') return isObject(value)
  if (type === 'integer') return Number.isInteger(value)
  return typeof value === type
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
