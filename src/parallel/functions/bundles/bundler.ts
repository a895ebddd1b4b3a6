/** Packs a function with everything that it captured. */

import { isOneCopyError, OneCopyError } from '../../../errors.ts'
import type { ArrayRules } from '../../payload/encode-arrays.ts'
import type { Held } from '../../payload/holds.ts'
import type {
  FunctionBundle,
  FunctionNode,
  MadeNode,
  SentFunction,
  SourceNode,
} from '../contract/bundle.ts'
import { CapturedValues, type Finding, isPlainValue } from './captured-values.ts'
import { areFixed, type Capture, readCaptures } from '../source/captures.ts'
import { findReference, programOf } from '../names/find-importing-module.ts'
import { noteProgram } from '../names/files-that-start-runs.ts'
import type { FunctionReference } from '../contract/reference.ts'
import type { RunStart } from '../names/run-start.ts'
import { type Made, makerOf } from '../contract/makers.ts'
import { builtinNode } from '../contract/builtins.ts'
import { idOfClass } from '../contract/class-ids.ts'
import { globalNode } from '../contract/globals.ts'
import { inspect, type Inspected, locate, type Place } from '../scopes/inspector.ts'
import { hasMembers, readMembers } from '../source/members.ts'
import { originOf } from '../contract/origins.ts'
import { refuse, spotText, type Traveller } from '../contract/refusals.ts'
import { requireNoCaptures } from '../source/require-no-captures.ts'
import { freshName, rewrite } from '../source/rewrite.ts'
import { readSource, type Source, spotIn, spotOf } from '../source/source.ts'

/** Whether captured variables travel, or a function that has any is refused. */
export type Captures = 'auto' | 'error'

/** How a function is packed. */
export interface BundleOptions {
  readonly captures: Captures
  /** The stack of its run, where that may show what a worker must not import. */
  readonly start?: RunStart | undefined
  /** Classes of arguments that go with it as source. */
  readonly classes?: readonly object[]
  /** What is known of the function: a reference that the user made. */
  readonly node?: FunctionNode | undefined
}

/**
 * Packs `fn` for a worker: as a reference where a module exports it, else as its source with the values that
 * it captures at this moment.
 *
 * @param rules - what becomes of arrays among the values
 * @returns what is sent, what must be kept for it, and whether it can never become another
 * @throws OneCopyError `ERR_FUNCTION` when it, or something that it needs, can't travel
 */
export function bundleFunction(fn: object, rules: ArrayRules, options: BundleOptions): Packed {
  const bundler = new Bundler(rules, options)
  try {
    return bundler.bundle(fn, options)
  } catch (error) {
    bundler.drop()
    throw isOneCopyError(error) ? withProgram(error, fn) : error
  }
}

/** Says of a function that a module exports why a worker does not import it. */
function withProgram(error: OneCopyError, fn: object): OneCopyError {
  const url = error.code === 'ERR_FUNCTION' ? programOf(fn, locate(fn)) : undefined
  if (url === undefined) return error
  const file = spotText({ url, line: 0 }).slice(0, -2)
  const text = `${error.message} (${file} exports \`${nameOf(fn)}\`, but starts a run when it is evaluated: a worker that imports it would run the program again.)`
  return new OneCopyError(error.code, text, { details: error.details })
}

/** A function ready to be sent. */
export interface Packed {
  readonly sent: SentFunction
  readonly kept: readonly Held[]
  /**
   * Whether all that it has captured is still the same, as far as that shows without packing it anew: numbers,
   * texts, functions that nobody has given members.
   */
  readonly isConstant: () => boolean
}

/** A function that is still to be packed. */
interface Order {
  readonly fn: object
  readonly traveller: Traveller
  /** The captured variable that it stands in, for a refusal. */
  readonly capture?: Finding['capture']
  readonly node?: FunctionNode | undefined
}

class Bundler {
  readonly #captures: Captures
  readonly #values: CapturedValues
  readonly #orders: Order[] = []
  readonly #ids = new Map<object, number>()
  readonly #start: RunStart | undefined
  #isConstant = true

