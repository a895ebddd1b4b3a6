/** Knows which results that are being computed wait for which others. */

import { AsyncLocalStorage } from 'node:async_hooks'

/** The results that are being computed around what runs, the innermost last: paths of their files. */
const computing = new AsyncLocalStorage<readonly string[]>()

/** By path of a result: those that its computation waits for, and how many of its calls do. */
const needs = new Map<string, Map<string, number>>()

/** Runs a computation; what it calls, at once or later, counts as called by it. */
export function computeAs<T>(path: string, compute: () => T): T {
  return computing.run([...(computing.getStore() ?? []), path], compute)
}

/** Whether a result can't come before the computation that asks for it here has ended. */
export function needsItself(path: string): boolean {
  const around = computing.getStore()
  if (around === undefined) return false
  const found = new Set([path])
  for (const one of found) {
    if (around.includes(one)) return true
    for (const other of needs.get(one)?.keys() ?? []) found.add(other)
  }
  return false
}

/** Waits for a result, on behalf of the computation that asks for it here. */
export async function whileNeeded<T>(path: string, result: Promise<T>): Promise<T> {
  const inner = computing.getStore()?.at(-1)
  if (inner === undefined) return result
  count(inner, path, 1)
  try {
    return await result
  } finally {
    count(inner, path, -1)
  }
}

function count(inner: string, path: string, change: number): void {
  const own = needs.get(inner) ?? new Map<string, number>()
  const calls = (own.get(path) ?? 0) + change
  if (calls > 0) needs.set(inner, own.set(path, calls))
  else if (own.delete(path) && own.size === 0) needs.delete(inner)
}
