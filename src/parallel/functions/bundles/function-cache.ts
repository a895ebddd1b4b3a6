/** Keeps a pool's packed functions, and detects changes. */

import { Serializer } from 'node:v8'
import { NDArray } from '../../../arrays/index.ts'
import { holdPages } from '../../../arrays/internal.ts'
import type { ArrayRules } from '../../payload/encode-arrays.ts'
import { type Held, type Hold, releaseAll } from '../../payload/holds.ts'
import type { SharedCopies } from '../../payload/shared-copies.ts'
import type { SentFunction } from '../contract/bundle.ts'
import { bundleFunction, type Captures, type Packed } from './bundler.ts'
import type { RunStart } from '../names/run-start.ts'
import { type FunctionReference, isReference } from '../contract/reference.ts'
import { countRemade } from './remade-functions.ts'

/** A function ready to be sent. */
export interface PackedFunction {
  /** By which messages name it; another one when what it captured has changed. */
  readonly id: number
  readonly sent: SentFunction
  /** What it refers to. */
  readonly kept: readonly Held[]
}

/** What is sent: a function, or a reference that the user made. */
export type FunctionOrReference =
  { readonly fn: object } | { readonly reference: FunctionReference }

let lastId = 0

/** The functions of one pool. */
export class FunctionCache {
  readonly #rules: Omit<ArrayRules, 'share'>
  readonly #copies: SharedCopies
  readonly #captures: Captures
  /** By function or reference: what was sent last. */
  readonly #last = new WeakMap<object, Kept>()
  readonly #lastWithClasses = new WeakMap<object, Kept>()
  readonly #onDropped: (id: number) => void
  readonly #registry: FinalizationRegistry<number>

  /** @param onDropped - called with the id of a function that is unlikely to be sent again */
  constructor(
    rules: Omit<ArrayRules, 'share'>,
    copies: SharedCopies,
    captures: Captures,
    onDropped: (id: number) => void,
  ) {
    this.#rules = rules
    this.#copies = copies
    this.#captures = captures
    this.#onDropped = onDropped
    this.#registry = new FinalizationRegistry(onDropped)
  }

  /**
   * The functions of a run: each is packed once, when its first task is taken.
   *
   * @param start - the stack on which the run begins
   */
  forRun(start?: RunStart): RunFunctions {
    return new RunFunctions(this, start)
  }

  /** Whether a function was sent before, and can't be another now. */
  isConstant(target: FunctionOrReference): boolean {
    return this.#last.get(keyOf(target))?.isConstant() === true
  }

