/** Entry of a worker thread or process: receives tasks and runs them. */

import { getHeapStatistics } from 'node:v8'
import { isMainThread, threadId, workerData } from 'node:worker_threads'
import { decodeReference, type NDArray } from '../../arrays/index.ts'
import { native } from '../../native/index.ts'
import { SpinWait, isQuick } from '../machine/spin-wait.ts'
import { Claims } from '../protocol/claims.ts'
import { enterWorker } from '../machine/cores.ts'
import { Executor, type Surroundings } from './executor.ts'
import { MemoryGauge } from './memory-gauge.ts'
import type { FromWorker, ToWorker, WorkerSetup } from '../protocol/messages.ts'
import { Output } from './output.ts'
import type { ProcessData, ThreadData } from '../protocol/worker-data.ts'

/** How long the last messages of a process may take to leave it. */
const lastMessagesMs = 1000

if (isMainThread) startProcess()
else startThread()

function startThread(): void {
  const { setup, port, words } = (workerData as ThreadData).onecopy
  const receive = start(setup, new Claims(words), {
    post: (message) => port.postMessage(message),
    exit: (code) => process.exit(code),
  })
  port.on('message', receive)
}

function startProcess(): void {
  native.dieWithParent(Number(process.argv[2]))
  // Ctrl-C goes to the whole process group; what follows from it is the parent's to say.
  process.on('SIGINT', () => {})
  process.on('disconnect', () => process.exit())
  process.once('message', ({ setup, words }: ProcessData) => {
    const channel = new ProcessChannel()
    const receive = start(setup, new Claims((decodeReference(words) as NDArray<'int32'>).data), {
      post: (message) => channel.post(message),
      exit: (code) => channel.exit(code),
    })
    process.on('message', receive)
  })
}

/** What a worker does alike in threads and processes; returns what takes its messages. */
function start(
  { cores, kernelThreads, shareFromBytes, maxMemory, sendsOutput }: WorkerSetup,
  claims: Claims,
  { post, exit }: Pick<Surroundings, 'post'> & { exit: (code: number) => void },
): (message: ToWorker) => void {
  const awake = new SpinWait()
  enterWorker(cores, kernelThreads)
  const output = sendsOutput
    ? new Output((stream, bytes) => post(['output', stream, claims.running?.task ?? -1, bytes]))
    : undefined
  const gauge = maxMemory === null ? undefined : new MemoryGauge(maxMemory)
  const executor = new Executor({
    rules: { shareFromBytes, sameProcess: !isMainThread },
    claims,
    post: (message) => {
      post(message)
      if (message[0] === 'results' && isQuick(message[2].length / 3, message[2].at(-1) as number))
        awake.expect()
    },
    exit: () => exit(0),
    onTaskEnd: () => output?.endLines(),
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
    exit(1)
  })
  post(['ready', getHeapStatistics().heap_size_limit, gauge?.atStart()])
  // A monitor, or `onecopy profile`, says so; else the worker is spared the time to load it.
  if (process.env['ONECOPY_WATCHED'] !== undefined) void publish(executor)
  return (message) => {
    awake.answer()
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

/** The channel to the parent process. */
class ProcessChannel {
  readonly #send = process.send!.bind(process)
  #sending = 0
  #exitCode: number | undefined

  constructor() {
    // The channel is ours: what a task or its libraries send on it would not be understood.
    delete process.send
  }

  post(message: FromWorker): void {
    this.#sending++
    this.#send([...message], () => {
      this.#sending--
      if (this.#exitCode !== undefined && this.#sending === 0) process.exit(this.#exitCode)
    })
  }

  /** Exits when all messages have left. */
  exit(code: number): void {
    this.#exitCode = code
    if (this.#sending === 0) process.exit(code)
    setTimeout(() => process.exit(code), lastMessagesMs)
  }
}
