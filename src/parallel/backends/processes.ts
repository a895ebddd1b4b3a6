/** The backend that runs tasks in processes of their own. */

import { type ChildProcess, fork } from 'node:child_process'
import type { Socket } from 'node:net'
import { encodeReference, shared } from '../../arrays/index.ts'
import type {
  Backend,
  BackendWorker,
  WorkerEvents,
  WorkerExit,
  WorkerLaunch,
} from '../protocol/backend.ts'
import { Claims, claimsBytes } from '../protocol/claims.ts'
import { processArguments } from './exec-arguments.ts'
import { StderrTail } from './stderr-tail.ts'
import type { FromWorker, ToWorker, WorkerSetup } from '../protocol/messages.ts'
import type { ProcessData } from '../protocol/worker-data.ts'
import { workerUrl } from '../worker/worker-url.ts'

/** How long messages of a process that has ended may still be on their way. */
const lastMessagesMs = 1000

/**
 * Worker processes: a crash, an exit or a kill of one is an error of one task. They start in some 60 ms and
 * die with this process, however it dies: the kernel tells them (Linux), and their channel ends.
 */
export const processes: Backend = {
  name: 'processes',
  sameProcess: false,
  sameThread: false,
  start: (setup, events, launch) => new ProcessWorker(setup, events, launch),
}

class ProcessWorker implements BackendWorker {
  readonly label: string
  readonly claims: Claims
  readonly #child: ChildProcess

  constructor(setup: WorkerSetup, events: WorkerEvents, launch: WorkerLaunch) {
    const words = shared([claimsBytes / 4], 'int32')
    this.claims = new Claims(words.data)
    this.#child = fork(workerUrl(), [String(process.pid)], {
      serialization: 'advanced',
      // What JavaScript prints comes as messages; what V8 or native code writes to stderr is read too.
      stdio: ['ignore', 'inherit', 'pipe', 'ipc'],
      ...processArguments(launch),
    })
    this.label = `process ${this.#child.pid ?? '(not started)'}`
    this.#listen(events)
    const data: ProcessData = { setup, words: encodeReference(words)! }
    // A failure shows as an exit or an error.
    if (this.#child.connected) this.#child.send(data, () => {})
    this.#child.unref()
    this.#child.channel?.unref()
  }

  get pid(): number | undefined {
    return this.#child.pid
  }

  #listen(events: WorkerEvents): void {
    const child = this.#child
    const stderr = new StderrTail(child.stderr as Socket | null)
    let exit: WorkerExit | undefined
    let isTold = false
    const tell = (): void => {
      if (isTold || exit === undefined) return
      isTold = true
      const lastWords = stderr.close()
      events.onExit({ ...exit, ...(lastWords && { lastWords }) })
    }
    const tellIfComplete = (): void => {
      if (!child.connected && stderr.isEnded) tell()
    }
    child.on('message', (message) => {
      if (!isTold) events.onMessage(message as FromWorker)
    })
    child.on('disconnect', tellIfComplete) // the last message was read
    stderr.onEnd = tellIfComplete
    child.on('error', (error) => {
      if (child.pid !== undefined) return // a message or a signal to a child that is gone
      exit = { error }
      tell()
    })
    child.on('exit', (code, signal) => {
      exit = { code: code ?? undefined, signal: signal ?? undefined }
      tellIfComplete()
      // A process that the worker left behind may hold the channels open.
      if (!isTold) setTimeout(tell, lastMessagesMs)
    })
  }

  post(message: ToWorker): void {
    // A child that is gone reports by `exit`; only what can't be serialised throws.
    if (this.#child.connected) this.#child.send([...message], () => {})
  }

  kill(): void {
    this.#child.kill('SIGKILL')
  }
}
