/** Work that takes as long as it is asked to. */

import { taskSignal } from 'onecopy'

/** How many primes are less than `end`; stops when nobody wants to know any more. */
export function countPrimes(end) {
  const signal = taskSignal()
  let count = 0
  for (let n = 2; n < end; n++) {
    if (n % 1000 === 0) signal.throwIfAborted()
    let divisor = 2
    while (divisor * divisor <= n && n % divisor !== 0) divisor++
    if (divisor * divisor > n) count++
  }
  return count
}
