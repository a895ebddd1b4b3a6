/** Checks that exclusive views of tasks in flight don't overlap. */

import { NDArray } from '../../arrays/index.ts'
import { isExclusive, memoryOf, sharesElement, usesExclusive } from '../../arrays/internal.ts'
import { OneCopyError } from '../../errors.ts'
import type { Hold } from './holds.ts'

/** An exclusive view and the task that has it. */
interface Output {
  readonly view: NDArray
  /** What error texts call the task. */
  readonly called: string
  /** The same for all views of one task, which may overlap. */
  readonly owner: object
}

/** Outputs of tasks in flight in this thread, by the memory that they lie in: a mapping's identity, or a buffer. */
const inFlight = new Map<string | ArrayBufferLike, Set<Output>>()

/**
 * Enters an exclusive view of a task that is about to be sent.
 *
 * @param owner - the task; its own views may overlap
 * @param called - what error texts call it: ``task 3 (`fill`)``
 * @returns ended when the task has, or won't run any more
 * @throws OneCopyError `ERR_OVERLAP` when another task in flight has one of its elements
 */
export function enterOutput(view: NDArray, owner: object, called: string): Hold {
  const memory = memoryOf(view)
  const outputs = inFlight.get(memory) ?? new Set()
  const output = { view, called, owner }
  for (const other of outputs) requireApart(other, output)
  inFlight.set(memory, outputs.add(output))
  const release = (): void => {
    outputs.delete(output)
    if (outputs.size === 0 && inFlight.get(memory) === outputs) inFlight.delete(memory)
  }
  return { release }
}

/** An exclusive view of a task that was taken from its input: it is in flight from `enter` to `release`. */
export class TaskOutput implements Hold {
  readonly #output: Output
  #hold: Hold | undefined

  /** @param output - what {@link enterOutput} takes */
  constructor(output: Output) {
    this.#output = output
  }

  /** @throws OneCopyError `ERR_OVERLAP` when another task in flight has one of its elements */
  enter(): void {
    const { view, owner, called } = this.#output
    this.#hold = enterOutput(view, owner, called)
  }

  release(): void {
    this.#hold?.release()
  }
}

/**
 * Holds the exclusive views among the arguments of a list of tasks against each other, before any of them
 * starts: which two would be in flight together depends on the number of workers and on time.
 *
 * @param tasks - those that are known, with their arguments; views are found as arguments, and in
 *   lists and plain objects among them
 * @throws OneCopyError `ERR_OVERLAP`
 */
export function requireOutputsApart(
  tasks: readonly {
    readonly callee: { readonly name: string }
    readonly args: readonly unknown[]
  }[],
): void {
  if (!usesExclusive()) return
  const known = new Map<string | ArrayBufferLike, Output[]>()
  for (const [index, task] of tasks.entries()) {
    for (const view of exclusiveIn(task.args, 0)) {
      const outputs = known.get(memoryOf(view)) ?? []
      known.set(memoryOf(view), outputs)
      const output = { view, called: `task ${index} (\`${task.callee.name}\`)`, owner: task }
      for (const other of outputs) requireApart(other, output)
      outputs.push(output)
    }
  }
}

/** How deep views are looked for in arguments. */
const deepest = 3

function* exclusiveIn(value: unknown, depth: number): Generator<NDArray> {
  if (value instanceof NDArray) {
    if (isExclusive(value)) yield value
  } else if (typeof value === 'object' && value !== null && depth < deepest) {
    if (ArrayBuffer.isView(value)) return
    for (const member of Object.values(value)) yield* exclusiveIn(member, depth + 1)
  }
}

function requireApart(first: Output, second: Output): void {
  if (first.owner === second.owner || !sharesElement(first.view, second.view)) return
  throw new OneCopyError(
    'ERR_OVERLAP',
    `Expected tasks in flight to have exclusive views without a common element, but that of ${second.called}, ${describe(second.view)}, ` +
      `overlaps that of ${first.called}, ${describe(first.view)}. Give each task a part of its own, or run one after the other has ended.`,
    { details: { tasks: [first.called, second.called] } },
  )
}

function describe({ dtype, shape, strides, offset }: NDArray): string {
  return `${dtype} of shape [${shape.join(', ')}] with strides [${strides.join(', ')}] from element ${offset}`
}
