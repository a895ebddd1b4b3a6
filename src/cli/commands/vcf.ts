/** The command `onecopy vcf`: genotypes as VCF files. */

import { UsageError } from '../output/failure.ts'
import { withProgress } from '../output/progress.ts'
import { leaveDeletedFolder } from '../output/working-folder.ts'
import { listOf, newCommand, oneOf, onlyOne, wholeNumber } from './command.ts'

const layouts = [
  ...(['auto', 'matrix', 'hapmap', '23andme', 'ancestry'] as const),
  ...(['ped', 'tped', 'bed', 'vcf'] as const),
]

/** Makes the command; its work is loaded when it runs. */
export function vcfCommand(): ReturnType<typeof newCommand> {
  const command = newCommand('vcf')
    .summary('write a genotype matrix as VCF')
    .description(
      'Writes genotypes as VCF 4.3: a file for each chromosome, for each individual, or one for all. The genotypes are in memory once, a byte each, ' +
        'and native threads format and compress them. Rows out of order are sorted. The report says what became of every row.',
    )
    .argument(
      '<input>',
      'genotypes: a matrix (.tsv, .csv), .hmp.txt, .ped, .tped, .bed, .vcf, .vcf.gz or raw data of one person',
    )
    .option(
      '-o, --out <path>',
      'folder to write to; or a .vcf or .vcf.gz file for all; or - for standard output',
      onlyOne('--out'),
    )
    .option(
      '--by <what>',
      'write a file for each chromosome or individual, or one (none) (default: chromosome for a folder)',
      oneOf('--by', ['chromosome', 'individual', 'none']),
    )
    .option(
      '--format <layout>',
      `layout of the input: ${layouts.join(', ')}`,
      oneOf('--format', layouts),
    )
    .option(
      '--genotypes <notation>',
      'how genotypes are written: letters (A, R, AG), calls (A/G, 0|1) or dosage (0, 1, 2) (default: found out)',
      oneOf('--genotypes', ['letters', 'calls', 'dosage']),
    )
    .option(
      '--header <file>',
      'file whose first line names the columns of a matrix without a header',
      onlyOne('--header'),
    )
    .option(
      '--ref <column>',
      'column of the reference allele (default: REF), or major for the most frequent allele, which is marked by PR',
      onlyOne('--ref'),
    )
    .option(
      '--fasta <file>',
      'FASTA file to take the reference from; not compressed',
      onlyOne('--fasta'),
    )
    .option(
      '--rename <how>',
      'rename chromosomes: chr makes chr1 of 1, no-chr the other way round',
      oneOf('--rename', ['chr', 'no-chr']),
    )
    .option(
      '--individuals <names>',
      'individuals to write, with commas between them (default: all)',
      listOf('--individuals'),
    )
    .option(
      '--sites <which>',
      'rows to write: all, or those with an alternate allele (variant)',
      oneOf('--sites', ['all', 'variant']),
    )
    .option(
      '--compress [level]',
      'compress by BGZF, 1 (fast) to 9 (small), and write an index (default level: 6)',
    )
    .option(
      '--index <kind>',
      'index of compressed files: tbi, csi or none (default: tbi where it reaches)',
      oneOf('--index', ['tbi', 'csi', 'none']),
    )
    .option(
      '--vcf-version <number>',
      'version in the first line: 4.3, or 4.2 for old programs',
      oneOf('--vcf-version', ['4.2', '4.3']),
    )
    .option(
      '--workers <number>',
      'number of threads (default: one per core); the files are the same for any number',
      wholeNumber('--workers', { min: 1, max: 1024 }),
    )
    .option('--json', 'print the report as JSON')
    .addHelpText('after', examples)
    .action(async (input, options) => {
      const { out, by, genotypes, header, fasta, rename, individuals, sites, workers, index } =
        options
      if (out === undefined)
        throw new UsageError(
          "Expected --out, such as '-o vcf/' for a file for each chromosome or '-o all.vcf.gz' for one. See onecopy vcf --help.",
        )
      const paths = [input, out, header, fasta].filter((path) => path !== undefined && path !== '-')
      leaveDeletedFolder(paths as string[])
      const layout = options.format === 'auto' ? undefined : options.format
      const { runVcf } = await import('../vcf/run-vcf.ts')
      await withProgress((progress) =>
        runVcf(
          {
            input,
            out,
            by,
            layout,
            genotypes,
            header,
            reference: options.ref,
            level: levelOf(options.compress),
            isJson: options.json === true,
            options: {
              fasta,
              rename,
              individuals,
              sites,
              workers,
              version: options.vcfVersion,
              index: index === 'none' ? false : index,
            },
          },
          progress,
        ),
      )
    })
  return command as unknown as ReturnType<typeof newCommand>
}

function levelOf(compress: string | true | undefined): number | undefined {
  if (compress === undefined || compress === true) return compress && 6
  return wholeNumber('--compress', { min: 1, max: 9 })(compress)
}

const examples = `
Examples:
  onecopy vcf matrix.tsv -o vcf/
  onecopy vcf matrix.tsv -o people/ --by individual --compress
  onecopy vcf genome.txt -o genome.vcf.gz --fasta GRCh37.fa
  onecopy vcf study.bed -o study.vcf.gz --fasta GRCh38.fa --rename chr`
