"""The program of stackoverflow.com/questions/49429368: pandas' groups go to a Pool, and each becomes a VCF."""

import sys
from multiprocessing import Pool

import pandas as pd

MATRIX, FOLDER, WORKERS = sys.argv[1], sys.argv[2], int(sys.argv[3])
PAIRS = dict(A='AA', C='CC', G='GG', T='TT', M='AC', R='AG', W='AT', S='CG', Y='CT', K='GT')
HEADER = '##fileformat=VCFv4.3\n##FORMAT=<ID=GT,Number=1,Type=String,Description="Genotype">\n'


def line_of(row):
    chromosome, position, reference, *letters = row
    alternates, calls = [], []
    for letter in letters:
        numbers = []
        for base in PAIRS.get(letter, ''):
            if base != reference and base not in alternates:
                alternates.append(base)
            numbers.append(0 if base == reference else 1 + alternates.index(base))
        calls.append('/'.join(map(str, sorted(numbers))) or './.')
    alternate = ','.join(alternates) or '.'
    return '\t'.join([str(chromosome), str(position), '.', reference, alternate, '.', '.', '.', 'GT', *calls])


def matrix_to_vcf(frame):
    names = '\t'.join(['#CHROM', 'POS', 'ID', 'REF', 'ALT', 'QUAL', 'FILTER', 'INFO', 'FORMAT', *frame.columns[3:]])
    with open(f'{FOLDER}/{frame.CHROM.iloc[0]}.vcf', 'w') as file:
        file.write(f'{HEADER}{names}\n')
        for row in frame.itertuples(index=False):
            file.write(line_of(row) + '\n')


if __name__ == '__main__':
    matrix = pd.read_csv(MATRIX, sep='\t')
    frames = [frame for _, frame in matrix.groupby('CHROM')]
    with Pool(WORKERS) as pool:
        pool.map(matrix_to_vcf, frames)
