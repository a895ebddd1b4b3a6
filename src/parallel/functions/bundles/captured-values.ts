/** Encodes captured values, and refuses those that can't travel. */

import { isModuleNamespaceObject } from 'node:util/types'
import { NDArray } from '../../../arrays/index.ts'
import { show } from '../../../errors.ts'
import type { ArrayRules } from '../../payload/encode-arrays.ts'
import { type Encoded, Encoder } from '../../payload/encode.ts'
import { placeOf, Unsendable } from '../../payload/unsendable.ts'
import { requireDataClass } from '../classes/data-class.ts'
import { requireModule } from '../classes/describe-class.ts'
import type { FunctionNode } from '../contract/bundle.ts'
import { type Capture, readVariable } from '../source/captures.ts'
import { builtinNode } from '../contract/builtins.ts'
import { globalNode } from '../contract/globals.ts'
import { originOf } from '../contract/origins.ts'
import { captureText, refuse, type Traveller } from '../contract/refusals.ts'
import { isModuleLike } from '../source/module-like.ts'
import { type Source, spotIn } from '../source/source.ts'

/** Where a value was found. */
export interface Finding {
  /** The function that has captured it. */
  readonly traveller: Traveller
  /** The variable that it stands in. */
  readonly capture?: { readonly name: string; readonly spot: string } | undefined
}

/** Gives a function, or an object of a module, the number by which a placeholder names it. */
export type Numbering = (fn: object, found: Finding, node: FunctionNode | undefined) => number

/** The captured values of all functions of a bundle: an object that two of them have stays one. */
export class CapturedValues {
  readonly #encoder: Encoder
  readonly #numbering: Numbering
  /** Whose values are being encoded. */
  #found: Finding | undefined
  /** Whether a function among them, or an instance of a class that is not registered, means that the value is more than data. */
  #wantsData = false

  constructor(rules: ArrayRules, numbering: Numbering) {
    this.#numbering = numbering
    this.#encoder = new Encoder(
      rules,
      (fn) => {
        if (this.#wantsData) throw new Unsendable(fn, 'a function')
        return numbering(fn, this.#found!, undefined)
      },
      (instance, registered) => {
        if (registered !== undefined) {
          const { name } = registered
          const url = requireModule(instance, registered)
          const node = { kind: 'export', url, name, isRegistered: true } as const
          return numbering(registered, this.#found!, node)
        }
        if (this.#wantsData) throw new Unsendable(instance, 'an instance')
        return numbering(requireDataClass(instance), this.#found!, undefined)
      },
    )
  }

  /** What they refer to. */
  finish(): Encoded['kept'] {
    return this.#encoder.finish(undefined).kept
  }

  /** Nothing will be sent. */
  drop(): void {
    this.#encoder.drop()
  }

  /** @throws OneCopyError `ERR_FUNCTION` when it can't go along */
  encodeCapture(capture: Capture, source: Source, traveller: Traveller): unknown {
    const { name, value, node, members, at } = capture
    const spot = spotIn(source, at)
    const found = { traveller, capture: { name, spot } }
    if (typeof value === 'function')
      return this.makePlaceholder(value, found, node ?? requireOf(name, value, source))
    if (typeof value === 'object' && value !== null) {
      const own = globalNode(value) ?? builtinNode(value) ?? originOf(value)
      if (own !== undefined) return this.makePlaceholder(value, found, own)
      if (node === undefined && members !== undefined && isModuleLike(value))
        return this.#encodeUsed(capture, members, source, traveller)
      if (isModuleNamespaceObject(value)) {
        if (node !== undefined) return this.makePlaceholder(value, found, node)
        throw refuse(
          traveller,
          `captures \`${name}\` at ${spot}, a module that was imported dynamically. Import it inside the function.`,
          { variable: name },
        )
      }
      if (node !== undefined) {
        // Data goes as it is now; what is more than data, a worker has of its own.
        const data = this.#attemptData(value, found)
        return data === undefined ? this.makePlaceholder(value, found, node) : data.value
      }
    }
    return this.#encode(value, found, (error) =>
      refuse(
        traveller,
        captureText(
          { name, place: placeOf(value, error).replace(/^\./, ''), spot },
          error.culprit,
          error.message,
        ),
        { variable: name },
      ),
    )
  }

  /** An object with those exports of a module that a function uses. */
  #encodeUsed(
    capture: Capture,
    members: ReadonlySet<string>,
    source: Source,
    traveller: Traveller,
  ): unknown {
    const holder = capture.value as Readonly<Record<string, unknown>>
    const used: Record<string, unknown> = {}
    for (const member of members) {
      if (!(member in holder)) continue
      const named = { ...capture, name: `${capture.name}.${member}` }
      const value = readVariable(() => holder[member], named, source, traveller)
      const part = { ...named, value, members: undefined }
      used[member] = this.encodeCapture(part, source, traveller)
    }
    return used
  }

  /** What stands for a function, or for an object that a worker gets by `node`. */
  makePlaceholder(value: object, found: Finding, node?: FunctionNode): unknown {
    return this.#encoder.makePlaceholder(this.#numbering(value, found, node))
  }

  /**
   * The members of a function or of its prototype.
   *
   * @param isRemade - whether a worker makes that member anew, so that it may be left out if it can't go
   * @throws OneCopyError `ERR_FUNCTION` when one can't go along
   */
  encodeMembers(
    members: Readonly<Record<string, unknown>>,
    source: Source,
    traveller: Traveller,
    isRemade: (name: string) => boolean,
  ): Record<string, unknown> {
    const encoded: Record<string, unknown> = {}
    for (const [name, value] of Object.entries(members)) {
      if (isRemade(name) && !isPlainValue(value)) {
        const attempt = this.#attemptData(value, { traveller })
        if (attempt !== undefined) encoded[name] = attempt.value
        continue
      }
      encoded[name] = this.#encode(value, { traveller }, (error) => {
        const own = `${traveller.name}.${name}`
        const capture = { name: own, place: placeOf(value, error), spot: spotIn(source, 0) }
        return refuse(traveller, captureText(capture, error.culprit, error.message))
      })
    }
    return encoded
  }

  /**
   * What a function is made of.
   *
   * @throws OneCopyError `ERR_FUNCTION` when one of them can't go along
   */
  encodeParts(parts: readonly unknown[], traveller: Traveller): unknown[] {
    return parts.map((part) =>
      this.#encode(part, { traveller }, (error) =>
        refuse(traveller, `needs ${show(error.culprit)}: ${error.message}`),
      ),
    )
  }

  #attemptData(value: unknown, found: Finding): { value: unknown } | undefined {
    this.#found = found
    this.#wantsData = true
    try {
      return this.#encoder.attempt(() => value)
    } finally {
      this.#wantsData = false
    }
  }

  #encode(value: unknown, found: Finding, explain: (error: Unsendable) => Error): unknown {
    this.#found = found
    try {
      return this.#encoder.encode(value)
    } catch (error) {
      throw error instanceof Unsendable ? explain(error) : error
    }
  }
}

/** Whether a value holds no functions, so that it can be a constant of the compiled source. */
export function isPlainValue(value: unknown): boolean {
  if (value === null) return true
  if (typeof value !== 'object') return typeof value !== 'function'
  return value instanceof NDArray || ArrayBuffer.isView(value)
}

/** The `require` of a CommonJS module. */
function requireOf(name: string, value: object, { url }: Source): FunctionNode | undefined {
  return name === 'require' && 'resolve' in value && 'cache' in value
    ? { kind: 'require', from: url }
    : undefined
}
