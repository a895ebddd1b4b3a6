/** Loads an optional package when it is first needed. */

import { OneCopyError } from './errors.ts'

/** A package that users install themselves, and what to say where it is not installed. */
export interface OptionalPeer {
  /** What to install, with its version: `@resvg/resvg-js@2.6.2`. */
  readonly install: string
  /** What needs it, as the subject of a sentence: `Drawing PNG`. */
  readonly purpose: string
  /** What to do without it: `save the picture as .svg or .html`. */
  readonly otherwise: string
}

/**
 * Imports an optional package. The name is a variable, so that bundlers leave it alone.
 *
 * @throws OneCopyError `ERR_DEPENDENCY` when it is not installed or does not load
 */
export async function importPeer(name: string, peer: OptionalPeer): Promise<unknown> {
  try {
    return await import(/* @vite-ignore */ /* webpackIgnore: true */ name)
  } catch (cause) {
    const isMissing = (cause as NodeJS.ErrnoException).code === 'ERR_MODULE_NOT_FOUND'
    const reason = isMissing
      ? 'is not installed'
      : `does not load: ${cause instanceof Error ? cause.message.split('\n')[0] : String(cause)}`
    throw new OneCopyError(
      'ERR_DEPENDENCY',
      `${peer.purpose} needs the package ${name}, which ${reason}. ` +
        `Install it with \`npm install ${peer.install}\`, or ${peer.otherwise}.`,
      { cause },
    )
  }
}
