/** Reads the budgets on a command line. */

import type { Budget } from '../../monitor/index.ts'
import { asUsage } from '../output/failure.ts'

/**
 * Reads budgets such as `500MB` or `fit=300MB`. The parser is loaded only when there are any.
 *
 * @throws UsageError
 */
export async function readBudgets(texts: readonly string[]): Promise<Budget[]> {
  if (texts.length === 0) return []
  const { parseBudget } = await import('../../monitor/index.ts')
  return asUsage(() => texts.map(parseBudget))
}
