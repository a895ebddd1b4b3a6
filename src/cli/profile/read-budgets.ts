/** Reads the budgets that a command is given. */

import type { Budget } from '../../monitor/index.ts'
import { asUsage } from '../output/failure.ts'

/**
 * Reads budgets such as `500MB` or `fit=300MB`; what reads them is loaded when there are some.
 *
 * @throws UsageError
 */
export async function readBudgets(texts: readonly string[]): Promise<Budget[]> {
  if (texts.length === 0) return []
  const { parseBudget } = await import('../../monitor/index.ts')
  return asUsage(() => texts.map(parseBudget))
}
