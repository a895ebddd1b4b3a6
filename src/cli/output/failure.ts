/** The message and exit code of a failed command. */

import { styleText } from 'node:util'
import { CommanderError } from 'commander'
import { isOneCopyError } from '../../errors.ts'
import { plainText } from '../../plain-name.ts'

/** The user gave something that can't be used: a file, a column, an option. */
export class UsageError extends Error {
  /** What the command ends with. */
  readonly exitCode: number = 2
}

/** One line for stderr, or none when the parser has already said it, and the exit code. */
export interface Ending {
  readonly line?: string
  /** 1 when the command failed, 2 when what it was given can't be used; some have more. */
  readonly exitCode: number
}

/** A failure as one line of stderr, ended; what it quotes can't move the cursor. */
export function errorLine(message: string): string {
  return `${styleText('red', 'onecopy:', { stream: process.stderr })} ${plainText(message)}\n`
}

/** Tells how a command ends after an error. */
export function endingOf(error: unknown): Ending {
  // The parser has written its line, or the help that was asked for.
  if (error instanceof CommanderError) return { exitCode: error.exitCode === 0 ? 0 : 2 }
  if (error instanceof UsageError) return { line: error.message, exitCode: error.exitCode }
  // A reader of stdout that has seen enough, such as `head`, ends the work; that is no failure.
  if (error instanceof Error && 'code' in error && error.code === 'EPIPE') return { exitCode: 0 }
  // Our own errors say all there is to say; a stack is for faults.
  if (isOneCopyError(error)) return { line: error.message, exitCode: 1 }
  return {
    line: error instanceof Error ? (error.stack ?? error.message) : String(error),
    exitCode: 1,
  }
}

/** Why the file system refused: `no such file or directory`, `permission denied`. */
export function reasonOf(error: unknown): string {
  if (error instanceof Error && 'syscall' in error && error.syscall === 'uv_cwd') {
    return 'the working folder was deleted'
  }
  const text = error instanceof Error ? error.message : String(error)
  // ENOENT: no such file or directory, open 'x'
  return /^E\w+: (.*?), /.exec(text)?.[1] ?? text
}

/**
 * Runs a step that reads what the user gave: an error of onecopy's in it is about that, and not
 * about the command.
 */
export async function asUsage<T>(step: () => T | Promise<T>): Promise<T> {
  try {
    return await step()
  } catch (error) {
    if (isOneCopyError(error)) throw new UsageError(error.message, { cause: error })
    throw error
  }
}
