/** Makes the calls of a layer, on workers or in this thread. */

import { isOneCopyError } from '../../../errors.ts'
import { delayed, type Parallel, type Task } from '../../../parallel/index.ts'
import { type CallRoom, RoomVisit } from './call-room.ts'
import { explainFailure } from './layer-tasks.ts'
import { untilAborted } from './until-aborted.ts'

/** One call of an exported function. */
export interface Call<R> {
  /** Makes the call in this thread. */
  readonly here: () => Promise<R>
  /** The same call for a worker. */
  readonly task: () => Task<R>
  /** Whose code it runs; undefined: that of onecopy. */
  readonly owner?: CallOwner
}

/** The learner whose code a call runs, and on what. */
export interface CallOwner {
  readonly name: string
  /** For error texts: `fold 2`. */
  readonly where: string
}

/** How the calls of a layer are made and reported. */
export interface LayerWork {
  /** The pool to make calls on; undefined makes them in this thread, one after the other. */
  readonly parallel: Parallel | undefined
  readonly signal: AbortSignal | undefined
  /** How often a call whose worker was lost is made again; default: as the pool says. */
  readonly retries?: number
  /** Called after each call with its result. */
  readonly step: (result?: unknown) => void
  /** Where calls on workers wait for each other; default: as many run at once as there are workers. */
  readonly room?: CallRoom | undefined
  /** Runs a call in this thread, when several members make calls here by turns; default: at once. */
  readonly takeTurn?: <T>(run: () => Promise<T>) => Promise<T>
}

/** Runs one call after the other, in the order in which they were asked for. */
export function makeTurns(): <T>(run: () => Promise<T>) => Promise<T> {
  let last: Promise<unknown> = Promise.resolve()
  return (run) => {
    const mine = last.then(run)
    last = mine.catch(() => {})
    return mine
  }
}

/** A call of an exported function with arguments that can be sent. */
export function call<A extends unknown[], R>(fn: (...args: A) => Promise<R>, ...args: A): Call<R> {
  // What SendableArguments checks by type, the payload checks again when it is sent.
  const later = delayed(fn) as unknown as (...args: A) => Task<R>
  return { here: () => fn(...args), task: () => later(...args) }
}

/** A call that runs the code of a learner, which is named when it takes down its worker. */
export function callOf<A extends unknown[], R>(
  owner: CallOwner,
  fn: (...args: A) => Promise<R>,
  ...args: A
): Call<R> {
  return { ...call(fn, ...args), owner }
}

/**
 * Makes calls and waits for all of them.
 *
 * @param calls - asked for while there is room
 * @returns the results in the order of the calls
 * @throws what the first failed call threw; `ERR_LEARNER` when its learner took down a worker; the signal's reason
 */
export async function makeCalls<R>(calls: Calls<R>, work: LayerWork): Promise<R[]> {
  const results: R[] = []
  const { signal, retries } = work
  signal?.throwIfAborted()
  const options = { ...(signal && { signal }), ...(retries !== undefined && { retries }) }
  const owners: (CallOwner | undefined)[] = []
  const visit = new RoomVisit(work.room)
  const tasks = work.parallel?.stream(tasksOf(calls, owners, visit), options)
  try {
    for await (const result of tasks ?? here(calls, work)) {
      visit.leave()
      results.push(result)
      work.step(result)
      signal?.throwIfAborted()
    }
  } catch (error) {
    const owner = lostCall(error, owners)
    if (owner === undefined) throw error
    return explainFailure(owner.name, owner.where, () => Promise.reject(error))
  } finally {
    visit.end()
  }
  return results
}

/** Whose call a worker was lost with. */
function lostCall(
  error: unknown,
  owners: readonly (CallOwner | undefined)[],
): CallOwner | undefined {
  if (!isOneCopyError(error) || error.code !== 'ERR_WORKER_LOST') return undefined
  const { task } = error.details as { readonly task?: { readonly index: number } }
  return task && owners[task.index]
}

type Calls<R> = Iterable<Call<R>> | AsyncIterable<Call<R>>

/** @param owners - gets one for each task */
async function* tasksOf<R>(
  calls: Calls<R>,
  owners: (CallOwner | undefined)[],
  visit: RoomVisit,
): AsyncGenerator<Task<R>> {
  for await (const one of calls) {
    if (!(await visit.enter())) return
    owners.push(one.owner)
    yield one.task()
  }
}

async function* here<R>(calls: Calls<R>, { takeTurn, signal }: LayerWork): AsyncGenerator<R> {
  for await (const one of calls) {
    const run = async (): Promise<R> => {
      // Its turn may come when nobody waits for it any more.
      signal?.throwIfAborted()
      return one.here()
    }
    yield await untilAborted(signal, takeTurn === undefined ? run : () => takeTurn(run))
  }
}
