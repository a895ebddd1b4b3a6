/** What happens in a call of a cached function. */

import { hash } from 'node:crypto'
import { isOneCopyError, OneCopyError } from '../errors.ts'
import { ArrayDigests } from './array-digests.ts'
import type { CacheEvent } from './cache-events.ts'
import { type CacheFolder, folderAt, isDiskProblem } from './cache-folder.ts'
import { identifyFunction, keyOf } from './cache-key.ts'
import type { CacheOptions } from './cache-options.ts'
import { describeArguments } from './describe-arguments.ts'
import { openEntry, type OpenEntry, writeEntry } from './entry-file.ts'
import { findIgnored, type IgnoredPlace, withoutIgnored } from './ignored-parameters.ts'
import { lockKey } from './key-lock.ts'
import { computeAs, needsItself, whileNeeded } from './needed-results.ts'
import { groupName } from './stored-entries.ts'

/** What the last call of a cached function in this thread did. */
export interface LastCall {
  /** Whether its result was found, also when it had to wait for another call that computed it. */
  readonly isHit: boolean
  /** 32 hexadecimal digits. */
  readonly key: string
}

/** A function whose results are kept. */
export type AnyFunction = (...args: never[]) => unknown

/** Where the result of a call is kept. */
interface Target {
  readonly key: string
  readonly identity: string
  readonly path: string
  readonly group: string
}

/** A function and how its results are kept. */
export class CachedFunction {
  readonly fn: AnyFunction
  readonly name: string
  readonly options: CacheOptions
  last: LastCall | undefined
  readonly #folder: CacheFolder
  readonly #ignored: readonly IgnoredPlace[]
  /** What it was where it came from; then it is not looked into here. */
  readonly #identity: string | undefined
  #isIdentified = false

  /**
   * @param identity - of a function that came from another thread or process
   */
  constructor(fn: AnyFunction, options: CacheOptions, identity?: string) {
    this.fn = fn
    this.options = options
    this.name = options.name ?? (fn.name || 'anonymous')
    this.#folder = folderAt(options.folder)
    this.#ignored = findIgnored(fn, options.ignore ?? [])
    this.#identity = identity
  }

  async call(args: readonly unknown[]): Promise<unknown> {
    const target = await this.#find(args)
    const found = await this.#open(target)
    if (found !== undefined) return this.#finish(true, target, found.value)
    const other = this.#folder.inFlight.get(target.path)
    this.options.signal?.throwIfAborted()
    if (other === undefined) return this.#waitFor(target, this.#compute(target, args))
    this.#requireNoCycle(target)
    this.#report({ type: 'wait', name: this.name, key: target.key })
    const computed = await this.#waitFor(target, other)
    // Each call gets a result of its own, where there is one to be had.
    const stored = await this.#open(target)
    return this.#finish(true, target, stored === undefined ? computed : stored.value)
  }

