/** The local web server that shows a run live. */

import { once } from 'node:events'
import { createServer } from 'node:http'
import type { Server, ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { OneCopyError, show } from '../../errors.ts'
import type { MemoryMonitor } from '../watch/monitor.ts'
import { plainName } from '../../plain-name.ts'
import type { Budget } from '../plot/figure/annotations.ts'
import type { MemoryReport } from '../report/report.ts'
import type { RunData } from '../record/run-data.ts'
import type { LiveBudget } from '../browser/live-feed.ts'
import { feedOf } from './feed.ts'
import { drawLivePage } from './draw-live-page.ts'
import { answer } from './requests.ts'
import { UnverifiedConnections } from './unverified-connections.ts'

/** Options of `openLivePage`. */
export interface LivePageOptions {
  /** Port on 127.0.0.1, default 0: any free port. */
  readonly port?: number
  /** Heading of the page, such as the command. */
  readonly title?: string
  /** Limits to draw as lines. */
  readonly budgets?: readonly Budget[]
}

/** An open page. End or close it when it is no longer needed. */
export class LivePage {
  readonly #facts: { readonly title: string; readonly budgets: readonly LiveBudget[] }
  readonly #token: string
  readonly #server: Server
  readonly #unverified = new UnverifiedConnections(maxUnverified)
  /** Connections that have received the run so far, and those that have not. */
  readonly #readers = new Set<ServerResponse>()
  readonly #newcomers = new Set<ServerResponse>()
  #monitor: MemoryMonitor | undefined
  #timer: NodeJS.Timeout | undefined
  #sentMs = -1
  #isBusy = false
  #url = ''

  /** @internal use `openLivePage` */
  constructor({ title = 'memory', budgets = [] }: LivePageOptions, token: string) {
    this.#facts = {
      title: plainName(title, 200),
      budgets: budgets.map(({ bytes, phase }) => [bytes / 1024, phase ?? null]),
    }
    this.#token = token
    const page = drawLivePage(title)
    this.#server = createServer({ requestTimeout: 10_000 }, (request, response) => {
      answer(request, response, {
        token,
        authority: this.#authorities(),
        page,
        onKnown: (socket) => this.#unverified.verify(socket),
        onReader: (reader) => this.#take(reader),
      })
    })
    this.#server.maxConnections = maxConnections
    // A connection that breaks must not end the run.
    this.#server.on('clientError', (_, socket) => socket.destroy())
    this.#server.unref()
  }

  /** Its address: `http://127.0.0.1:41234/…/`. */
  get url(): string {
    return this.#url
  }

  /** @internal use `openLivePage` */
  async listen(port: number): Promise<void> {
    this.#server.listen({ port, host: '127.0.0.1' })
    try {
      await once(this.#server, 'listening')
    } catch (cause) {
      throw new OneCopyError('ERR_SYSTEM', portText(port, cause), { cause, details: { port } })
    }
    this.#server.on('connection', (socket) => {
      socket.unref()
      this.#unverified.add(socket)
    })
    this.#url = `http://127.0.0.1:${this.#port()}/${this.#token}/`
  }

  /**
   * Shows the run of a monitor from now on, four times a second while the page is open in a browser.
   *
   * @throws TypeError when it is not a monitor
   */
  follow(monitor: MemoryMonitor): void {
    if (typeof (monitor as MemoryMonitor | undefined)?.report !== 'function') {
      throw new TypeError(
        `Expected \`monitor\` to be what startMonitor() returned, got ${show(monitor)}.`,
      )
    }
    this.#monitor = monitor
    this.#timer ??= setInterval(() => void this.#tell(), tellMs).unref()
    for (const reader of this.#newcomers) void this.#welcome(reader)
  }

  /**
   * Shows the last samples of a run and how it ended, then closes the page.
   *
   * @throws TypeError when it is not a report
   */
  end(report: MemoryReport): void {
    const { data } = requireReport(report)
    this.#stop()
    const last = this.#readers.size > 0 ? feedOf(data, { afterMs: this.#sentMs }) : undefined
    for (const reader of this.#readers) send(reader, 'more', last!)
    for (const reader of this.#newcomers) this.#sendRun(reader, data)
    for (const reader of this.#readers) {
      send(reader, 'end', { ...data.ending })
      reader.end()
    }
    this.close()
  }

  /** Closes the page at once; open browsers only lose the connection. */
  close(): void {
    this.#stop()
    this.#server.close()
    // Let the last events reach the readers first.
    setTimeout(() => this.#server.closeAllConnections(), 200).unref()
  }

  [Symbol.dispose](): void {
    this.close()
  }

  #stop(): void {
    clearInterval(this.#timer)
    this.#timer = undefined
    this.#monitor = undefined
  }

  #take(reader: ServerResponse): void {
    if (this.#readers.size + this.#newcomers.size >= maxReaders) return void reader.end()
    this.#newcomers.add(reader)
    reader.once('close', () => {
      this.#readers.delete(reader)
      this.#newcomers.delete(reader)
    })
    void this.#welcome(reader)
  }

  /** Sends the run so far to a new reader, or to one that has reconnected. */
  async #welcome(reader: ServerResponse): Promise<void> {
    const report = await this.#report(-1)
    // It may have closed, or the run may have ended and sent everything.
    if (!report || !this.#newcomers.has(reader)) return
    // Without readers nothing was sent; this one gets everything until now.
    if (this.#readers.size === 0) this.#sentMs = report.data.durationMs
    this.#sendRun(reader, report.data)
  }

  #sendRun(reader: ServerResponse, data: RunData): void {
    send(reader, 'run', { ...this.#facts, ...feedOf(data, { points: historyPoints }) })
    this.#newcomers.delete(reader)
    this.#readers.add(reader)
  }

  async #tell(): Promise<void> {
    if (this.#isBusy || this.#readers.size === 0) return
    this.#isBusy = true
    const afterMs = this.#sentMs
    // The CPU use of the first new sample is taken over the second before it.
    const report = await this.#report(Math.max(-1, afterMs - cpuMs))
    this.#isBusy = false
    if (!report || this.#sentMs !== afterMs || report.data.durationMs <= afterMs) return
    this.#sentMs = report.data.durationMs
    const more = feedOf(report.data, { afterMs })
    for (const reader of this.#readers) {
      // A slow reader is cut off; when it reconnects it gets the whole run.
      if (reader.writableLength > maxBacklog) reader.destroy()
      else send(reader, 'more', more)
    }
  }

  /** `undefined` when the monitor has stopped; {@link end} sends the rest. */
  async #report(sinceMs: number): Promise<MemoryReport | undefined> {
    try {
      return await this.#monitor?.report({ sinceMs })
    } catch {
      return undefined
    }
  }

  #port(): number {
    return (this.#server.address() as AddressInfo).port
  }

  /** Host names that a browser on this machine may use; others were made to point here. */
  #authorities(): readonly string[] {
    const port = this.#port()
    const names = ['127.0.0.1', 'localhost']
    return [...names.map((name) => `${name}:${port}`), ...(port === 80 ? names : [])]
  }
}

const tellMs = 250
const cpuMs = 1500
const historyPoints = 4000
const maxReaders = 16
const maxConnections = 128
const maxUnverified = 32
const maxBacklog = 4_000_000

function requireReport(report: MemoryReport): MemoryReport {
  if ((report as MemoryReport | undefined)?.data !== undefined) return report
  throw new TypeError(
    `Expected \`report\` to be what \`await monitor.stop()\` returned, got ${show(report)}.`,
  )
}

function send(reader: ServerResponse, event: string, data: object): void {
  // JSON has no line ends, which would end the message.
  reader.write(`event: ${event}\ndata: ${JSON.stringify(data)}\n\n`)
}

function portText(port: number, cause: unknown): string {
  const code = cause instanceof Error && 'code' in cause ? cause.code : undefined
  const reason =
    code === 'EADDRINUSE'
      ? 'it is in use'
      : code === 'EACCES'
        ? 'permission denied'
        : cause instanceof Error
          ? cause.message
          : String(cause)
  return `Can't open a page on port ${port}: ${reason}. Choose another one, or 0 for any free port.`
}
