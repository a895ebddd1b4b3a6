/** The command `onecopy compare`: the peaks of two runs. */

import { newCommand } from './command.ts'

/** Makes the command; what reads reports is loaded when it runs. */
export function compareCommand(): ReturnType<typeof newCommand> {
  const command = newCommand('compare')
    .summary('compare the peaks of two profiles')
    .description(
      'Compares the peaks of two runs, phase by phase. It compares hard memory, which excludes ' +
        'file cache, or RSS if one of the reports is from mprof, which records only RSS.',
    )
    .argument('<before>', 'report: .json of onecopy profile, or .dat of mprof')
    .argument('<after>', 'report to compare it with')
    .option('--json', 'print the table as JSON on stdout, and nothing else')
    .addHelpText('after', examples)
    .action(async (before, after, { json }) => {
      const { readRun } = await import('../input/read-run.ts')
      const comparison = (await readRun(before)).compare(await readRun(after))
      const { figure, rows } = comparison
      const text = json ? JSON.stringify({ figure, rows }, undefined, 2) : String(comparison)
      process.stdout.write(`${text}\n`)
    })
  return command as unknown as ReturnType<typeof newCommand>
}

const examples = `
Examples:
  onecopy compare main.json branch.json`
