#!/usr/bin/env node
/** The program `onecopy`: parses, runs, and ends with the right code. */

import { endingOf, errorLine, reasonOf } from './output/failure.ts'
import { buildProgram } from './program.ts'

// A reader that has seen enough, such as `head`, closes the pipe. That is no failure.
let reported: unknown
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code === 'EPIPE') return
  reported = error
  process.stderr.write(errorLine(`Can't write to the output: ${reasonOf(error)}.`))
  process.exitCode = 1
})
// The work goes on, but a message that is lost for another reason shows in the exit code.
process.stderr.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code !== 'EPIPE') process.exitCode ||= 1
})

try {
  await buildProgram().parseAsync()
} catch (error) {
  const { line, exitCode } = endingOf(error)
  // Work that waits for the output fails by the error that is reported already.
  if (line !== undefined && error !== reported) process.stderr.write(errorLine(line))
  process.exitCode = exitCode
}
