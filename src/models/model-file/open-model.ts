/** Opens model files: mapped, and safe from strangers. */

import { extname } from 'node:path'
import { requirePath } from '../../arrays/internal.ts'
import { openContainer, type OpenContainer } from '../../container/index.ts'
import { isOneCopyError, OneCopyError } from '../../errors.ts'
import { decode, treeTypes } from '../../objects/internal.ts'
import { boolean, isStringList, type OptionTypes, requireOptions } from '../../options.ts'
import { requireModelSchema } from './model-schema.ts'
import { importOwnClasses, isOwnClass } from './own-classes.ts'
import type { KeyInput } from './signature-text.ts'

/** Options of {@link openModel}. */
export interface OpenModelOptions {
  /**
   * Names of classes, beside those of onecopy, that may be made of what the file says. They must be registered by
   * `registerClass` before. Default: none.
   */
  readonly trusted?: readonly string[]
  /**
   * Reads the file into private memory. Default false: the arrays are mapped, which takes no time and no memory of this
   * process, and all processes share them. Then whoever may write to the file can change its numbers, or end
   * this process by cutting it.
   */
  readonly copy?: boolean
  /** Compares all bytes with their checksums, which reads the whole file. Default false. */
  readonly verify?: boolean
  /** Opens the file only if one of these keys signed it (`signModel`): Ed25519 public keys, each as PEM or KeyObject. Reads the whole file. */
  readonly signedBy?: KeyInput | readonly KeyInput[]
}

/**
 * Opens a model file. Its arrays are mapped, not read; writes to them stay in this process. The model stays valid when the
 * file is replaced. No code and no name of a module is taken from the file: it can only make instances of classes of onecopy
 * and of those in `trusted`, and each of them checks its values.
 *
 * @param path - a file of {@link saveModel}, from anybody
 * @returns what was saved; `T` is what you expect it to be and is not checked
 * @throws OneCopyError `ERR_FILE` when it can't be opened; `ERR_FORMAT` or `ERR_DTYPE` when it is damaged, naming the place;
 * `ERR_UNTRUSTED` for classes that aren't trusted or registered, naming all of them; `ERR_SIGNATURE` when none of the keys in
 * `signedBy` signed it
 *
 * @example
 * ```ts
 * const model = await openModel<Pipeline>('price.onecopy')
 * const prices = await model.predict(X)
 * ```
 */
export async function openModel<T = unknown>(
  path: string,
  options: OpenModelOptions = {},
): Promise<T> {
  requirePath(path)
  requireOptions('openModel', options, openTypes)
  const { trusted = [], copy = false, verify = false, signedBy } = options
  // An environment variable that is not set must not open files that nobody signed.
  if (signedBy === undefined && Object.hasOwn(options, 'signedBy'))
    throw new TypeError(
      'Expected `signedBy` to be a key or a list of keys, got undefined. Leave it out to open files that nobody signed.',
    )
  const container = await openContainer(path, {
    copy,
    verify,
    isSigned: signedBy !== undefined,
  }).catch((cause: unknown) => {
    throw withReader(path, cause)
  })
  if (signedBy !== undefined) {
    const { requireSignature } = await import('./sign-model.ts')
    await requireSignature(container, signedBy)
  }
  return (await decodeModel(container, trusted)) as T
}

async function decodeModel(container: OpenContainer, trusted: readonly string[]): Promise<unknown> {
  const { path, schema, values } = container
  const { model: tree } = requireModelSchema(schema, path)
  await importOwnClasses(treeTypes(tree).map(({ type }) => type))
  const isTrusted = (type: string): boolean => isOwnClass(type) || trusted.includes(type)
  try {
    return decode({ tree, arrays: [...values.values()] }, { isTrusted, called: 'model' })
  } catch (cause) {
    throw withPath(path, cause)
  }
}

/** Names the function that opens files with this ending, where it isn't this one. */
function withReader(path: string, cause: unknown): unknown {
  const reader = readers[extname(path)]
  if (reader === undefined || !isOneCopyError(cause) || cause.code !== 'ERR_FORMAT') return cause
  const { code, message, details } = cause
  return new OneCopyError(code, `${message} To open ${extname(path)} files, use ${reader}.`, {
    cause,
    details,
  })
}

const readers: Readonly<Record<string, string>> = {
  '.skops': 'openSkops()',
  '.npz': 'openNpz()',
  '.npy': 'openArray()',
  '.safetensors': 'openSafetensors()',
  '.txt': 'openLightGBM()',
  '.json': 'openXGBoost()',
  '.ubj': 'openXGBoost()',
}

/** Says which file an error is about. */
function withPath(path: string, cause: unknown): unknown {
  if (!isOneCopyError(cause)) return cause
  const { code, message, details } = cause
  if (code !== 'ERR_FORMAT')
    return new OneCopyError(code, `Could not open ${path}: ${message}`, {
      cause,
      details: { ...details, path },
    })
  const member = 'schema.json'
  return new OneCopyError(code, `Could not read member '${member}' of ${path}: ${message}`, {
    cause,
    details: { ...details, path, member },
  })
}

const openTypes: OptionTypes<OpenModelOptions> = {
  trusted: [isStringList, 'a list of names of classes'],
  copy: boolean,
  verify: boolean,
  signedBy: true,
}
