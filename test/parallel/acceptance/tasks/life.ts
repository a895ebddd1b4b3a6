/** Tasks that show how their worker lives. */

import { existsSync, writeFileSync } from 'node:fs'
import { threadId } from 'node:worker_threads'
import type { NDArray } from '../../../../src/arrays/index.ts'
import { meet } from '../../../fixtures/tasks/concurrent.ts'

/** The process and thread that a task runs in. */
export const place = (): string => `${process.pid} ${threadId}`

const leaked: Uint8Array[] = []

/** Keeps `bytes` more for good, and tells where. */
export function leak(bytes: number): string {
  leaked.push(new Uint8Array(bytes).fill(1))
  return place()
}

let prepared: unknown
let preparations = 0

/** What each worker does first; slow, so that a task that doesn't wait would be seen. */
export async function prepare(value: unknown): Promise<void> {
  await new Promise((resolve) => setTimeout(resolve, 30))
  prepared = value
  preparations++
}

/** What `prepare` has left here, when `count` such tasks have met. */
export async function readPrepared(
  count: number,
  came: NDArray<'int32'>,
): Promise<{ value: unknown; times: number; place: string }> {
  await meet(count, came)
  return { value: prepared, times: preparations, place: place() }
}

/** Variables of the environment as this worker sees them. */
export function readEnv(names: readonly string[]): (string | undefined)[] {
  return names.map((name) => process.env[name])
}

/** Ends its worker when there is no file `path`, which it then makes; else gives `value`. */
export function exitOnce<T>(path: string, value: T): T {
  if (existsSync(path)) return value
  writeFileSync(path, '')
  return process.exit(7)
}
