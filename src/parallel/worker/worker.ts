/** Entry of a worker thread or process: receives tasks and runs them. */

import { getHeapStatistics } from 'node:v8'
import { isMainThread, threadId, workerData } from 'node:worker_threads'
import { decodeReference, type NDArray } from '../../arrays/index.ts'
import { collectEagerly } from '../../arrays/internal.ts'
import { native } from '../../native/index.ts'
import { PolledPort } from '../machine/polled-port.ts'
import { SpinWait, isQuick } from '../machine/spin-wait.ts'
import { resultLength } from '../protocol/check-message.ts'
import { Claims } from '../protocol/claims.ts'
import { enterWorker } from '../machine/cores.ts'
import { Executor } from './executor.ts'
import { MemoryGauge } from './memory-gauge.ts'
import type { ToWorker, WorkerSetup } from '../protocol/messages.ts'
import type { Post } from './outbox.ts'
import { Output } from './printed-output.ts'
import { taskInScope } from './task-signal.ts'
import { ProcessChannel, type Receive } from './process-channel.ts'
import type { ProcessData, ThreadData } from '../protocol/worker-data.ts'

if (isMainThread) startProcess()
else startThread()

function startThread(): void {
  const data = workerData as ThreadData
  const { setup, port, posted, words } = data.onecopy!
  delete data.onecopy
  const polled = new PolledPort(port, posted, 1)
  const poll = (maxMicros: number): void => {
    const next = polled.take(maxMicros)
    if (next !== undefined) receive(next.message as ToWorker)
  }
  const receive = start(setup, new Claims(words), (message) => polled.post(message), poll)
  port.on('message', receive)
  port.on('messageerror', (error) => {
    throw error // tasks may be lost with what can't be read
  })
}

function startProcess(): void {
  native.dieWithParent(Number(process.argv[2]))
  // Ctrl-C goes to the whole process group; what follows from it is the parent's to say.
  process.on('SIGINT', () => {})
  const begin = ({ setup, words }: ProcessData, channel: ProcessChannel): Receive => {
    const { data, offset, shape } = decodeReference(words) as NDArray<'int32'>
    const claims = new Claims(data.subarray(offset, offset + shape[0]!))
    return start(setup, claims, (message) => channel.post(message))
  }
  // oxlint-disable-next-line no-new -- it lives as long as the process
  new ProcessChannel(begin, () => process.exit())
}

/** What a worker does alike in threads and processes; returns what takes its messages. */
function start(
  { cores, kernelThreads, shareFromBytes, maxMemory, eagerGc, sendsOutput }: WorkerSetup,
  claims: Claims,
  post: Post,
  poll?: (maxMicros: number) => void,
): Receive {
  const spinWait = new SpinWait(poll)
  enterWorker(cores, kernelThreads)
  if (eagerGc) collectEagerly()
  const output = sendsOutput
    ? new Output(
        (stream, task, bytes) => post(['output', stream, task, bytes]),
        claims.concurrency > 1 ? taskInScope : () => claims.running[0]?.task ?? -1,
      )
    : undefined
  const gauge = maxMemory === null ? undefined : new MemoryGauge(maxMemory)
  const executor = new Executor({
    rules: { shareFromBytes, sameProcess: !isMainThread },
    claims,
    post: (message) => {
      post(message)
      if (
        message[0] === 'results' &&
        isQuick(message[2].length / resultLength, message[2].at(-1) as number)
      )
        spinWait.expect()
    },
    exit: () => process.exit(0),
    onTaskEnd: (task) => output?.endLines(claims.concurrency > 1 ? task : undefined),
    gauge,
  })
  const flush = (): void => {
    output?.endLines()
    executor.flush()
  }
  process.on('exit', flush)
  process.on('uncaughtException', (error: unknown) => {
    flush()
    executor.reportUncaught(error)
    process.exit(1)
  })
  post(['ready', getHeapStatistics().heap_size_limit, gauge?.atStart()])
  // A monitor, or `onecopy profile`, says so; else the worker is spared the time to load it.
  if (process.env['ONECOPY_WATCHED'] !== undefined) void publish(executor)
  return (message) => {
    spinWait.answer()
    executor.receive(message)
  }
}

/** Tells those who watch how large the heap is, and how many tasks were finished. */
async function publish(executor: Executor): Promise<void> {
  try {
    const { publishHeap } = await import('../../monitor/index.ts')
    publishHeap({
      name: isMainThread ? 'worker' : `worker thread ${threadId}`,
      tasks: () => executor.finished,
    })
  } catch {
    // Nobody's work ends because it can't be watched.
  }
}