  async has(args: readonly unknown[]): Promise<boolean> {
    return (await this.#open(await this.#find(args), true)) !== undefined
  }

  async get(args: readonly unknown[]): Promise<unknown> {
    return (await this.#open(await this.#find(args)))?.value
  }

  async delete(args: readonly unknown[]): Promise<boolean> {
    return this.#folder.remove((await this.#find(args)).path)
  }

  async key(args: readonly unknown[]): Promise<string> {
    return (await this.#find(args)).key
  }

  /** What the function is now: 32 hexadecimal digits. */
  identify(digests: ArrayDigests = new ArrayDigests(undefined, { waits: true })): string {
    if (this.#identity !== undefined) return this.#identity
    const { version } = this.options
    if (version === undefined) return this.#identifySource(digests)
    return hash('sha256', `version ${typeof version} ${version} ${this.name}`, 'hex').slice(0, 32)
  }

  /** A function may use itself, as cached. */
  #identifySource(digests: ArrayDigests): string {
    if (this.#isIdentified) return 'itself'
    this.#isIdentified = true
    try {
      return identifyFunction(this.fn, digests)
    } finally {
      this.#isIdentified = false
    }
  }

  /** Where the result of a call belongs. Twice, when digests of large arrays had to be waited for. */
  async #find(args: readonly unknown[]): Promise<Target> {
    const { trustFileTimes = true, signal } = this.options
    const digests = new ArrayDigests(trustFileTimes ? this.#folder.digests : undefined, { signal })
    const counted = withoutIgnored(args, this.#ignored)
    for (;;) {
      const identity = this.identify(digests)
      const key = keyOf(identity, counted, digests)
      if (!digests.isPending) {
        const group = `${groupName(this.name)}-${identity.slice(0, 8)}`
        return { key, identity, group, path: this.#folder.pathOf(group, key) }
      }
      await digests.settle()
    }
  }

  /** The stored result; a damaged one counts as none, and is replaced. */
  async #open(target: Target, isAsked = false): Promise<OpenEntry | undefined> {
    const { key, path } = target
    let found: OpenEntry | undefined
    try {
      found = await openEntry(path, key)
    } catch (error) {
      if (!isOneCopyError(error) && !isDiskProblem(error)) throw error
      this.#report({ type: 'problem', name: this.name, key, error })
      return undefined
    }
    if (found === undefined || isAsked) return this.#unlessOld(found)
    this.#folder.touch(path, found.usedMs)
    return this.#unlessOld(found)
  }

  #unlessOld(found: OpenEntry | undefined): OpenEntry | undefined {
    const { maxAgeMs = Infinity } = this.options
    return found !== undefined && Date.now() - found.facts.computedMs > maxAgeMs ? undefined : found
  }

  /** Computes once for all calls of this thread that ask meanwhile. A rejection reaches all of them, and is not kept. */
  #compute(target: Target, args: readonly unknown[]): Promise<unknown> {
    const { inFlight } = this.#folder
    const computation = this.#computeLocked(target, args).finally(() =>
      inFlight.delete(target.path),
    )
    inFlight.set(target.path, computation)
    return computation
  }

  async #computeLocked(target: Target, args: readonly unknown[]): Promise<unknown> {
    const { key, path } = target
    if (!this.#folder.prepare()) return this.#run(target, args)
    const lock = await lockKey(this.#folder.locks, key, {
      signal: this.options.signal,
      onWait: () => this.#report({ type: 'wait', name: this.name, key }),
      isDone: () => this.#folder.isStored(path),
    })
    try {
      const stored = await this.#open(target)
      if (stored !== undefined) return this.#finish(true, target, stored.value)
      if (lock === undefined) return await this.#computeLocked(target, args)
      // Damaged or too old: nobody must take it for the new one.
      this.#folder.discard(path)
      return await this.#runAndStore(target, args)
    } finally {
      lock?.release()
    }
  }

  async #runAndStore(target: Target, args: readonly unknown[]): Promise<unknown> {
    const { key, identity, path } = target
    const start = performance.now()
    const result = await this.#run(target, args)
    const seconds = Math.round((performance.now() - start) * 1000) / 1e6
    const facts = { key, name: this.name, identity, computedMs: Date.now(), seconds }
    let entry: OpenEntry | undefined
    try {
      entry = await writeEntry(
        path,
        result,
        { ...facts, arguments: describeArguments(args) },
        { durable: this.options.durable ?? false },
      )
    } catch (error) {
      return this.#keepUnstored(target, result, error)
    }
    const { maxBytes = Infinity, maxItems = Infinity, maxAgeMs = Infinity } = this.options
    entry ??= await this.#open(target, true)
    this.#report({ type: 'store', name: this.name, key, seconds, bytes: entry?.bytes ?? 0 })
    this.#noteStored(path, { maxBytes, maxItems, maxAgeMs })
    return entry === undefined ? result : entry.value
  }

  #noteStored(path: string, limits: Parameters<CacheFolder['noteStored']>[1]): void {
    try {
      this.#folder.noteStored(path, limits, (event) => this.#report({ ...event, name: this.name }))
    } catch (error) {
      this.#folder.warn(error)
    }
  }

  async #run({ key, path }: Target, args: readonly unknown[]): Promise<unknown> {
    this.#report({ type: 'miss', name: this.name, key })
    const result = await computeAs(path, () => this.fn(...(args as never[])))
    this.last = { isHit: false, key }
    return result
  }

  /** A full disk costs no result; one that can never be stored is an error, or it would be computed each time unnoticed. */
  #keepUnstored({ key }: Target, result: unknown, error: unknown): unknown {
    this.#report({ type: 'problem', name: this.name, key, error })
    if (isDiskProblem(error)) {
      this.#folder.warn(error)
      return result
    }
    if (!isOneCopyError(error)) throw error
    if (this.options.onUnstorable === 'pass') return result
    throw new OneCopyError(
      error.code,
      `Could not store the result of the cached function \`${this.name}\`: ${error.message} Return data, or set onUnstorable: 'pass', which computes it each time.`,
      { cause: error, details: { ...error.details, name: this.name, key } },
    )
  }

  #requireNoCycle({ key, path }: Target): void {
    if (!needsItself(path)) return
    throw new OneCopyError(
      'ERR_CACHE_CYCLE',
      `The cached function \`${this.name}\` needs its own result: it was called again with the same arguments (key ${key}) while it computes with them. Call it with others, or end the recursion before.`,
      { details: { name: this.name, key } },
    )
  }

  /** Waits for a computation, or for the signal; the computation goes on then, and its result is stored. */
  #waitFor({ path }: Target, computation: Promise<unknown>): Promise<unknown> {
    const { signal } = this.options
    if (signal === undefined) return whileNeeded(path, computation)
    const waiting = new Promise((resolve, reject) => {
      const stop = (): void => reject(signal.reason as Error)
      signal.addEventListener('abort', stop, { once: true })
      void computation
        .then(resolve, reject)
        .finally(() => signal.removeEventListener('abort', stop))
    })
    return whileNeeded(path, waiting)
  }

  #finish(isHit: boolean, { key }: Target, value: unknown): unknown {
    this.last = { isHit, key }
    if (isHit) this.#report({ type: 'hit', name: this.name, key })
    return value
  }

  #report(event: CacheEvent): void {
    const { onEvent } = this.options
    if (onEvent === undefined) return
    try {
      onEvent(event)
    } catch (error) {
      // The call must not end by it, nor may it get lost.
      process.nextTick(() => {
        throw error
      })
    }
  }
}
