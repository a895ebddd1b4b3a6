/** A task that is ready to be sent, and its run. */

import type { OneCopyError } from '../../errors.ts'
import type { PackedFunction } from '../functions/bundles/function-cache.ts'
import type { Encoded } from '../payload/encode.ts'
import type { TaskOutput } from '../payload/exclusive-outputs.ts'
import type { Task } from '../tasks/task.ts'
import type { RunWatch } from './run-memory.ts'
import type { RunSettings } from './run-options.ts'

/** A task from the input, encoded and ready to be sent. */
export interface Job {
  readonly run: JobRun
  readonly index: number
  readonly task: Task<unknown>
  /**
   * The arguments as they were when the input gave the task; they can be sent more than once. Undefined for primitive
   * values, which are sent unchanged; so is plain data of tasks that were made before the run.
   */
  readonly encoded: Encoded | undefined
  readonly fn: PackedFunction
  /** Functions among the arguments. */
  readonly others: readonly PackedFunction[]
  /** Exclusive views among the arguments; they are in flight once the task is taken. */
  readonly outputs: readonly TaskOutput[]
  /** Its number among the tasks of its worker. */
  number: number
  /** When it was taken, by `sharedMs`. */
  takenMs: number
  /** How often it was run and lost with its worker. */
  losses: number
  /** Whether it has ended, or will never be sent. */
  isOver: boolean
}

/** The run of a job, as the scheduler and the workers see it. */
export interface JobRun {
  readonly settings: RunSettings
  /** Whether the run is over: all results in, failed, or stopped. */
  readonly isClosed: boolean
  /** Whether a worker may have to be killed during one of its tasks, while other runs continue. */
  readonly mayKill: boolean
  /** How many of its tasks go into one message; set by the scheduler. */
  perMessage: number
  /** Measures its memory, if the pool has a monitor. */
  readonly watch: RunWatch | undefined
  /** Takes the result of a task; a `LazyResult` is opened when it is read. */
  succeed(job: Job, value: unknown): void
  /** Takes the failure of a task, which stops the run unless failures are collected. */
  fail(job: Job, reason: unknown): void
  /** Takes the failure of a task that still runs: the memory that it uses is held until `drop`. */
  failEarly(job: Job, reason: unknown): void
  /**
   * Notes that a task was lost with its worker.
   *
   * @param explain - makes the error, if the task does not run again
   * @returns whether the task runs again
   */
  lose(job: Job, explain: () => OneCopyError): boolean
  /** Releases what the arguments of a task refer to, once it has ended or will never be sent. */
  drop(job: Job): void
  /**
   * Ends the run early: tasks that have not started are dropped, results of others are ignored.
   *
   * @param failure - passed to the sink; undefined when the sink itself stops the run
   * @throws when the sink itself stops, what closing the source throws
   */
  stop(failure?: { error: unknown }): void
}
