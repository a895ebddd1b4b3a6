/** Rows of a genotype table as lines of VCF. */

#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "genotypes/bin_runs.h"
#include "genotypes/genotype_columns.h"

namespace onecopy {

/** Why a row can't be written; `defects` of the sites may hold further ones. */
enum Defect : uint8_t {
  kNone = 0,
  kNoChromosome = 1,
  kBadPosition = 2,
  kBadReference = 3,
  kBadAlternate = 4,
  kBadCall = 5,
  kUnknownAllele = 6,
};

/** How rows are written. */
struct LineForm {
  bool isLetters;      // calls hold bases, not allele numbers
  bool isVariantOnly;  // rows without an alternate allele are left out
  std::string info;    // of every row
  bool withRuns;       // whether an index is wanted
  int minShift, depth; // of its bins
};

/** What became of rows. */
struct Fates {
  int64_t variant = 0, homozygous = 0, missing = 0, leftOut = 0;
};

/** Lines of some rows. */
struct Lines {
  std::vector<char> text;
  size_t used = 0;
  Fates fates;
  std::vector<std::pair<uint8_t, int64_t>> defects;  // reason and row
  BinRuns runs;

  void clear();
};

/** Formats rows; one for each thread. */
class RowFormatter {
 public:
  RowFormatter(const Sites& sites, const Calls& calls, const LineForm& form);

  /** Most bytes of a line. */
  size_t longestLine() const { return longestLine_; }

  /**
   * Appends lines to `lines`.
   *
   * @param rows - numbers in [0, rows of the sites)
   * @throws Error `ERR_FORMAT` for a code that stands for nothing
   */
  void format(const int64_t* rows, int64_t count, Lines& lines);

 private:
  /** Text of a call, with the tab before it; its length is in the highest byte. */
  using Word = uint64_t;
  struct Words {
    std::vector<Word> words;
    bool isEven;  // all have four bytes
  };
  /** What the calls of a row have in common. */
  struct Summary {
    uint8_t alleles;  // letters: a bit for each base; numbers: 1 for the first, 2 for others
    uint8_t most;     // greatest number
    bool isCalled, isBad;
  };

  /** A line from its REF on. */
  static constexpr size_t kEndingBytes = 48;
  struct Ending {
    char bytes[kEndingBytes];
    uint8_t length = 0;  // 0: not known yet
    bool isVariant = false;
  };

  void formatIndividual(const int64_t* rows, int64_t count, Lines& lines);
  void formatBlocks(const int64_t* rows, int64_t count, Lines& lines);
  char* putContig(char* out, int64_t contig);
  Ending* endingOf(int64_t referenceCode, const uint16_t* calls);
  static void countRow(Fates& fates, bool isVariant, bool isCalled);
  Defect endLine(int64_t contig, int64_t position, int64_t referenceCode, const char* out, Lines& lines);
  void summarise(const int64_t* rows, int64_t count);
  Defect formatRow(int64_t row, const uint16_t* calls, Summary summary, Lines& lines);
  char* putLetters(char* out, int64_t referenceCode, int64_t alternateCode, const uint16_t* calls,
                   Summary summary, const Words** words, bool* isVariant, Defect* defect);
  char* putNumbers(char* out, int64_t row, int64_t referenceCode, int64_t alternateCode,
                   const uint16_t* calls, Summary summary, const Words** words, bool* isVariant, Defect* defect);
  const Words& wordsOf(uint32_t key, const uint8_t* numbers, int count);

  int64_t contig_ = -1;  // of the last line
  size_t contigLength_ = 0;
  char contigBytes_[16];
  const Sites& sites_;
  const Calls& calls_;
  const LineForm& form_;
  const size_t people_;
  size_t longestLine_;
  int64_t blockRows_;
  std::vector<uint16_t> block_;       // calls of some rows, one row after the other
  std::vector<Summary> summaries_;    // of these rows
  std::vector<Summary> ofCall_;       // of each distinct call
  std::vector<int8_t> referenceKind_; // 0 to 3: a base; 4: N; 5: several bases; -1: none of them
  struct Alternate {
    std::array<int8_t, 4> bases;  // in order, when all are single bases
    int count;                    // of alleles; -1: not to be written
    bool isSingle;                // all are single bases
  };
  std::vector<Alternate> alternates_;
  std::vector<std::unique_ptr<Words>> words_;
  std::vector<Ending> endings_;  // of each reference base and call, for one individual
};

}  // namespace onecopy
