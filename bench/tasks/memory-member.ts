/** A process of 100 MB of its own and 512 MB that it shares; the root starts five more. */

import { fork } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { setTimeout } from 'node:timers/promises'
import { decodeReference, encodeReference, shared } from '../../src/arrays/index.ts'
import type { ArrayReference } from '../../src/arrays/index.ts'

const privateBytes = 100_000_000
const sharedBytes = 512_000_000

/** What the benchmark asks the root for, and the root its members. */
export interface MemberRequest {
  readonly hold?: ArrayReference | 'everything'
  /** Maps and unmaps memory for so long, and tells how long each call took. */
  readonly probeMs?: number
}

const kept: unknown[] = []
const members: ChildProcess[] = []

process.on('message', (request: MemberRequest) => {
  void answer(request).then((result) => process.send!(result))
})
process.on('disconnect', () => process.exit())
process.send!('ready')

async function answer({ hold, probeMs }: MemberRequest): Promise<unknown> {
  if (hold === 'everything') await startMembers()
  else if (hold) kept.push(new Uint8Array(privateBytes).fill(1), touch(hold))
  if (probeMs === undefined) return 'done'
  const others = Promise.all(members.map((member) => ask(member, { probeMs })))
  const own = await probe(probeMs)
  return [own, ...((await others) as number[][])].flat()
}

/** The shared array exists once; every process touches all of it. */
async function startMembers(): Promise<void> {
  const array = shared([sharedBytes], 'uint8')
  array.data.fill(1)
  const reference = encodeReference(array)!
  kept.push(array, new Uint8Array(privateBytes).fill(1))
  for (let i = 0; i < 5; i++) {
    const member = fork(new URL(import.meta.url))
    members.push(member)
    await once(member, 'message')
    await ask(member, { hold: reference })
  }
}

async function ask(member: ChildProcess, request: MemberRequest): Promise<unknown> {
  member.send(request)
  return ((await once(member, 'message')) as [unknown])[0]
}

function touch(reference: ArrayReference): unknown {
  const array = decodeReference(reference)
  const bytes = new Uint8Array(array.buffer)
  let sum = 0
  for (let at = 0; at < bytes.length; at += 4096) sum += bytes[at]!
  return [array, sum]
}

/** Microseconds of each call; a buffer this large is a mapping of its own, of untouched pages. */
async function probe(ms: number): Promise<number[]> {
  const took: number[] = []
  const end = performance.now() + ms
  while (performance.now() < end) {
    const start = performance.now()
    new ArrayBuffer(40_000_000).transfer(0)
    took.push(Math.round(1000 * (performance.now() - start)))
    await setTimeout(1)
  }
  return took
}
