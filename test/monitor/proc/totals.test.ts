/** How the memory of processes that share some adds up. */

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { totalMemory } from '../../../src/monitor/proc/totals.ts'

const segment = (bytes: number) => ({ id: `1:${bytes}`, name: 'onecopy', bytes })

test('anonymous memory is a sum, a shared segment counts once, mapped files count once', () => {
  const process = { anonymous: 100, shmem: 512, fileBacked: 40 }
  assert.deepEqual(
    totalMemory([process, process, process, process, process, process], [segment(512)]),
    {
      anonymous: 600,
      shmem: 512,
      fileBacked: 40,
      hard: 1112,
    },
  )
})

test('a segment that nobody maps counts', () => {
  const idle = { anonymous: 5, shmem: 0, fileBacked: 0 }
  assert.equal(totalMemory([idle], [segment(300), segment(200)]).shmem, 500)
})

test('shared memory without an open descriptor counts as far as one process touched it', () => {
  const mapper = { anonymous: 0, shmem: 700, fileBacked: 0 }
  assert.equal(totalMemory([mapper, mapper], [segment(512)]).shmem, 700)
})

test("a process that can't be read adds nothing, and a tree of such is n/a", () => {
  const hidden = { anonymous: undefined, shmem: undefined, fileBacked: undefined }
  const open = { anonymous: 1, shmem: 2, fileBacked: 3 }
  assert.deepEqual(totalMemory([hidden, open], []), {
    anonymous: 1,
    shmem: 2,
    fileBacked: 3,
    hard: 3,
  })
  assert.deepEqual(Object.values(totalMemory([hidden], [])), Array(4).fill(undefined))
})
