/** Encodes functions and arguments of a run's tasks. */

import type { NDArray } from '../../arrays/index.ts'
import type {
  RunFunctions,
  PackedFunction,
  FunctionCache,
} from '../functions/bundles/function-cache.ts'
import { ArgumentClasses } from '../functions/classes/describe-class.ts'
import type { RunStart } from '../functions/names/run-start.ts'
import { requireEvaluated } from '../functions/names/task-imports.ts'
import type { ArrayRules } from '../payload/encode-arrays.ts'
import { encode, type Encoded, encodeUnchanged } from '../payload/encode.ts'
import type { SharedCopies, SharedCopy } from '../payload/shared-copies.ts'
import { LargeLists } from './large-lists.ts'
import { TaskOutput } from '../payload/exclusive-outputs.ts'
import type { Callee } from '../tasks/task.ts'

/** Arguments that take longer to copy, some hundred kilobytes, are copied before a worker is free. */
const longMs = 0.1

/** How a pool encodes tasks. */
export interface EncodingOptions {
  /** How arrays in arguments are sent. */
  readonly rules: Omit<ArrayRules, 'share'>
  /** Copies of private arrays in shared memory. */
  readonly copies: SharedCopies
  /** Encodes functions, each once. */
  readonly functions: FunctionCache
  /** Whether tasks run in this thread. */
  readonly isLocal: boolean
}

/** What a run's tasks come from. */
export interface RunInput {
  /** All tasks and their arguments exist before the first is taken. */
  readonly isMadeBefore: boolean
  /** The items of `map` or `starmap`, and the arrays in them, exist before the first is taken. */
  readonly isCollection: boolean
}

/** Functions, classes and exclusive views among the arguments of a task. */
export interface Found {
  readonly functions: PackedFunction[]
  /** Classes of instances that no module exports. */
  readonly classes: Set<object>
  /** Exclusive views; they must be entered before the task is sent. */
  readonly outputs: TaskOutput[]
}

/** The parts of a task that are encoded; the published declarations of `Task` omit them. */
export interface Call {
  readonly callee: Callee
  readonly args: readonly unknown[]
}

/** Encodes the tasks of one run. */
export class TaskEncoder {
  readonly #options: EncodingOptions
  readonly #functions: RunFunctions
  readonly #input: RunInput
  readonly #start: RunStart | undefined
  #classes: ArgumentClasses | undefined
  readonly #largeLists = new LargeLists()
  /** Whether the arguments of the last task took long to copy. */
  takesLong = false

  /**
   * @param input - what is known of the tasks
   * @param start - the stack on which the run starts
   */
  constructor(options: EncodingOptions, input: RunInput, start: RunStart | undefined) {
    this.#options = options
    this.#functions = options.functions.forRun(start)
    this.#input = input
    this.#start = start
  }

  /** Encodes the function of a task. */
  packFunction({ callee }: Pick<Call, 'callee'>): PackedFunction {
    const { target } = callee
    if ('reference' in target && this.#options.isLocal && this.#start !== undefined)
      requireEvaluated(target.reference, this.#start)
    return this.#functions.take(target)
  }

  /** The function of a task together with the classes of its arguments that go as source; `packed` when there are none. */
  addClasses(
    packed: PackedFunction,
    { callee }: Pick<Call, 'callee'>,
    { classes }: Found,
  ): PackedFunction {
    return classes.size === 0 ? packed : this.#functions.takeWithClasses(callee.target, classes)
  }

  /**
   * Encodes the arguments of a task as they are now.
   *
   * @param found - takes the functions, classes and exclusive views that stand in them
   */
  packArguments({ args, callee }: Call, index: number, found: Found): Encoded {
    const { functions, classes, outputs } = found
    const start = performance.now()
    this.#largeLists.look(args, index, callee.name)
    const { rules, copies } = this.#options
    // The caller can change arrays between two tasks of a generator, but not between those of a list.
    const { isMadeBefore, isCollection } = this.#input
    const moment = isMadeBefore || isCollection ? this : {}
    const called = (): string => `task ${index} (\`${callee.name}\`)`
    const share = (array: NDArray): SharedCopy => copies.share(array, moment)
    const owner = {}
    const encoded = (isMadeBefore ? encodeUnchanged : encode)(
      args,
      {
        ...rules,
        share,
        holdsPages: true,
        enterOutput: (view) => {
          const output = new TaskOutput({ view, owner, called: called() })
          outputs.push(output)
          return output
        },
      },
      () => `the arguments of ${called()}`,
      {
        functions: (fn) => {
          const packed = this.#functions.take({ fn })
          if (!functions.includes(packed)) functions.push(packed)
          return packed.id
        },
        classes: (instance, registered) => {
          this.#classes ??= new ArgumentClasses(this.#start)
          return this.#classes.describe(instance, registered, classes)
        },
      },
    )
    this.takesLong = performance.now() - start > longMs
    return encoded
  }

  /** Releases the memory that functions have captured. All tasks must have ended. */
  close(): void {
    this.#functions.close()
  }
}
