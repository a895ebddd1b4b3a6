/** Packs a function with all that it has captured. */

import { isModuleNamespaceObject } from 'node:util/types'
import { NDArray } from '../../arrays/index.ts'
import type { ArrayRules } from '../payload/arrays.ts'
import { type Encoded, Encoder } from '../payload/encode.ts'
import { placeOf, Unsendable } from '../payload/unsendable.ts'
import type { FunctionNode, SentFunction, SourceNode } from './bundle.ts'
import { areFixed, type Capture, readCaptures } from './captures.ts'
import { findReference } from './describe.ts'
import { globalPath } from './globals.ts'
import { locate, type Place } from './inspector.ts'
import { hasMembers, readMembers } from './members.ts'
import { originOf } from './origins.ts'
import { captureText, refuse, type Traveller } from './refusals.ts'
import { readSource, type Source, spotIn, spotOf } from './source.ts'

/** What becomes of captured variables: they travel, or a function that has captured something is refused. */
export type Captures = 'auto' | 'error'

/**
 * Finds how `fn` gets to a worker: as a reference where a module exports it, else as its source with the
 * values that it has captured, at this moment.
 *
 * @param rules - what becomes of arrays among the values
 * @returns what is sent, what must be kept for it, and whether it can never become another
 * @throws OneCopyError `ERR_FUNCTION` when it, or something that it needs, can't travel
 */
export function bundleFunction(fn: object, rules: ArrayRules, captures: Captures): Packed {
  const bundler = new Bundler(rules, captures)
  try {
    return bundler.bundle(fn)
  } catch (error) {
    bundler.drop()
    throw error
  }
}

/** A function ready to be sent. */
export interface Packed {
  readonly sent: SentFunction
  readonly kept: Encoded['kept']
  /**
   * Whether all that it has captured is still the same, as far as that shows without packing it anew: numbers,
   * texts, functions that nobody has given members.
   */
  readonly isConstant: () => boolean
}

/** What there is to do for one function. */
interface Order {
  readonly fn: object
  readonly traveller: Traveller
  /** The captured variable that it stands in, for a refusal. */
  readonly capture?: { readonly name: string; readonly spot: string } | undefined
  readonly node?: FunctionNode | undefined
}

class Bundler {
  readonly #captures: Captures
  readonly #encoder: Encoder
  readonly #orders: Order[] = []
  readonly #ids = new Map<object, number>()
  /** Whose values are being encoded. */
  #current: Order | undefined
  #isConstant = true
  /** Whether a function among them means that the value is more than data. */
  #wantsData = false

  constructor(rules: ArrayRules, captures: Captures) {
    this.#captures = captures
    this.#encoder = new Encoder(rules, (fn) => this.#number(fn))
  }

  bundle(fn: object): Packed {
    this.#order({ fn, traveller: { name: nameOf(fn) } })
    const nodes: FunctionNode[] = []
    for (let at = 0; at < this.#orders.length; at++) nodes.push(this.#pack(this.#orders[at]!))
    const [first] = nodes
    const sent: SentFunction =
      first!.kind === 'export' ? { url: first!.url, name: first!.name } : { nodes }
    const sources = this.#orders.filter((_, i) => nodes[i]!.kind === 'source')
    const isConstant = this.#isConstant
      ? () => sources.every(({ fn }) => !hasMembers(fn))
      : () => false
    return { sent, kept: this.#encoder.finish(sent).kept, isConstant }
  }

  /** Nothing will be sent. */
  drop(): void {
    this.#encoder.drop()
  }

  #order(order: Order): number {
    const id = this.#orders.push(order) - 1
    this.#ids.set(order.fn, id)
    return id
  }

  /** The number of a function or of a module's own object, found among captured values. */
  #number(fn: object, node?: FunctionNode): number {
    if (this.#wantsData) throw new Unsendable(fn, 'a function')
    const { traveller, capture } = this.#current!
    return (
      this.#ids.get(fn) ??
      this.#order({ fn, node, capture, traveller: { name: nameOf(fn), neededBy: traveller } })
    )
  }

  #pack(order: Order): FunctionNode {
    const { fn, node } = order
    const known = node ?? originOf(fn)
    if (known !== undefined) return known
    const place = locate(fn)
    const reference = findReference(fn, place)
    if (reference !== undefined) return { kind: 'export', ...reference }
    const isOwn = place !== undefined && !place.script.url.startsWith('node:') && !place.isBound
    const path = isOwn ? undefined : globalPath(fn)
    if (path !== undefined) return { kind: 'global', path }
    if (!isOwn && !isScript(fn)) throw refuseNative(order, place)
    return this.#packSource(order, readSource(fn, place, order.traveller))
  }

