/** Runs `onecopy` as people do, or many times in one process. */

import { spawn } from 'node:child_process'
import type { ChildProcess, ChildProcessWithoutNullStreams } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { fileURLToPath } from 'node:url'
import type { CommandAnswer, CommandRequest } from './programs/command-server.ts'

/** The command from its sources, or as users get it, where `--built` says that dist/ is up to date. */
export const program = fileURLToPath(
  new URL(
    process.env['ONECOPY_TEST_BUILT'] === '1' ? '../../dist/cli/main.js' : '../../src/cli/main.ts',
    import.meta.url,
  ),
)

/** How a command ended. */
export interface Ended {
  readonly stdout: string
  readonly stderr: string
  readonly code: number | null
  readonly signal: NodeJS.Signals | null
}

/**
 * A folder to run commands in. Their temporary files go to a folder of their own in it, and their
 * processes, with all that descend from them, are known by a mark in their environment.
 */
export class Workplace {
  readonly path = mkdtempSync(join(tmpdir(), 'onecopy-test-'))
  readonly #mark = `${process.pid}-${performance.now()}`
  #server: ChildProcess | undefined
  #last: Promise<unknown> = Promise.resolve()

  constructor() {
    mkdirSync(join(this.path, 'tmp'))
  }

  /** Writes a file of lines. */
  file(name: string, lines: readonly string[]): string {
    writeFileSync(join(this.path, name), `${lines.join('\n')}\n`)
    return name
  }

  /** Names in a folder of the workplace, without the one for temporary files. */
  names(folder = '.'): string[] {
    return readdirSync(join(this.path, folder)).filter((name) => name !== 'tmp')
  }

  read(name: string): Buffer {
    return readFileSync(join(this.path, name))
  }

  /** Starts a command. */
  start(
    args: readonly string[],
    env: NodeJS.ProcessEnv = {},
    options: { detached?: boolean; inDeletedFolder?: boolean } = {},
  ): ChildProcessWithoutNullStreams {
    const { NODE_TEST_CONTEXT: _, FORCE_COLOR: __, ...outer } = process.env
    const { inDeletedFolder = false, ...rest } = options
    const command = [process.execPath, program, ...args]
    const [file = '', ...given] = inDeletedFolder
      ? [
          'sh',
          '-c',
          'mkdir "$0" && cd "$0" && rmdir "$0" && exec "$@"',
          `${this.path}/gone`,
          ...command,
        ]
      : command
    return spawn(file, given, {
      ...rest,
      cwd: this.path,
      env: { ...outer, TMPDIR: join(this.path, 'tmp'), ONECOPY_TEST: this.#mark, ...env },
    })
  }

  /** Runs a command to its end. */
  async run(
    args: readonly string[],
    env: NodeJS.ProcessEnv = {},
    options: { inDeletedFolder?: boolean } = {},
  ): Promise<Ended> {
    const child = this.start(args, env, options)
    const closed = once(child, 'close') as Promise<[number | null, NodeJS.Signals | null]>
    const [stdout, stderr, [code, signal]] = await Promise.all([
      text(child.stdout),
      text(child.stderr),
      closed,
    ])
    return { stdout, stderr, code, signal }
  }

  /**
   * Runs a command in a process that stays for the next one, in a tenth of the time: for what a command says and writes.
   * How its process starts and ends shows only {@link run}. Calls of one workplace wait for each other.
   */
  call(args: readonly string[]): Promise<CommandAnswer> {
    const answer = this.#last.then(() => this.#callServer(args))
    this.#last = answer.catch(() => {})
    return answer
  }

  async #callServer(args: readonly string[]): Promise<CommandAnswer> {
    const server = (this.#server ??= this.#startServer())
    const stop = new AbortController()
    const ended = once(server, 'exit', stop).then(([code, signal]) => {
      throw new Error(`onecopy ${args.join(' ')} ended its process: ${code ?? signal}`)
    })
    server.send({ args } satisfies CommandRequest)
    try {
      const [answer] = await Promise.race([once(server, 'message', stop), ended])
      return answer as CommandAnswer
    } finally {
      ended.catch(() => {})
      stop.abort()
    }
  }

  #startServer(): ChildProcess {
    const { NODE_TEST_CONTEXT: _, FORCE_COLOR: __, ...outer } = process.env
    const server = fileURLToPath(new URL('programs/command-server.ts', import.meta.url))
    return spawn(process.execPath, [server, program], {
      stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
      cwd: this.path,
      env: { ...outer, TMPDIR: join(this.path, 'tmp'), ONECOPY_TEST: this.#mark },
    })
  }

  /** What commands have left behind: processes, temporary files, shared memory. */
  leftovers(): string[] {
    return [
      ...this.processes().map((pid) => `process ${pid}`),
      ...readdirSync(join(this.path, 'tmp')).map((name) => `temporary file ${name}`),
      ...readdirSync('/dev/shm').filter((name) => name.includes('onecopy')),
    ]
  }

  /** Pids of living processes that a command started, however far down. */
  processes(): number[] {
    const mark = `ONECOPY_TEST=${this.#mark}`
    return readdirSync('/proc')
      .filter((name) => /^\d+$/.test(name))
      .filter((pid) => readProc(`/proc/${pid}/environ`).split('\0').includes(mark))
      .filter((pid) => !/^State:\s+Z/m.test(readProc(`/proc/${pid}/status`)))
      .map(Number)
      .filter((pid) => pid !== this.#server?.pid)
  }

  remove(): void {
    this.#server?.kill('SIGKILL')
    rmSync(this.path, { recursive: true })
  }
}

/** Lines of a table with a target that its columns explain in part. */
export function tableLines(rows: number): string[] {
  const lines = ['size,kind,weight,price']
  for (let i = 0; i < rows; i++) {
    const noise = ((i * 7919) % 101) / 101
    const kind = ['plain', 'fine', 'rare'][i % 3]!
    const size = ((i * 104_729) % 997) / 100
    const price = 12 + 3 * size + (kind === 'rare' ? 40 : 0) + 5 * noise
    lines.push(`${size},${kind},${(noise * size).toFixed(3)},${price.toFixed(2)}`)
  }
  return lines
}

function readProc(path: string): string {
  try {
    return readFileSync(path, 'latin1')
  } catch {
    return ''
  }
}
