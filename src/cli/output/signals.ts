/** Cleans up before a signal ends the process. */

/** The signals by which people and systems end a command. */
const endings = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const

/**
 * Runs `work` while something unfinished is there, such as a temporary folder: `remove` takes it
 * away when the work fails or a signal comes, which then ends the process as it would have.
 *
 * At all other times a command leaves signals to the system: there is nothing to clean up, and the
 * process ends at once, even in the middle of a computation. Its workers die with it, and scratch
 * memory has no name.
 *
 * @param remove - synchronous; may be called when nothing is there any more
 */
export async function whileUnfinished(
  remove: () => void,
  work: () => Promise<void>,
): Promise<void> {
  const end = (signal: NodeJS.Signals): void => {
    remove()
    leave()
    process.kill(process.pid, signal)
  }
  const leave = (): void => {
    for (const signal of endings) process.off(signal, end)
  }
  for (const signal of endings) process.on(signal, end)
  try {
    await work()
  } catch (error) {
    remove()
    throw error
  } finally {
    leave()
  }
}