  #packSource({ fn, traveller }: Order, source: Source): SourceNode {
    const captures = readCaptures(fn, source, traveller)
    if (this.#captures === 'error') requireNone(captures, source, traveller)
    const constants: [string, unknown][] = []
    const variables: [string, unknown][] = []
    for (const capture of captures) {
      const spot = spotIn(source, capture.at)
      this.#current = { fn, traveller, capture: { name: capture.name, spot } }
      const target = isPlainValue(capture.value) ? constants : variables
      target.push([capture.name, this.#encodeCapture(capture, source, spot)])
    }
    const parent = source.facts.heritage && freshName(source.text, 'parent')
    if (parent !== undefined) {
      this.#current = { fn, traveller, capture: { name: 'extends', spot: spotIn(source, 0) } }
      variables.push([parent, this.#mark(Object.getPrototypeOf(fn) as object, undefined)])
    }
    const { members, prototype } = this.#packMembers(fn, source, traveller)
    this.#isConstant &&= areFixed(fn) && captures.every(({ value }) => isConstant(value))
    const meta = source.facts.metas.length > 0 ? freshName(source.text, 'import') : undefined
    const all = [...constants, ...variables]
    return {
      kind: 'source',
      source: rewrite(source, meta, parent),
      form: source.facts.form,
      isClass: source.facts.kind === 'class',
      isStrict: source.isStrict,
      name: nameOf(fn),
      url: source.url,
      file: source.file,
      line: source.line,
      column: source.column,
      constants: constants.map(([name]) => name),
      variables: variables.map(([name]) => name),
      values: all.map(([, value]) => value),
      early: [
        ...captures.flatMap(({ name, isEarly }) => (isEarly ? [name] : [])),
        ...(parent === undefined ? [] : [parent]),
      ],
      meta,
      members,
      prototype,
    }
  }

  #encodeCapture({ name, value, node }: Capture, source: Source, spot: string): unknown {
    const { traveller } = this.#current!
    if (typeof value === 'function')
      return this.#mark(value, node ?? requireOf(name, value, source))
    if (typeof value === 'object' && value !== null) {
      const own = globalNode(value) ?? originOf(value)
      if (own !== undefined) return this.#mark(value, own)
      if (isModuleNamespaceObject(value)) {
        if (node !== undefined) return this.#mark(value, node)
        throw refuse(
          traveller,
          `captures \`${name}\` at ${spot}, a module that was imported while the program ran. Import it inside the function.`,
          { variable: name },
        )
      }
      if (node !== undefined) {
        // Data goes as it is now; what is more than data, a worker has of its own.
        const data = this.#attemptData(value)
        return data === undefined ? this.#mark(value, node) : data.value
      }
    }
    return this.#encode(value, (error) =>
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

  #mark(value: object, node: FunctionNode | undefined): unknown {
    // As a function, so that the encoder marks it; the number is that of the node.
    const id = this.#number(value, node)
    return this.#encoder.mark(id)
  }

  #attemptData(value: unknown): { value: unknown } | undefined {
    this.#wantsData = true
    try {
      return this.#encoder.attempt(value)
    } finally {
      this.#wantsData = false
    }
  }

  #packMembers(
    fn: object,
    source: Source,
    traveller: Traveller,
  ): { members: unknown; prototype: unknown } {
    const { members, prototype } = readMembers(fn, source, traveller)
    this.#current = { fn, traveller }
    const isRemade = (name: string): boolean => source.facts.statics.has(name)
    return {
      members: members && this.#encodeMembers(members, source, isRemade),
      prototype: prototype && this.#encodeMembers(prototype, source, () => false),
    }
  }

  #encodeMembers(
    members: Readonly<Record<string, unknown>>,
    source: Source,
    isRemade: (name: string) => boolean,
  ): Record<string, unknown> {
    const encoded: Record<string, unknown> = {}
    for (const [name, value] of Object.entries(members)) {
      if (isRemade(name) && !isPlainValue(value)) {
        const attempt = this.#attemptData(value)
        if (attempt !== undefined) encoded[name] = attempt.value
        continue
      }
      encoded[name] = this.#encode(value, (error) => {
        const own = `${this.#current!.traveller.name}.${name}`
        const capture = { name: own, place: placeOf(value, error), spot: spotIn(source, 0) }
        return refuse(this.#current!.traveller, captureText(capture, error.culprit, error.message))
      })
    }
    return encoded
  }

  #encode(value: unknown, explain: (error: Unsendable) => Error): unknown {
    try {
      return this.#encoder.encode(value)
    } catch (error) {
      throw error instanceof Unsendable ? explain(error) : error
    }
  }
}

