/** Runs one `onecopy` after another in one process, for tests of what it says. */

import { pathToFileURL } from 'node:url'

/** Arguments of a command, as its tests send them. */
export interface CommandRequest {
  readonly args: readonly string[]
}

/** What a command wrote, and the code with which its process would have ended. */
export interface CommandAnswer {
  readonly stdout: string
  readonly stderr: string
  readonly code: number
}

const program = pathToFileURL(process.argv[2]!).href
let runs = 0

process.on('disconnect', () => process.exit())
process.on('message', ({ args }: CommandRequest) => {
  void run(args).then((answer) => process.send!(answer))
})

async function run(args: readonly string[]): Promise<CommandAnswer> {
  const written = { stdout: '', stderr: '' }
  process.argv.splice(1, Infinity, 'onecopy', ...args)
  process.exitCode = undefined
  for (const name of ['stdout', 'stderr'] as const) {
    const stream = process[name]
    stream.removeAllListeners('error') // of the command before
    stream.write = (text: string | Uint8Array): boolean => {
      written[name] += typeof text === 'string' ? text : Buffer.from(text).toString()
      return true
    }
  }
  // Only the first module is another one each time: it runs the command, and ends with it.
  runs += 1
  await import(`${program}?${runs}`)
  return { ...written, code: process.exitCode ?? 0 }
}
