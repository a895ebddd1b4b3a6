/** Runs the command of a user, signals and exit code included. */

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

/** Signals by which people and systems talk to a program. */
const forwarded = ['SIGINT', 'SIGTERM', 'SIGHUP', 'SIGQUIT', 'SIGUSR1', 'SIGUSR2'] as const

/** What a terminal sends to everybody in the foreground, the command among them. */
const fromTerminal: readonly string[] = ['SIGINT', 'SIGQUIT', 'SIGHUP']

/** A command that runs with the streams of this process, and gets the signals that this one gets. */
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
 * Starts a command as the shell would. From now on signals to this process go to the command,
 * also when it has ended: what this process does then is short, and worth finishing.
 *
 * @throws CommandError when there is no such program, or it can't be run
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

/** The program of a command can't be run; with the exit codes of the shell. */
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

/** The exit code that says how a command ended: its own, or 128 and the number of the signal. */
export function exitCodeOf({ exitCode, signal }: Pick<CommandEnd, 'exitCode' | 'signal'>): number {
  return exitCode ?? 128 + (signal === undefined ? 0 : constants.signals[signal])
}

function followToEnd(child: ChildProcess): Promise<CommandEnd> {
  for (const signal of forwarded) {
    process.on(signal, () => {
      if (!(fromTerminal.includes(signal) && isInForeground())) child.kill(signal)
    })
  }
  // A command such as sudo is another user's: it goes on, and so does the watch.
  child.on('error', ({ message }) => {
    process.stderr.write(
      errorLine(`A signal did not reach the command, which goes on: ${message}.`),
    )
  })
  return new Promise((resolve) => {
    child.once('exit', (exitCode, signal) => {
      const minorFaults = faultsOfChildren()
      resolve({ exitCode: exitCode ?? undefined, signal: signal ?? undefined, minorFaults })
    })
  })
}

/** Minor page faults of all children that have ended: of the command, which is the only one. */
function faultsOfChildren(): number | undefined {
  const stat = readStatFields('self')
  return stat && Number(stat[8])
}

/**
 * Whether a terminal sends its signals to this process, and with it to the command: sending them
 * on would make two of every Ctrl-C, and many programs take the second for "at once".
 */
function isInForeground(): boolean {
  const stat = readStatFields('self')
  if (!stat) return process.stdin.isTTY || process.stderr.isTTY
  const [, , group, , terminal, foreground] = stat
  return terminal !== '0' && group === foreground
}
