/** Warns of streams that nobody has read, and whose tasks are lost. */

import { show } from '../../errors.ts'

/** A stream that has not been read. It holds no reference to the stream, which can be collected. */
export class UnreadStream {
  /** The option `name` of its run. */
  readonly #name: string | undefined
  #failure: { readonly error: unknown } | undefined

  /**
   * Watches a stream until it is read, or has all its results.
   *
   * @param stream - the object whose loss is noticed
   */
  constructor(stream: object, name: string | undefined) {
    this.#name = name
    listen()
    unread.add(this)
    dropped.register(stream, this, this)
  }

  /** Notes the failure of its run, which only a reader would see. */
  fail(error: unknown): void {
    this.#failure = { error }
  }

  /** Stops watching: the stream is read, ended, or complete. */
  forget(): void {
    unread.delete(this)
    dropped.unregister(this)
  }

  /** Warns of what is lost. */
  warn(): void {
    const run = this.#name === undefined ? 'a run' : `the run '${this.#name}'`
    const lost = this.#failure
      ? `has failed: ${describe(this.#failure.error)}`
      : 'has not finished, since its tasks wait until there is room for results'
    process.emitWarning(
      `The stream of ${run} was never read, and the run ${lost}. Await the stream, read it by \`for await\`, or end it by \`return()\`.`,
      { type: 'OneCopyWarning', code: 'ONECOPY_STREAM_UNREAD' },
    )
  }
}

/** Unread streams of this thread. */
const unread = new Set<UnreadStream>()

const dropped = new FinalizationRegistry((stream: UnreadStream) => {
  if (unread.delete(stream)) stream.warn()
})

let isListening = false

/** Warns at the end of the program: streams that are still unread are lost. */
function listen(): void {
  if (isListening) return
  isListening = true
  process.on('beforeExit', () => {
    for (const stream of unread) stream.warn()
    unread.clear()
  })
}

function describe(error: unknown): string {
  return (error instanceof Error ? error.message : show(error)).replace(/\.$/, '')
}
