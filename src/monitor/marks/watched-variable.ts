/** The environment variable that tells workers that a monitor is watching. */

/** When it is set, workers publish their heaps and how many tasks they have finished. */
const watchedVariable = 'ONECOPY_WATCHED'

let watches = 0

/**
 * Sets the variable for workers and processes that start from now on. Without it they don't load
 * the monitor, which takes longer than starting a thread.
 *
 * @returns a function that unsets it after the last watch, unless it was set before
 */
export function noticeWatch(): () => void {
  if (process.env[watchedVariable] !== undefined && watches === 0) return () => {}
  process.env[watchedVariable] = '1'
  watches++
  let isOpen = true
  return () => {
    if (!isOpen) return
    isOpen = false
    if (--watches === 0) delete process.env[watchedVariable]
  }
}
