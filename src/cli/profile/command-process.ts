/** Runs the user's command; passes on signals and exit codes. */

import { spawn } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { constants } from 'node:os'
import { errorLine, UsageError } from '../output/failure.ts'
import { readStatFields } from '../../monitor/internal.ts'

/** How a command ended. */
export interface CommandEnd {
  readonly exitCode: number | undefined
  readonly signal: NodeJS.Signals | undefined
  /** Minor page faults of the command and of its descendants; `undefined` without /proc. */
  readonly minorFaults: number | undefined
}

/** Signals that people and systems send to programs. */
const forwarded = ['SIGINT', 'SIGTERM', 'SIGHUP', 'SIGQUIT', 'SIGUSR1', 'SIGUSR2'] as const

/** Signals that a terminal sends to all processes in the foreground, including the command. */
const fromTerminal: readonly string[] = ['SIGINT', 'SIGQUIT', 'SIGHUP']

/** A command that shares the streams of this process and receives the same signals. */
export class CommandProcess {
  readonly pid: number
  /** Resolves when the command has ended. */
  readonly end: Promise<CommandEnd>

  /** @internal use {@link startCommand} */
  constructor(child: ChildProcess) {
    this.pid = child.pid!
    this.end = followToEnd(child)
  }
}

/**
 * Starts a command as a shell would. Signals to this process are forwarded to the command. After
 * it has ended they are ignored, so that the report is written.
 *
 * @throws CommandError when the program does not exist or can't be run
 */
export async function startCommand(
  [file, ...args]: readonly string[],
  env: NodeJS.ProcessEnv = {},
): Promise<CommandProcess> {
  const child = spawn(file!, args, { stdio: 'inherit', env: { ...process.env, ...env } })
  if (child.pid !== undefined) return new CommandProcess(child)
  const [cause] = (await once(child, 'error')) as [NodeJS.ErrnoException]
  throw new CommandError(file!, cause)
}

/** A program that can't be run; has the exit codes of a shell. */
export class CommandError extends UsageError {
  override readonly exitCode: number

  constructor(file: string, cause: NodeJS.ErrnoException) {
    const isMissing = cause.code === 'ENOENT' || cause.code === 'ENOTDIR'
    super(
      isMissing
        ? `Command not found: '${file}'.`
        : `Can't run '${file}': ${cause.code === 'EACCES' ? 'permission denied' : cause.message}.`,
      { cause },
    )
    this.exitCode = isMissing ? 127 : 126
  }
}

/** The exit code of a command, or 128 plus the number of the signal that ended it. */
export function exitCodeOf({ exitCode, signal }: Pick<CommandEnd, 'exitCode' | 'signal'>): number {
  return exitCode ?? 128 + (signal === undefined ? 0 : constants.signals[signal])
}

function followToEnd(child: ChildProcess): Promise<CommandEnd> {
  for (const signal of forwarded) {
    process.on(signal, () => {
      if (!(fromTerminal.includes(signal) && isInForeground())) child.kill(signal)
    })
  }
  // A command such as sudo belongs to another user: it keeps running, and so does the watch.
  child.on('error', ({ message }) => {
    process.stderr.write(
      errorLine(`A signal could not be sent to the command, which keeps running: ${message}.`),
    )
  })
  return new Promise((resolve) => {
    child.once('exit', (exitCode, signal) => {
      const minorFaults = faultsOfChildren()
      resolve({ exitCode: exitCode ?? undefined, signal: signal ?? undefined, minorFaults })
    })
  })
}

/** Minor page faults of all children that have ended; the command is the only child. */
function faultsOfChildren(): number | undefined {
  const stat = readStatFields('self')
  return stat && Number(stat[8])
}

/**
 * Whether the terminal sends its signals to this process, and so to the command too. Forwarding
 * them would double every Ctrl-C, and many programs stop at once on the second.
 */
function isInForeground(): boolean {
  const stat = readStatFields('self')
  if (!stat) return process.stdin.isTTY || process.stderr.isTTY
  const [, , group, , terminal, foreground] = stat
  return terminal !== '0' && group === foreground
}
