/** The backend that runs tasks in processes of their own. */

import type { ChildProcess } from 'node:child_process'
import type { Socket } from 'node:net'
import { fileURLToPath } from 'node:url'
import type {
  Backend,
  BackendWorker,
  WorkerEvents,
  WorkerExit,
  WorkerLaunch,
} from '../protocol/backend.ts'
import { Claims } from '../protocol/claims.ts'
import { drawKey, FrameReader, poolKey, writeFrame } from '../protocol/frames.ts'
import type { ToWorker, WorkerSetup } from '../protocol/messages.ts'
import { fromWorker, type ProcessData, toWorker } from '../protocol/worker-data.ts'
import { workerUrl } from '../worker/worker-url.ts'
import { type ClaimMemory, takeClaimMemory } from './claim-memory.ts'
import { processArguments } from './exec-arguments.ts'
import { requirePermissions } from './permissions.ts'
import { StderrTail } from './stderr-tail.ts'

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
  start: (setup, events, launch) => {
    requirePermissions('processes')
    return new ProcessWorker(setup, events, launch)
  },
}

class ProcessWorker implements BackendWorker {
  readonly label: string
  readonly claims: Claims
  readonly #child: ChildProcess
  readonly #events: WorkerEvents
  /** Undefined where no process could be started. */
  readonly #out: Socket | undefined
  readonly #in: Socket | undefined
  readonly #stderr: StderrTail
  readonly #claimMemory: ClaimMemory
  readonly #reader: FrameReader
  #exit: WorkerExit | undefined
  #isTold = false

  constructor(setup: WorkerSetup, events: WorkerEvents, launch: WorkerLaunch) {
    this.#events = events
    this.#claimMemory = takeClaimMemory(setup.concurrency)
    this.claims = new Claims(this.#claimMemory.words)
    const key = drawKey()
    this.#reader = new FrameReader(key)
    const { execArgv, env } = processArguments(launch)
    // Loaded here: programs that run on threads are spared the 3 ms that it takes.
    const { spawn } = process.getBuiltinModule('node:child_process')
    // A channel of our own and not Node's: what tasks do with `process.send` must not reach the pool, and what
    // can't be read must not throw here. What JavaScript prints comes as messages; what V8 or native code writes to
    // stderr is read too.
    try {
      this.#child = spawn(
        process.execPath,
        [...execArgv, fileURLToPath(workerUrl()), String(process.pid)],
        { stdio: ['ignore', 'inherit', 'pipe', 'pipe', 'pipe'], env },
      )
    } catch (error) {
      this.#claimMemory.release()
      throw error
    }
    this.label = this.#child.pid === undefined ? 'not started' : `process ${this.#child.pid}`
    // Without a free descriptor Node makes no channels, not even the list of them; the event `error` says why.
    const channelsOf = this.#child.stdio as (Socket | null | undefined)[] | undefined
    const [, , stderr, ...channels] = channelsOf ?? []
    this.#stderr = new StderrTail(stderr ?? null)
    this.#in = channels[fromWorker - 3] ?? undefined
    this.#out = channels[toWorker - 3] ?? undefined
    this.#listen()
    const data: ProcessData = { setup, words: this.#claimMemory.reference, key }
    this.#write(data)
    this.#child.unref()
  }

  get pid(): number | undefined {
    return this.#child.pid
  }

  post(message: ToWorker): void {
    this.#write(message)
  }

  kill(): void {
    this.#child.kill('SIGKILL')
  }

  /** A child that is gone reports by `exit`; only what can't be serialised throws. */
  #write(message: ToWorker | ProcessData): void {
    const frame = writeFrame(message, poolKey)
    if (this.#out?.writable === true) this.#out.write(frame)
  }

  #listen(): void {
    const child = this.#child
    for (const socket of [this.#in, this.#out]) {
      socket?.unref()
      socket?.on('error', () => {}) // it closes
      socket?.on('close', () => this.#onChannelClosed())
    }
    this.#in?.on('data', (bytes: Buffer) => this.#read(bytes))
    this.#stderr.onEnd = () => this.#tellIfComplete()
    child.on('error', (error) => {
      if (child.pid !== undefined) return // a signal to a child that is gone
      this.#exit = { error, isUnstarted: true }
      this.#tell()
    })
    child.on('exit', (code, signal) => {
      this.#exit = { code: code ?? undefined, signal: signal ?? undefined }
      this.#tellIfComplete()
      // A process that the worker left behind may hold the channels open.
      if (!this.#isTold) setTimeout(() => this.#tell(), lastMessagesMs)
    })
  }

  #read(bytes: Buffer): void {
    try {
      this.#reader.read(bytes, (message) => {
        if (!this.#isTold) this.#events.onMessage(message)
      })
    } catch (error) {
      this.#in?.destroy()
      if (!this.#isTold) this.#events.onUnreadable(error)
    }
  }

  /** A process that ends closes its channel first; one that goes on without it can't be reached. */
  #onChannelClosed(): void {
    this.#tellIfComplete()
    if (this.#exit !== undefined) return
    setTimeout(() => {
      if (this.#exit === undefined) this.#events.onUnreadable(new Error('it closed its channel'))
    }, lastMessagesMs).unref()
  }

  /** Once the last message was read. */
  #tellIfComplete(): void {
    if (this.#in?.destroyed !== false && this.#stderr.isEnded) this.#tell()
  }

  #tell(): void {
    if (this.#isTold || this.#exit === undefined) return
    this.#isTold = true
    const stderrTail = this.#stderr.close()
    this.#in?.destroy()
    this.#out?.destroy()
    this.#events.onExit({ ...this.#exit, ...(stderrTail && { stderrTail }) })
    this.#claimMemory.release()
  }
}
