/** Names built-in functions and objects of JavaScript and Node. */

import type { GlobalNode } from './bundle.ts'

let paths: Map<unknown, readonly string[]> | undefined

/**
 * Finds by which path from `globalThis` a function or object can be had in every thread and process, such as
 * `['Math', 'max']` or `['Array', 'prototype', 'map']`. Getters are left alone.
 */
export function globalNode(value: unknown): GlobalNode | undefined {
  const path = (paths ??= findPaths()).get(value)
  return path && { kind: 'global', path }
}

/** Takes what {@link globalNode} named. */
export function takeGlobal(path: readonly string[]): unknown {
  return path.reduce<unknown>(
    (value, name) => (value as Record<string, unknown>)[name],
    globalThis as unknown,
  )
}

function findPaths(): Map<unknown, readonly string[]> {
  const found = new Map<unknown, readonly string[]>([[globalThis, []]])
  const visit = (holder: object, path: readonly string[]): void => {
    for (const [name, { value }] of Object.entries(
      Object.getOwnPropertyDescriptors(holder) as Record<string, { value?: unknown }>,
    )) {
      const isObject = typeof value === 'object' && value !== null
      if (!isObject && !isUnbound(value, path)) continue
      if (isObject && !(path.length === 0 ? standard.has(name) : name === 'prototype')) continue
      if (found.has(value)) continue
      found.set(value, [...path, name])
      if (path.length === 0 || name === 'prototype') visit(value as object, [...path, name])
    }
  }
  visit(globalThis, [])
  return found
}

/** Whether a value is a function, and not one that the program has bound and made global. */
function isUnbound(value: unknown, path: readonly string[]): boolean {
  return typeof value === 'function' && (path.length > 0 || !value.name.startsWith('bound '))
}

/** Objects that every thread and process has. */
const standard = new Set(
  'Math JSON Reflect Atomics Intl WebAssembly console process performance'.split(' '),
)
