/** Recognises errors that tell of a limit of the system. */

/** What is missing, and what to do about it. */
const limits: Readonly<Record<string, readonly [what: string, advice: string]>> = {
  EMFILE: [
    'this process has too many files open',
    'Close some, or allow more of them (`ulimit -n`).',
  ],
  ENFILE: [
    'this machine has too many files open',
    'Close some, or allow more of them (`sysctl fs.file-max`).',
  ],
  EAGAIN: [
    'the system allows no more processes and threads',
    'End some, or allow more of them (`ulimit -u`, or `pids.max` of a container).',
  ],
  ENOMEM: [
    'the system has no memory left for this',
    'Give less memory to other programs or more to this one (`ulimit -v`, or `memory.max` of a container).',
  ],
}

const codes = /\b(EMFILE|ENFILE|EAGAIN|ENOMEM)\b|(too many open files)( in system)?/i

/**
 * Says which limit of the system an error tells of, and what to do.
 *
 * @param error - what was thrown: Node gives the system's code as its `code`, or only in its text
 * @returns a sentence without its capital letter, and a second one; undefined for any other error
 */
export function limitBehind(error: unknown): readonly [what: string, advice: string] | undefined {
  const { code, message } = (error ?? {}) as { readonly code?: unknown; readonly message?: unknown }
  const own = typeof code === 'string' && Object.hasOwn(limits, code) ? code : undefined
  const found = codes.exec(typeof message === 'string' ? message : '') ?? []
  const [, named, tooMany, inSystem] = found
  const byText = tooMany === undefined ? named : inSystem === undefined ? 'EMFILE' : 'ENFILE'
  const name = own ?? byText?.toUpperCase()
  return name === undefined ? undefined : limits[name]
}