/** Whether a value can't change. */
function isConstant(value: unknown): boolean {
  return typeof value !== 'object' || value === null
}

/** Whether a value holds no functions, so that it can be a constant of the compiled source. */
function isPlainValue(value: unknown): boolean {
  if (value === null) return true
  if (typeof value !== 'object') return typeof value !== 'function'
  return value instanceof NDArray || ArrayBuffer.isView(value)
}

function isScript(fn: object): boolean {
  return !/\{\s*\[native code\]\s*\}\s*$/.test(Function.prototype.toString.call(fn))
}

function globalNode(value: object): FunctionNode | undefined {
  const path = globalPath(value)
  return path && { kind: 'global', path }
}

/** The `require` of a CommonJS module. */
function requireOf(name: string, value: object, { url }: Source): FunctionNode | undefined {
  return name === 'require' && 'resolve' in value && 'cache' in value
    ? { kind: 'require', from: url }
    : undefined
}

function nameOf(fn: object): string {
  const name: unknown = 'name' in fn ? fn.name : ''
  return typeof name === 'string' ? name : ''
}

function refuseNative({ fn, traveller, capture }: Order, place: Place | undefined): Error {
  const isBound = place?.isBound === true || nameOf(fn).startsWith('bound ')
  const spot = isBound ? spotOf(fn) : undefined
  const what = isBound
    ? `a bound function${spot === undefined ? '' : ` of ${spot}`}`
    : 'a native function'
  const why =
    'it has no source that a worker could run. Wrap it in a function of your own: (...args) => object.method(...args).'
  if (capture === undefined || traveller.neededBy === undefined)
    return refuse(traveller, `is ${what}: ${why}`)
  return refuse(
    traveller.neededBy,
    `captures \`${capture.name}\` at ${capture.spot}, ${what}: ${why}`,
    {
      variable: capture.name,
    },
  )
}

/** What `captures: 'error'` allows: what modules and the language give, and names that compilers keep. */
function requireNone(captures: readonly Capture[], source: Source, traveller: Traveller): void {
  const own = captures.filter(({ name, value, node }) => !isReference(name, value, node))
  if (own.length === 0) return
  const names = own.map(({ name }) => `\`${name}\``).join(', ')
  throw refuse(
    traveller,
    `captures ${names} at ${spotIn(source, own[0]!.at)}, which the option captures: 'error' forbids. Pass what it needs as arguments, or export it from a module.`,
    { variables: own.map(({ name }) => name) },
  )
}

function isReference(name: string, value: unknown, node: FunctionNode | undefined): boolean {
  if (name === '__name' || node !== undefined) return true
  if ((typeof value !== 'object' && typeof value !== 'function') || value === null) return false
  if (globalNode(value) !== undefined || originOf(value) !== undefined) return true
  return typeof value === 'function' && findReference(value, locate(value)) !== undefined
}

/** A name that the source does not use, as long as `import.meta` so that columns stay. */
function freshName(text: string, start: string): string {
  for (let i = 0; ; i++) {
    const name = `${start}_${i.toString(36).padStart(4, '_')}`
    if (!text.includes(name)) return name
  }
}

/**
 * The source with names for `import.meta` and for what a class extends, and with one for a method's key that means
 * nothing elsewhere. Lines and, but for a class's first line, columns stay.
 */
function rewrite(
  { text, facts }: Source,
  meta: string | undefined,
  parent: string | undefined,
): string {
  const edits: [number, number, string][] = []
  if (facts.key !== undefined) edits.push([...facts.key, 'm'])
  if (facts.heritage !== undefined) edits.push([...facts.heritage, parent!])
  for (const range of facts.metas) edits.push([...range, meta!])
  let rewritten = text
  for (const [start, stop, name] of edits.toSorted(([a], [b]) => b - a)) {
    const rest = text.slice(start + name.length, stop).replaceAll(/[^\n]/g, ' ')
    rewritten = rewritten.slice(0, start) + name + rest + rewritten.slice(stop)
  }
  return rewritten
}
