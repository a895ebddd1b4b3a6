/** Servers of model files for tests. */

import { copyFileSync, readFileSync, renameSync } from 'node:fs'
import { connect, type Socket } from 'node:net'
import { join } from 'node:path'
import type { TestContext } from 'node:test'
import { saveModel } from '../../../src/models/index.ts'
import type { ServeOptions } from '../../../src/serve/index.ts'
import { type RunningService, startService } from '../../../src/serve/internal.ts'
import { temporaryFolder } from '../../arrays/temporary-folder.ts'
import { higherModel, linearModel } from '../models.ts'

/** A served file, and what the server has told. */
export interface Served {
  readonly service: RunningService
  readonly path: string
  /** Puts another model to the path, whole: it predicts 10 more, or not any more. */
  readonly replace: (isHigher: boolean) => void
  readonly notes: string[]
}

/** Serves a line from a file. */
export async function serveFile(
  t: TestContext,
  {
    workers = 2,
    isWatching = false,
    ...options
  }: ServeOptions & { workers?: number; isWatching?: boolean } = {},
): Promise<Served> {
  const folder = temporaryFolder(t)
  const path = join(folder, 'line.onecopy')
  const [low, high] = [join(folder, 'low'), join(folder, 'high')]
  await saveModel(await linearModel(), low)
  await saveModel(await higherModel(), high)
  copyFileSync(low, path)
  const notes: string[] = []
  const service = await startService({
    files: [{ name: 'line', path }],
    workers,
    port: 0,
    host: '127.0.0.1',
    options,
    isWatching,
    onNote: (text) => notes.push(text),
  })
  t.after(() => service.close())
  const replace = (isHigher: boolean): void => {
    copyFileSync(isHigher ? high : low, `${path}.new`)
    renameSync(`${path}.new`, path)
  }
  return { service, path, replace, notes }
}

/** One prediction: the status, and the rounded value or the error. */
export async function predict(url: string): Promise<{ status: number; value: number | string }> {
  const answer = await fetch(`${url}/predict`, { method: 'POST', body: '[[0, 0]]' })
  const found = (await answer.json()) as { predictions?: number[]; error?: string }
  return {
    status: answer.status,
    value: found.predictions ? Math.round(found.predictions[0]!) : found.error!,
  }
}

/** A connection whose bytes are seen. */
export class RawConnection {
  readonly socket: Socket
  text = ''
  isClosed = false

  constructor(url: string) {
    this.socket = connect(Number(new URL(url).port), '127.0.0.1')
    this.socket.on('data', (chunk) => (this.text += String(chunk)))
    this.socket.on('error', () => {})
    this.socket.on('close', () => (this.isClosed = true))
  }

  /** Sends a request, of whose body only a part may be there. */
  send(body: string, length = body.length): void {
    this.text = ''
    this.socket.write(
      `POST /predict HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: ${length}\r\n\r\n${body}`,
    )
  }
}

/** Processes that another one has started and that have not ended; default: this one. */
export function childProcesses(pid = process.pid): number[] {
  const text = readFileSync(`/proc/${pid}/task/${pid}/children`, 'latin1')
  return text.trim().split(' ').filter(Boolean).map(Number)
}

/** Waits until something is true, at most half a minute. */
export async function until(isTrue: () => boolean | Promise<boolean>, what: string): Promise<void> {
  for (let tries = 0; !(await isTrue()); tries++) {
    if (tries > 3000) throw new Error(`Waited too long until ${what}.`)
    await new Promise((resolve) => setTimeout(resolve, 10))
  }
}

/** Asks again and again, on several connections, until `stop()`. */
export function load(url: string, clients = 6) {
  const answers: { status: number; value: number | string }[] = []
  const end = new AbortController()
  const runs = Array.from({ length: clients }, async () => {
    while (!end.signal.aborted)
      answers.push(
        await predict(url).catch((error: Error) => ({ status: 0, value: String(error.cause) })),
      )
  })
  return {
    answers,
    stop: async () => {
      end.abort()
      await Promise.all(runs)
      return answers
    },
  }
}
