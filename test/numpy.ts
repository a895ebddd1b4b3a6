/** Runs Python, which reads what is written here. */

import { spawnSync } from 'node:child_process'

/** Debian's own, for which `apt-get install python3-numpy` installs NumPy. */
const python = '/usr/bin/python3'

/** CI installs NumPy, and then leaves nothing out. */
const isPromised = process.env['ONECOPY_TEST_NUMPY'] === '1'

const has = (what: string): boolean => spawnSync(python, ['-c', what]).status === 0

/** The option `skip` of tests that need Python. */
export const withoutPython =
  isPromised || has('') ? false : 'there is no /usr/bin/python3: apt-get install python3'

/** The option `skip` of tests that need NumPy. */
export const withoutNumpy =
  isPromised || has('import numpy') ? false : 'there is no NumPy: apt-get install python3-numpy'

/** Runs a program with arguments, and returns its stdout. @throws Error with its stderr when it fails */
export function runPython(program: string, ...args: readonly string[]): string {
  const { status, stdout, stderr, error } = spawnSync(python, ['-c', program, ...args], {
    encoding: 'utf8',
    env: { ...process.env, PYTHONIOENCODING: 'utf-8' },
  })
  if (status === 0) return stdout
  throw new Error(`Python ended with ${status}: ${stderr}`, { cause: error })
}
