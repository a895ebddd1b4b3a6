/** Tells workers by the environment that somebody watches their memory. */

/** Workers that find it publish their heaps, and how many tasks they have finished. */
const watchedVariable = 'ONECOPY_WATCHED'

let watches = 0

/**
 * Sets the variable for workers and processes that start from now on. Without it they don't load
 * the monitor, which takes longer than a thread takes to start.
 *
 * @returns takes the variable away again, with the last watch and unless somebody else set it
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
