/** Shows the progress of a command on one terminal line. */

import { plainText } from '../../plain-name.ts'
import { clearedLine, isTerminal, overwriting, type ProgressStream } from '../../terminal-line.ts'

/** Ten times a second is more than anybody reads. */
const leastMs = 100

/** In a log a line now and then is enough to see that the work goes on. */
const logMs = 10_000

/**
 * Progress of a command. On a terminal one line is written over and over, at most ten times a
 * second, and goes away at the end. Elsewhere every finished stage is one plain line, and a long one
 * says every ten seconds how far it is.
 */
export class Progress {
  readonly #stream: ProgressStream
  readonly #now: () => number
  readonly #isTerminal: boolean
  #stage = ''
  #stageMs = 0
  #state = ''
  #shownMs = -Infinity
  #finished = ''
  #timer: NodeJS.Timeout | undefined

  constructor(
    stream: ProgressStream = process.stderr,
    options: { now?: () => number; terminal?: boolean } = {},
  ) {
    this.#stream = stream
    this.#now = options.now ?? (() => performance.now())
    this.#isTerminal = options.terminal ?? isTerminal(stream)
  }

  /** Begins a stage, such as `Reading diamonds.csv`. */
  stage(text: string): void {
    this.#stage = plainText(text)
    this.#stageMs = this.#now()
    this.#state = ''
    if (!this.#isTerminal) {
      this.#shownMs = this.#stageMs
      return
    }
    this.#show()
    // The seconds go on when nothing else does, so that nobody thinks it hangs.
    this.#timer ??= setInterval(() => this.#show(), 2 * leastMs).unref()
  }

  /**
   * Says how far the stage is.
   *
   * @param state - what stands behind the stage, such as {@link bar}
   */
  update(state: string): void {
    this.#state = state
    this.#tellFinished()
    this.#show()
  }

  /**
   * Says what a stage has done, such as `Read 53,940 rows`. In a log this stands when the next stage
   * gets somewhere: what fails at once is told by its error alone.
   */
  finish(text: string): void {
    this.#tellFinished()
    this.#finished = plainText(text)
  }

  /** The last stage is finished. */
  end(): void {
    this.#tellFinished()
    this.clear()
  }

  /** Takes the line away, so that what is written next stands at its place. */
  clear(): void {
    clearInterval(this.#timer)
    if (this.#stage !== '' && this.#isTerminal) this.#stream.write(clearedLine)
    this.#stage = ''
  }

  #tellFinished(): void {
    if (this.#finished !== '' && !this.#isTerminal) this.#stream.write(`${this.#finished}\n`)
    this.#finished = ''
  }

  #show(): void {
    const now = this.#now()
    const pause = this.#isTerminal ? leastMs : logMs
    if (this.#stage === '' || now - this.#shownMs < pause) return
    this.#shownMs = now
    const seconds = `${((now - this.#stageMs) / 1000).toFixed(1)} s`
    const line = [this.#stage, this.#state, seconds].filter((part) => part !== '').join('  ')
    this.#stream.write(this.#isTerminal ? overwriting(line, this.#stream) : `${line}\n`)
  }
}

/** Shows the progress of work on stderr, and takes the line away when it ends or fails. */
export async function withProgress(work: (progress: Progress) => Promise<void>): Promise<void> {
  const progress = new Progress()
  try {
    await work(progress)
    progress.end()
  } finally {
    progress.clear()
  }
}