  constructor(rules: ArrayRules, { captures, start }: BundleOptions) {
    this.#captures = captures
    this.#start = start
    this.#values = new CapturedValues(rules, (fn, { traveller, capture }, node) => {
      const neededBy = traveller
      return (
        this.#ids.get(fn) ??
        this.#order({ fn, node, capture, traveller: { name: nameOf(fn), neededBy } })
      )
    })
  }

  bundle(fn: object, { classes = [], node }: Pick<BundleOptions, 'classes' | 'node'>): Packed {
    const traveller = { name: nameOf(fn) }
    this.#order({ fn, node, traveller })
    for (const Class of classes)
      if (!this.#ids.has(Class))
        this.#order({ fn: Class, traveller: { name: nameOf(Class), neededBy: traveller } })
    const nodes: FunctionNode[] = []
    for (let at = 0; at < this.#orders.length; at++) nodes.push(this.#pack(this.#orders[at]!))
    const sent = (classes.length === 0 ? referenceIn(nodes[0]!) : undefined) ?? {
      nodes,
      classes: this.#listClasses(nodes, new Set(classes)),
    }
    const sources = this.#orders.filter((_, i) => nodes[i]!.kind === 'source')
    const isConstant = this.#isConstant
      ? () => sources.every(({ fn }) => !hasMembers(fn))
      : () => false
    return { sent, kept: this.#values.finish(), isConstant }
  }

  /** Nothing will be sent. */
  drop(): void {
    this.#values.drop()
  }

  /** Classes whose instances arguments and results may have. */
  #listClasses(
    nodes: readonly FunctionNode[],
    sentFor: ReadonlySet<object>,
  ): FunctionBundle['classes'] {
    return this.#orders.flatMap(({ fn }, at): [number, number][] => {
      const node = nodes[at]!
      const isClass = node.kind === 'source' && (node.isClass || node.prototype !== undefined)
      return isClass || sentFor.has(fn) ? [[idOfClass(fn), at]] : []
    })
  }

  #order(order: Order): number {
    const id = this.#orders.push(order) - 1
    this.#ids.set(order.fn, id)
    return id
  }

  #pack(order: Order): FunctionNode {
    const { fn, node } = order
    const known = node ?? originOf(fn)
    if (known !== undefined) return known
    const made = makerOf(fn)
    if (made !== undefined) return this.#packMade(made, order.traveller)
    const { place, readScopes } = inspect(fn)
    if (place !== undefined && this.#start !== undefined) noteProgram(this.#start, place.script)
    const reference = findReference(fn, place)
    if (reference !== undefined) return { kind: 'export', ...reference }
    const isOwn = place !== undefined && !place.script.url.startsWith('node:') && !place.isBound
    const global = isOwn ? undefined : (globalNode(fn) ?? builtinNode(fn))
    if (global !== undefined) return global
    if (!isOwn && !isScript(fn)) throw refuseNative(order, place)
    return this.#packSource(order, readSource(fn, place, order.traveller), readScopes)
  }

  #packMade({ maker, parts }: Made, traveller: Traveller): MadeNode {
    this.#isConstant = false
    return { kind: 'made', maker, values: this.#values.encodeParts(parts(), traveller) }
  }

  #packSource(
    { fn, traveller }: Order,
    source: Source,
    readScopes: Inspected['readScopes'],
  ): SourceNode {
    const captures = readCaptures(fn, source, readScopes, traveller)
    if (this.#captures === 'error') requireNoCaptures(captures, source, traveller)
    const { constants, variables } = this.#packCaptures(captures, source, traveller)
    const parent = source.facts.heritage && freshName(source.text, 'parent')
    if (parent !== undefined) {
      const found = { traveller, capture: { name: 'extends', spot: spotIn(source, 0) } }
      const prototype = Object.getPrototypeOf(fn) as object
      variables.push([parent, this.#values.makePlaceholder(prototype, found)])
    }
    const { members, prototype } = this.#packMembers(fn, source, traveller)
    this.#isConstant &&= areFixed(fn) && captures.every(({ value }) => isConstant(value))
    const meta = source.facts.metas.length > 0 ? freshName(source.text, 'import') : undefined
    const all = [...constants, ...variables]
    const { facts, isStrict, url, file, line, column } = source
    return {
      kind: 'source',
      source: rewrite(source, meta, parent),
      form: facts.form,
      isClass: facts.kind === 'class',
      isStrict,
      name: nameOf(fn),
      url,
      file,
      line,
      column,
      constants: constants.map(([name]) => name),
      variables: variables.map(([name]) => name),
      values: all.map(([, value]) => value),
      early: [
        ...captures.flatMap(({ name, early }) => (early === 'yes' ? [name] : [])),
        ...(parent === undefined ? [] : [parent]),
      ],
      maybeEarly: captures.flatMap(({ name, early }) => (early === 'maybe' ? [name] : [])),
      meta,
      members,
      prototype,
    }
  }

  /** Names and values of captured variables, those apart that may refer to functions. */
  #packCaptures(
    captures: readonly Capture[],
    source: Source,
    traveller: Traveller,
  ): Record<'constants' | 'variables', [name: string, value: unknown][]> {
    const constants: [string, unknown][] = []
    const variables: [string, unknown][] = []
    for (const capture of captures) {
      const target = isPlainValue(capture.value) ? constants : variables
      target.push([capture.name, this.#values.encodeCapture(capture, source, traveller)])
    }
    return { constants, variables }
  }

  #packMembers(
    fn: object,
    source: Source,
    traveller: Traveller,
  ): Pick<SourceNode, 'members' | 'prototype'> {
    const { members, prototype } = readMembers(fn, source, traveller)
    const isRemade = (name: string): boolean => source.facts.statics.has(name)
    return {
      members: members && this.#values.encodeMembers(members, source, traveller, isRemade),
      prototype: prototype && this.#values.encodeMembers(prototype, source, traveller, () => false),
    }
  }
}

/** What an exported function is sent as when nothing goes with it. */
function referenceIn(node: FunctionNode): FunctionReference | undefined {
  if (node.kind !== 'export') return undefined
  const { kind: _, ...reference } = node
  return reference
}

/** Whether a value can't change. */
function isConstant(value: unknown): boolean {
  return typeof value !== 'object' || value === null
}

function isScript(fn: object): boolean {
  return !/\{\s*\[native code\]\s*\}\s*$/.test(Function.prototype.toString.call(fn))
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
    'it has no source that a worker could run. Wrap it in a function of your own: (...args) => object.method(...args). If the object is an instance of a class, make it inside: (...args) => new Class(…).method(...args).'
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
