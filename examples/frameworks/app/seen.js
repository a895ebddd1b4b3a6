/** Remembers texts in this process only. */

export const seen = new WeakSet()
