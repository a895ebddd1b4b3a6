/** Starts threads and processes that open references. */

import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import type { TestContext } from 'node:test'
import { Worker } from 'node:worker_threads'
import type { Answer, Order } from './programs/receiver.ts'

/** Another thread or process. */
export type ReceiverKind = 'thread' | 'process'

/** Gives it an order and waits for the answer. */
export type Receiver = (order: Order) => Promise<Answer>

const program = join(import.meta.dirname, 'programs/receiver.ts')

/** Starts a receiver that ends with the test. */
export function startReceiver(test: TestContext, kind: ReceiverKind): Receiver {
  if (kind === 'process') {
    const child = fork(program)
    test.after(() => child.kill())
    return (order) => {
      child.send(order)
      return answerOf(child)
    }
  }
  const worker = new Worker(program)
  test.after(() => worker.terminate())
  return (order) => {
    worker.postMessage(order)
    return answerOf(worker)
  }
}

/** The next message; a receiver that ends instead is an error, not a wait without end. */
async function answerOf(receiver: ChildProcess | Worker): Promise<Answer> {
  const done = new AbortController()
  const { signal } = done
  const ended = once(receiver, 'exit', { signal }).then(() => {
    throw new Error('The receiver ended before it answered.')
  })
  try {
    const [answer] = (await Promise.race([once(receiver, 'message', { signal }), ended])) as [
      Answer,
    ]
    return answer
  } finally {
    done.abort()
    ended.catch(() => undefined)
  }
}
