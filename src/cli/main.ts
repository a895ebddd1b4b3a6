#!/usr/bin/env node
/** The program `onecopy`: parses, runs, and ends with the right code. */

import { endingOf, errorLine } from './output/failure.ts'
import { buildProgram } from './program.ts'

for (const stream of [process.stdout, process.stderr]) {
  // A reader that has seen enough, such as `head`, closes the pipe: the rest is for nobody.
  stream.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') throw error
  })
}

try {
  await buildProgram().parseAsync()
} catch (error) {
  const { line, exitCode } = endingOf(error)
  if (line !== undefined) process.stderr.write(errorLine(line))
  process.exitCode = exitCode
}
