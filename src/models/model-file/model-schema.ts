/** What `schema.json` of a model file says. */

import { OneCopyError, show } from '../../errors.ts'
import type { Tree } from '../../objects/internal.ts'

/** A value of JSON. */
export type JsonValue =
  null | boolean | number | string | readonly JsonValue[] | { readonly [name: string]: JsonValue }

/** What the owner of a model writes about it: a name, a date, scores. */
export type ModelMetadata = Readonly<Record<string, JsonValue>>

/** The schema of a model file. */
export interface ModelSchema {
  readonly format: typeof modelFormat
  /** Of this form; a class has a version of its own. */
  readonly version: number
  readonly metadata: ModelMetadata
  /** The value, which names arrays by their numbers in the order of the file. */
  readonly model: Tree
}

const modelFormat = 'onecopy.model'
const modelVersion = 1

/** Makes the schema of a model file. */
export function modelSchema(model: Tree, metadata: ModelMetadata): ModelSchema {
  return { format: modelFormat, version: modelVersion, metadata, model }
}

/**
 * Checks the schema of a file. What the model holds is checked when it is decoded.
 *
 * @throws OneCopyError `ERR_FORMAT`
 */
export function requireModelSchema(schema: unknown, path: string): ModelSchema {
  const refuse = (what: string, expected: string, got: string, advice: string): OneCopyError =>
    new OneCopyError(
      'ERR_FORMAT',
      `Expected ${what} of member 'schema.json' of ${path} to be ${expected}, got ${got}. ${advice}`,
      { details: { path, member: 'schema.json', field: what, expected, got } },
    )
  const found = isRecord(schema) ? schema : {}
  if (found['format'] !== modelFormat)
    throw refuse(
      '`format`',
      `'${modelFormat}'`,
      show(found['format']),
      'The file holds something else than a model.',
    )
  const { version } = found
  if (!Number.isSafeInteger(version) || (version as number) < 1)
    throw refuse('`version`', 'a whole number from 1', show(version), damaged)
  if ((version as number) > modelVersion)
    throw refuse(
      '`version`',
      `at most ${modelVersion}`,
      String(version),
      'A newer version of onecopy wrote the file. Update onecopy.',
    )
  const names = Object.keys(found)
  const known = ['format', 'version', 'metadata', 'model']
  if (names.length !== known.length || !names.every((name) => known.includes(name)))
    throw refuse('the members', known.join(', '), names.join(', '), damaged)
  if (!isRecord(found['metadata']))
    throw refuse('`metadata`', 'an object', show(found['metadata']), damaged)
  return found as unknown as ModelSchema
}

const damaged = 'The file is damaged, or another program wrote it.'

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/**
 * Returns metadata that JSON holds without loss.
 *
 * @throws TypeError naming the place of a value that it doesn't
 */
export function requireMetadata(metadata: unknown): ModelMetadata {
  requireJson(metadata, 'metadata', 0)
  if (isRecord(metadata)) return metadata as ModelMetadata
  throw new TypeError(`Expected \`metadata\` to be an object, got ${show(metadata)}.`)
}

const deepest = 100

function requireJson(value: unknown, place: string, depth: number): void {
  if (value === null || typeof value === 'string' || typeof value === 'boolean') return
  if (typeof value === 'number' && Number.isFinite(value)) return
  if (depth < deepest && Array.isArray(value))
    return value.forEach((one, i) => requireJson(one, `${place}[${i}]`, depth + 1))
  const isPlain =
    isRecord(value) && [Object.prototype, null].includes(Object.getPrototypeOf(value) as null)
  if (depth < deepest && isPlain)
    return Object.entries(value).forEach(([name, one]) =>
      requireJson(one, `${place}.${name}`, depth + 1),
    )
  throw new TypeError(
    `Expected \`${place}\` to be a value of JSON: a text, finite number, boolean, null, list or plain object; got ${show(value)}.`,
  )
}
