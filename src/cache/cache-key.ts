/** Makes the key of a call: its function and arguments, hashed. */

import { hash } from 'node:crypto'
import { OneCopyError, show } from '../errors.ts'
import {
  placeOf,
  refuseFunction,
  readFunctionParts,
  type Traveller,
  Unsendable,
} from '../parallel/internal.ts'
import type { ArrayDigests } from './array-digests.ts'
import { CanonicalText } from './canonical-text.ts'

/** Counts changes of how values are written: entries of another form are never found. */
const format = 'onecopy.cache 1'

/** By function: what it is, when that can't change any more. */
const constants = new WeakMap<object, string>()

/**
 * Writes what a function is: its source without comments and blanks, what it uses of its surroundings, and the same of all functions
 * of the program among that. Functions of packages count by name and version.
 *
 * @param digests - of arrays that it uses; when it `isPending` afterwards, ask again when they are there
 * @throws OneCopyError `ERR_FUNCTION` when that can't be told
 */
export function identifyFunction(fn: object, digests: ArrayDigests): string {
  const known = constants.get(fn)
  if (known !== undefined) return known
  const writer = new FunctionWriter(digests)
  const text = writer.writeAll(fn)
  const identity = hash('sha256', text, 'hex').slice(0, 32)
  if (writer.isConstant && !digests.isPending) constants.set(fn, identity)
  return identity
}

/** The key of arguments that belong to a function. */
export function keyOf(identity: string, args: readonly unknown[], digests: ArrayDigests): string {
  const text = writeWith(digests, (fn) => identifyFunction(fn, digests), args, args)
  return hash('sha256', `${format}\n${identity}\n${text}`, 'hex').slice(0, 32)
}

function writeWith(
  digests: ArrayDigests,
  writeFunction: (fn: object) => string,
  args: readonly unknown[],
  called: unknown,
): string {
  const writer = makeText(digests, writeFunction)
  try {
    return writer.write(args)
  } catch (error) {
    if (!(error instanceof Unsendable)) throw error
    const place = placeOf(called, error)
    throw new OneCopyError(
      'ERR_UNSENDABLE',
      `Expected the arguments of a cached function to be data, got ${show(error.culprit)}${place && ` at \`arguments${place}\``}: ${error.message} If results don't depend on it, name it in \`ignore\`.`,
      { details: { place } },
    )
  }
}

function makeText(digests: ArrayDigests, writeFunction: (fn: object) => string): CanonicalText {
  return new CanonicalText({
    writeFunction,
    writeArray: (array) => `${array.dtype}[${array.shape.join()}]${digests.ofArray(array)}`,
    writeBytes: (bytes) => `${kindOf(bytes)}${bytes.byteLength};${digests.ofBytes(bytes)}`,
  })
}

function kindOf(bytes: ArrayBufferView | ArrayBufferLike): string {
  // A buffer's memory may be shared by threads: that is no part of its value.
  if (!ArrayBuffer.isView(bytes)) return 'ArrayBuffer'
  return Buffer.isBuffer(bytes) ? 'Buffer' : Object.prototype.toString.call(bytes).slice(8, -1)
}

/** Writes a function and all that it uses. Each gets a number, since they may use each other in circles. */
class FunctionWriter {
  readonly #numbers = new Map<object, number>()
  readonly #orders: { readonly fn: object; readonly neededBy: Traveller | undefined }[] = []
  readonly #text: CanonicalText
  #neededBy: Traveller | undefined
  isConstant = true

  constructor(digests: ArrayDigests) {
    this.#text = makeText(digests, (fn) => `#${this.#number(fn)}`)
  }

  writeAll(fn: object): string {
    this.#number(fn)
    let text = ''
    for (let at = 0; at < this.#orders.length; at++) {
      const { fn: next, neededBy } = this.#orders[at]!
      const own = this.#write(next, neededBy)
      text += `${own.length}:${own}`
    }
    return text
  }

  #number(fn: object): number {
    let number = this.#numbers.get(fn)
    if (number === undefined) {
      number = this.#orders.push({ fn, neededBy: this.#neededBy }) - 1
      this.#numbers.set(fn, number)
    }
    return number
  }

  #write(fn: object, neededBy: Traveller | undefined): string {
    const parts = readFunctionParts(fn, neededBy)
    if (parts.kind === 'named') return `named ${parts.name}`
    const name: unknown = 'name' in fn ? fn.name : ''
    const traveller: Traveller = { name: typeof name === 'string' ? name : '', neededBy }
    this.#neededBy = traveller
    if (parts.kind === 'made') {
      this.isConstant = false
      return `made ${parts.name}`
    }
    this.isConstant &&= parts.isFixed
    let text = `source ${parts.text.length}:${parts.text}`
    for (const { name: used, value, module, spot } of parts.used.toSorted(byName)) {
      if (typeof value === 'object' && value !== null) this.isConstant = false
      text += `${used.length}:${used}`
      text += this.#writeUsed(value, module, (error) => refuseUse(traveller, used, spot, error))
    }
    return text
  }

  /** Data by its value; what is more than data, but was imported, by the version of its module. */
  #writeUsed(
    value: unknown,
    module: (() => string) | undefined,
    refusal: (error: Unsendable) => OneCopyError,
  ): string {
    try {
      return this.#text.write(value)
    } catch (error) {
      if (!(error instanceof Unsendable)) throw error
      if (module === undefined) throw refusal(error)
      const text = module()
      return `module ${text.length}:${text}`
    }
  }
}

function byName(
  { name: a }: { readonly name: string },
  { name: b }: { readonly name: string },
): number {
  return a < b ? -1 : a > b ? 1 : 0
}

function refuseUse(
  traveller: Traveller,
  name: string,
  spot: string,
  error: Unsendable,
): OneCopyError {
  return refuseFunction(
    traveller,
    `uses \`${name}\` at ${spot}, and no key can be made of ${show(error.culprit)}: ${error.message} Make it inside the function, pass it as an argument that \`ignore\` names, or say by \`version\` when results change.`,
    { variable: name },
  )
}
