/** Warns of streams that nobody has read, and whose tasks are lost. */

import { show } from '../../errors.ts'

/** What is known of a stream that nobody has read. It does not hold the stream. */
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

  /** Its run has failed, which nobody knows unless it is read. */
  fail(error: unknown): void {
    this.#failure = { error }
  }

  /** It is read, left, or complete: nothing of it is lost unnoticed. */
  forget(): void {
    unread.delete(this)
    dropped.unregister(this)
  }

  /** Says what is lost. */
  warn(): void {
    const run = this.#name === undefined ? 'a run' : `the run '${this.#name}'`
    const lost = this.#failure
      ? `has failed: ${describe(this.#failure.error)}`
      : 'has not finished, since its tasks wait until there is room for results'
    process.emitWarning(
      `Nobody has read the stream of ${run}, which ${lost}. Await it, read it by \`for await\`, or end it by \`return()\`.`,
      { type: 'OneCopyWarning', code: 'ONECOPY_STREAM_UNREAD' },
    )
  }
}

/** Those of this thread. */
const unread = new Set<UnreadStream>()

const dropped = new FinalizationRegistry((stream: UnreadStream) => {
  if (unread.delete(stream)) stream.warn()
})

let isListening = false

/** What is still unread when the program has nothing more to do is lost. */
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
