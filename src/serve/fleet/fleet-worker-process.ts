/** One worker process of a server, seen from outside. */

import { type ChildProcess, fork } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { packageModule } from '../../package-file.ts'
import type { FromWorker, ToWorker } from './fleet-messages.ts'
import type { HeldConnection } from './connections.ts'

/** What is told of a worker. */
export interface WorkerEvents {
  readonly onMessage: (worker: FleetWorker, message: FromWorker) => void
  /** @param ending - `exit code 1`, `SIGKILL` */
  readonly onExit: (worker: FleetWorker, ending: string) => void
}

/** A worker process. */
export class FleetWorker {
  readonly number: number
  readonly #child: ChildProcess
  isReady = false
  isGivenUp = false
  /** Ends it when it is not ready in time. */
  startTimer: NodeJS.Timeout | undefined
  /** Connections that it has. */
  connections = 0
  /** How often files had been opened anew when it was started. */
  readonly generation: number
  /** Called one after the other when it has opened files anew, or has ended. */
  readonly onReloaded: (() => void)[] = []

  constructor(number: number, generation: number, events: WorkerEvents) {
    this.number = number
    this.generation = generation
    const program = fileURLToPath(packageModule('serve/fleet/serve-worker'))
    this.#child = fork(program, [`${process.pid}`], { serialization: 'json' })
    this.#child.on('message', (message) => events.onMessage(this, message as FromWorker))
    // A message that does not arrive: the worker is about to end.
    this.#child.on('error', () => {})
    this.#child.on('exit', (code, signal) => {
      clearTimeout(this.startTimer)
      events.onExit(this, signal ?? `exit code ${code}`)
    })
  }

  /** Its process. */
  get pid(): number {
    return this.#child.pid ?? -1
  }

  /** Sends a message; one that can't be sent is lost, since the worker has ended or is about to. */
  send(message: ToWorker): void {
    if (this.#child.connected) this.#child.send(message, () => {})
  }

  /** Hands a connection over; this process keeps it open, too. */
  give({ socket, slot, isAdopted }: HeldConnection): void {
    this.connections++
    if (!this.#child.connected) return
    const message: ToWorker = { kind: 'connection', slot, isAdopted }
    this.#child.send(message, socket, { keepOpen: true }, () => {})
  }

  /** Ends it at once; why is told already. */
  giveUp(): void {
    this.isGivenUp = true
    this.kill()
  }

  /** Ends it at once. */
  kill(): void {
    this.#child.kill('SIGKILL')
  }
}
