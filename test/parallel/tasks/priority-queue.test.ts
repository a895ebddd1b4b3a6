/** Items come by priority, and among equals in the order in which they were put in. */

import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as fc from 'fast-check'
import { PriorityQueue } from '../../../src/parallel/tasks/priority-queue.ts'

interface Item {
  readonly priority: number
  readonly id: number
}

/** What a queue does, done to a sorted list. */
class SortedList {
  items: Item[] = []

  insert(item: Item, isFirst: boolean): void {
    const { priority } = item
    const at = this.items.findIndex((other) =>
      isFirst ? other.priority <= priority : other.priority < priority,
    )
    this.items.splice(at < 0 ? this.items.length : at, 0, item)
  }

  rotate(): void {
    const first = this.items.shift()
    if (first !== undefined) this.insert(first, false)
  }
}

const step = fc.oneof(
  fc.record({
    kind: fc.constantFrom('push', 'unshift'),
    priority: fc.integer({ min: -2, max: 2 }),
  }),
  fc.record({ kind: fc.constantFrom('shift', 'drop', 'rotate', 'takeAll') }),
)

test('a priority queue gives what a sorted list gives', () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
      const queue = new PriorityQueue<Item>(({ priority }) => priority)
      const list = new SortedList()
      for (const [id, { kind, ...rest }] of steps.entries()) {
        const item = { priority: 0, ...rest, id }
        if (kind === 'push' || kind === 'unshift') {
          queue[kind](item)
          list.insert(item, kind === 'unshift')
        } else if (kind === 'shift') assert.equal(queue.shift(), list.items.shift())
        else if (kind === 'rotate') {
          queue.rotate()
          list.rotate()
        } else if (kind === 'takeAll') assert.deepEqual(queue.takeAll(), list.items.splice(0))
        else {
          const last = list.items.at(-1)
          const first = list.items.find(({ priority }) => priority === last?.priority)
          if (first === undefined) continue
          queue.drop(first)
          list.items.splice(list.items.indexOf(first), 1)
        }
        assert.equal(queue.length, list.items.length)
        assert.equal(queue.peek(), list.items[0])
        assert.deepEqual([...queue], list.items)
        const ids = list.items.reduce((sum, { id }) => sum + id, 0)
        assert.equal(
          queue.sum(({ id }) => id, Infinity),
          ids,
        )
        assert.equal(
          queue.sum(() => 1, 3),
          Math.min(3, list.items.length),
        )
      }
    }),
    { seed: 20261129, numRuns: 500 },
  )
})