  /** What is to be sent of a function now. */
  pack(target: FunctionOrReference, start: RunStart | undefined): PackedFunction {
    const key = keyOf(target)
    const last = this.#last.get(key)
    if (last?.isConstant() === true && !last.packed.kept.some(isGone)) return last.packed
    if ('reference' in target) {
      const packed = { sent: target.reference, kept: [], isConstant: () => true }
      return this.#keep(this.#last, key, { packed, digest: '', classes: none })
    }
    const packed = bundleFunction(target.fn, this.#allRules(), { captures: this.#captures, start })
    return this.#keepChanged(this.#last, key, packed, none)
  }

  /**
   * What is to be sent of a function now whose arguments have instances of classes that no module exports. All of them
   * go in one bundle, so that they share what they have captured.
   *
   * @returns the function, and the classes with it; those that went with it before stay
   */
  packWithClasses(
    target: FunctionOrReference,
    classes: ReadonlySet<object>,
    start: RunStart | undefined,
  ): { readonly packed: PackedFunction; readonly classes: readonly object[] } {
    const key = keyOf(target)
    const last = this.#lastWithClasses.get(key)
    const isSame = last !== undefined && areAmong(classes, new Set(last.classes))
    if (isSame && last.isConstant() && !last.packed.kept.some(isGone)) return last
    const all = isSame ? last.classes : [...classes]
    const [fn, node] =
      'fn' in target
        ? [target.fn]
        : [target.reference, { kind: 'export', ...target.reference } as const]
    const options = { captures: this.#captures, start, classes: all, node }
    const packed = bundleFunction(fn, this.#allRules(), options)
    return { packed: this.#keepChanged(this.#lastWithClasses, key, packed, all), classes: all }
  }

  #allRules(): ArrayRules {
    return { ...this.#rules, share: (array) => this.#copies.share(array, {}) }
  }

  /** What has not changed keeps its number, so that workers go on with the function that they have. */
  #keepChanged(
    all: WeakMap<object, Kept>,
    key: object,
    packed: Packed,
    classes: readonly object[],
  ): PackedFunction {
    const { sent, kept, isConstant } = packed
    const isFixed = isReference(sent) || (isConstant() && classes.length === 0)
    const digest = isFixed ? '' : digestOf(sent)
    const last = all.get(key)
    if (digest !== '' && last?.digest === digest) {
      releaseAll(kept)
      return last.packed
    }
    return this.#keep(all, key, { packed, digest, classes })
  }

  #keep(
    all: WeakMap<object, Kept>,
    key: object,
    { packed: { sent, kept, isConstant }, digest, classes }: Changed,
  ): PackedFunction {
    const packed = { id: ++lastId, sent, kept }
    // At once, since a worker's function holds the memory of its arrays. A run that still has it tells it again.
    const before = all.get(key)
    if (before !== undefined) this.#onDropped(before.packed.id)
    else countRemade(key, sent)
    all.set(key, { packed, digest, isConstant, classes })
    if (!isReference(sent)) this.#registry.register(packed, packed.id)
    return packed
  }
}

/** What was sent last of a function, and a digest of it. */
interface Kept {
  readonly packed: PackedFunction
  readonly digest: string
  readonly isConstant: () => boolean
  /** Classes of arguments that went with it. */
  readonly classes: readonly object[]
}

/** What is to be sent of a function from now on. */
interface Changed extends Pick<Kept, 'digest' | 'classes'> {
  readonly packed: Packed
}

const none: readonly never[] = []

/** The functions of one run, with what they had captured when it took its first task of each. */
export class RunFunctions {
  readonly #all: FunctionCache
  readonly #start: RunStart | undefined
  /** Keeps the pages of captured arrays until the run is over. */
  readonly #holds: Hold[] = []
  /** Most runs have one function, and weak maps are dear to the garbage collector. */
  #firstKey: object | undefined
  #first: PackedFunction | undefined
  #others: WeakMap<object, PackedFunction> | undefined
  /** Those with classes of arguments. */
  #withClasses:
    | Map<object, { readonly packed: PackedFunction; readonly classes: readonly object[] }>
    | undefined

  constructor(all: FunctionCache, start: RunStart | undefined) {
    this.#all = all
    this.#start = start
  }

  /** @throws OneCopyError `ERR_FUNCTION` when it can't travel */
  take(target: FunctionOrReference): PackedFunction {
    const key = keyOf(target)
    if (this.#first !== undefined && this.#firstKey === key) return this.#first
    const known = this.#others?.get(key)
    if (known !== undefined) return known
    const packed = this.#all.pack(target, this.#start)
    this.#hold(packed)
    if (this.#first === undefined) {
      this.#firstKey = key
      this.#first = packed
    } else (this.#others ??= new WeakMap()).set(key, packed)
    return packed
  }

  /**
   * {@link take} of a function whose arguments have instances of classes that no module exports. The same for all tasks
   * of the run, until one has an instance of another class.
   *
   * @throws OneCopyError `ERR_FUNCTION` when one of them can't travel
   */
  takeWithClasses(target: FunctionOrReference, classes: ReadonlySet<object>): PackedFunction {
    const key = keyOf(target)
    const known = this.#withClasses?.get(key)
    const before = new Set(known?.classes)
    if (known !== undefined && areAmong(classes, before)) return known.packed
    // A program may make classes without end.
    const all = before.size < mostClasses ? new Set([...before, ...classes]) : classes
    const taken = this.#all.packWithClasses(target, all, this.#start)
    this.#hold(taken.packed)
    ;(this.#withClasses ??= new Map()).set(key, taken)
    return taken.packed
  }

  #hold({ kept }: PackedFunction): void {
    for (const held of kept)
      if (held instanceof NDArray && held.mapping?.kind === 'scratch')
        this.#holds.push(holdPages(held.mapping))
  }

  /** All tasks have ended: arrays that were disposed of meanwhile are freed. */
  close(): void {
    releaseAll(this.#holds)
  }
}

function areAmong(classes: ReadonlySet<object>, all: ReadonlySet<object>): boolean {
  return [...classes].every((Class) => all.has(Class))
}

/** Classes that go with one function. */
const mostClasses = 100

/** Whether a captured array was disposed of. */
function isGone(held: Held): boolean {
  return held instanceof NDArray && held.mapping?.isGone === true
}

function keyOf(target: FunctionOrReference): object {
  return 'fn' in target ? target.fn : target.reference
}

/** A hash of what would be sent: equal for equal sources and captured values. */
function digestOf(sent: SentFunction): string {
  const serializer = new Digester()
  serializer.writeHeader()
  serializer.writeValue(sent)
  const bytes = serializer.releaseBuffer()
  return `${bytes.length} ${process.getBuiltinModule('node:crypto').hash('sha256', bytes)}`
}

const bufferIds = new WeakMap<SharedArrayBuffer, number>()
let lastBufferId = 0

class Digester extends Serializer {
  /** Shared memory is what it is, whatever is in it. */
  _getSharedArrayBufferId(buffer: SharedArrayBuffer): number {
    let id = bufferIds.get(buffer)
    if (id === undefined) bufferIds.set(buffer, (id = ++lastBufferId))
    return id
  }
}
