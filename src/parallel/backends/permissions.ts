/** Checks the permissions that a backend needs under `--permission`. */

/** What a backend needs of the system: the flag, and how the permission model calls it. */
const needs = {
  threads: [{ flag: '--allow-worker', scope: 'worker', reference: undefined }],
  processes: [
    { flag: '--allow-child-process', scope: 'child', reference: undefined },
    // A worker opens shared memory by the descriptor of the process that made it.
    { flag: '--allow-fs-write=/proc/*', scope: 'fs.write', reference: '/proc/1/fd/1' },
  ],
} as const

/** Flags of Node are missing; the text says which. */
export class MissingFlags extends Error {}

/**
 * Refuses to start a worker that `--permission` does not allow.
 *
 * @throws MissingFlags, which names them
 * @see nodejs.org/api/permissions.html
 */
export function requirePermissions(backend: keyof typeof needs): void {
  // Undefined without `--permission`, which the types of Node do not say.
  const permission = process.permission as NodeJS.Process['permission'] | undefined
  if (permission === undefined) return
  const missing = needs[backend]
    .filter(({ scope, reference }) => !permission.has(scope, reference))
    .map(({ flag }) => flag)
  if (missing.length === 0) return
  throw new MissingFlags(
    `under --permission the backend '${backend}' also needs ${missing.join(' ')}`,
  )
}
