/** Tracks which functions a worker has received, on both sides. */

import type { SentFunction } from '../contract/bundle.ts'
import { isReference } from '../contract/reference.ts'
import type { Callable } from '../contract/reference.ts'
import { reviveSent } from './revive.ts'
import type { Revived } from './revive-bundle.ts'
import type { PackedFunction } from '../bundles/function-cache.ts'

/** Closures that a worker keeps. */
const mostClosures = 256

/** References that a worker keeps; they hold no memory but that of their modules. */
const mostReferences = 4096

/** The functions of a worker, as the pool knows them. */
export class ToldFunctions {
  /** In the order in which they were told. */
  readonly #references = new Set<number>()
  /** In the order of their last use. */
  readonly #closures = new Set<number>()

  /** Whether the worker knows a function; asking counts as a use of it. */
  has({ id, sent }: PackedFunction): boolean {
    if (isReference(sent)) return this.#references.has(id)
    if (!this.#closures.delete(id)) return false
    this.#closures.add(id)
    return true
  }

  /** Notes functions that are sent to it; returns those that it must forget. */
  add(functions: Iterable<PackedFunction>): number[] {
    for (const { id, sent } of functions)
      (isReference(sent) ? this.#references : this.#closures).add(id)
    return [...trim(this.#closures, mostClosures), ...trim(this.#references, mostReferences)]
  }

  /** Returns whether the worker knew it. */
  drop(id: number): boolean {
    return this.#closures.delete(id) || this.#references.delete(id)
  }
}

/** Removes and yields the oldest entries until `most` are left. */
function* trim(ids: Set<number>, most: number): Generator<number> {
  for (const id of ids) {
    if (ids.size <= most) return
    ids.delete(id)
    yield id
  }
}

const forgetNothing = (): void => {}

/** A function, or the promise of it. */
interface Entry {
  fn: Callable | Promise<Callable>
  classes?: Revived['classes']
}

/** The functions of a worker, in the worker. */
export class WorkerFunctions {
  readonly #entries = new Map<number, Entry>()

  learn(id: number, sent: SentFunction): void {
    const revived = reviveSent(sent)
    const entry: Entry = { fn: revived.then(({ fn }) => fn) }
    this.#entries.set(id, entry)
    revived.then(
      ({ fn, classes }) => Object.assign(entry, { fn, classes }),
      () => {}, // each task that calls it fails with the reason
    )
  }

  /** Returns what forgets functions later, when the tasks that came before have run; those told anew stay. */
  forgetting(ids: readonly number[]): () => void {
    if (ids.length === 0) return forgetNothing
    const entries = ids.map((id) => [id, this.#entries.get(id)] as const)
    return () => {
      for (const [id, entry] of entries)
        if (this.#entries.get(id) === entry) this.#entries.delete(id)
    }
  }

  /** A promise while its modules are loaded, and for good when that failed. */
  get(id: number): Callable | Promise<Callable> {
    return this.#entries.get(id)!.fn
  }

  /** Classes that came with a function which is ready, by the numbers that their sender knows them by. */
  classesOf(id: number): Revived['classes'] {
    return this.#entries.get(id)?.classes
  }

  /** Waits for functions that stand in arguments; rejects with the reason when one can't be had. */
  async allReady(ids: readonly number[]): Promise<void> {
    await Promise.all(ids.map(async (id) => this.get(id)))
  }

  /** A function that stands in arguments and is ready. */
  readonly take = (id: number): unknown => this.get(id)
}
