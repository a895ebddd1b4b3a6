/** Divides the cores among workers, including nested ones. */

import { availableParallelism } from 'node:os'
import { setKernelThreads } from '../../native/index.ts'
import { quotaOfCores } from './cgroup-limits.ts'

/** Kept where a second copy of this library, such as one in a bundle, finds it too. */
const place = globalThis as { [key: symbol]: number | undefined }
const share = Symbol.for('onecopy.cores')
let quota: number | undefined

/**
 * Cores that this thread may keep busy. In a program all that affinity and the cgroup's quota leave to
 * it; in a worker its share of what the program had, so that nested pools never ask for more.
 */
export function coreBudget(): number {
  return place[share] ?? Math.min(availableParallelism(), (quota ??= quotaOfCores()))
}

/** Whether this thread or process is a worker of a pool. */
export function isWorker(): boolean {
  return place[share] !== undefined
}

/** Each worker's part of this thread's budget. */
export function shareOfCores(workers: number): number {
  return Math.max(1, Math.floor(coreBudget() / workers))
}

/** Takes up a worker's place: called once, as the worker starts. */
export function enterWorker(cores: number, kernelThreads: number): void {
  place[share] = cores
  setKernelThreads(kernelThreads)
}

/**
 * Turns a requested number of workers into a real one, by joblib's rule: -1 is all cores, -2 all but one,
 * and at least one. Inside a worker the budget is the limit, whatever was asked.
 */
export function countWorkers(requested: number): number {
  const budget = coreBudget()
  const count = requested < 0 ? Math.max(1, budget + 1 + requested) : requested
  return isWorker() ? Math.min(count, budget) : count
}
