/** Rows of a genotype table as lines of VCF. */

#include "genotypes/row_formatter.h"

#include <algorithm>
#include <cstring>
#include <string>

namespace onecopy {
namespace {

constexpr char kBases[] = "ACGTN";
constexpr int kN = 4, kSeveral = 5;

/** Calls of rows that are looked at together lie in the first-level cache. */
constexpr int64_t kBlockCalls = 8192;

/** Numbers of alleles that have none. */
constexpr uint8_t kNoNumber = 7;

/** Words of row forms: a table of them for each, made when it is first met. */
constexpr int kLetterForms = 4096, kNumberForms = 128;

/** Numbers up to this one have two digits, and so a call fits into a word. */
constexpr int kMostAlleles = 99;

int baseOf(char letter) {
  const char* found = static_cast<const char*>(std::memchr(kBases, letter, 5));
  return found == nullptr ? -1 : static_cast<int>(found - kBases);
}

char* put(char* out, std::string_view text) {
  std::memcpy(out, text.data(), text.size());
  return out + text.size();
}

/** The numbers 00 to 99. */
constexpr std::array<char, 200> kPairs = [] {
  std::array<char, 200> pairs{};
  for (int i = 0; i < 100; i++) {
    pairs[2 * i] = static_cast<char>('0' + i / 10);
    pairs[2 * i + 1] = static_cast<char>('0' + i % 10);
  }
  return pairs;
}();

char* putNumber(char* out, uint32_t number) {
  const int digits = number < 10 ? 1 : number < 100 ? 2 : number < 1000 ? 3 : number < 10000 ? 4 : number < 100000 ? 5
                     : number < 1000000 ? 6 : number < 10000000 ? 7 : number < 100000000 ? 8 : number < 1000000000 ? 9 : 10;
  char* at = out + digits;
  for (; number >= 100; number /= 100) std::memcpy(at -= 2, &kPairs[2 * (number % 100)], 2);
  if (number >= 10) std::memcpy(at - 2, &kPairs[2 * number], 2);
  else at[-1] = static_cast<char>('0' + number);
  return out + digits;
}

/** Part `index` of a text with commas; the caller knows that there is one. */
std::string_view alleleAt(std::string_view text, int index) {
  for (; index > 0; index--) text.remove_prefix(text.find(',') + 1);
  return text.substr(0, text.find(','));
}

}  // namespace

void Lines::clear() {
  used = 0;
  fates = {};
  defects.clear();
  runs.clear();
}

RowFormatter::RowFormatter(const Sites& sites, const Calls& calls, const LineForm& form)
    : sites_(sites), calls_(calls), form_(form), people_(calls.individuals.size()) {
  // Tabs, a position of ten digits, points, GT, up to four alternate letters with commas and the line end.
  longestLine_ = 40 + sites.chromosome.texts.longest() + sites.reference.texts.longest() + form.info.size() + 6 * people_;
  if (sites.id.isThere()) longestLine_ += sites.id.texts.longest();
  if (sites.alternate.isThere()) longestLine_ += sites.alternate.texts.longest();
  longestLine_ += kEndingBytes;  // endings and words are stored whole
  if (people_ == 1 && form.isLetters && !sites.alternate.isThere()) endings_.resize(5 * calls.distinct.size());
  blockRows_ = std::clamp<int64_t>(kBlockCalls / std::max<int64_t>(1, static_cast<int64_t>(people_)), 8, 512);
  block_.resize(static_cast<size_t>(blockRows_) * people_);
  summaries_.resize(static_cast<size_t>(blockRows_));
  words_.resize(form.isLetters ? kLetterForms : kNumberForms);

  for (const Call& call : calls.distinct) {
    Summary summary{0, 0, false, call.isBad};
    for (const uint8_t allele : {call.first, call.second}) {
      if (call.isBad || allele >= kMissingAllele) continue;
      summary.isCalled = true;
      summary.most = std::max(summary.most, allele);
      if (form.isLetters) summary.alleles |= allele < 4 ? 1 << allele : 0;
      else summary.alleles |= allele == 0 ? 1 : 2;
      if (allele > (form.isLetters ? 3 : kMostAlleles)) summary.isBad = true;
    }
    ofCall_.push_back(summary);
  }
  for (int64_t i = 0; i < sites.reference.texts.count(); i++) {
    const std::string_view text = sites.reference.texts.at(i);
    const bool isFine = !text.empty() && text.find_first_not_of(kBases) == std::string_view::npos;
    referenceKind_.push_back(static_cast<int8_t>(!isFine ? -1 : text.size() > 1 ? kSeveral : baseOf(text[0])));
  }
  if (!sites.alternate.isThere()) return;
  for (int64_t i = 0; i < sites.alternate.texts.count(); i++) {
    const std::string_view text = sites.alternate.texts.at(i);
    Alternate alternate{{}, 0, true};
    if (text != ".") {
      alternate.count = static_cast<int>(1 + std::count(text.begin(), text.end(), ','));
      if (text.empty() || alternate.count > kMostAlleles) alternate.count = -1;
      for (int k = 0; k < alternate.count; k++) {
        const std::string_view allele = alleleAt(text, k);
        const int base = allele.size() == 1 ? baseOf(allele[0]) : -1;
        if (k < 4 && base >= 0 && base < kN) alternate.bases[k] = static_cast<int8_t>(base);
        else alternate.isSingle = false;
      }
    }
    alternates_.push_back(alternate);
  }
}

void RowFormatter::format(const int64_t* rows, int64_t count, Lines& lines) {
  const size_t needed = lines.used + static_cast<size_t>(count) * longestLine_;
  if (lines.text.size() < needed) lines.text.resize(needed);
  if (!endings_.empty()) return formatIndividual(rows, count, lines);
  formatBlocks(rows, count, lines);
}

/** Lines of one individual: those like an earlier one but for their place are copied from it. */
void RowFormatter::formatIndividual(const int64_t* rows, int64_t count, Lines& lines) {
  const Calls::Individual& one = calls_.individuals[0];
  const bool isPlain = sites_.defects == nullptr && !sites_.id.isThere() && !form_.isVariantOnly;
  if (!isPlain) return formatBlocks(rows, count, lines);
  one.codes.visit([&](const auto* codes) {
    for (int64_t r = 0; r < count; r++) {
      const int64_t row = rows[r];
      const auto code = static_cast<int64_t>(codes[row]);
      const int64_t contig = sites_.chromosome.codeOf(row), reference = sites_.reference.codeOf(row);
      const int64_t position = sites_.positionOf(row);
      const bool isKnown = code < one.count - 1 && contig >= 0 && reference >= 0 && position > 0;
      const uint16_t call = isKnown ? one.calls[code < 0 ? one.count - 1 : code] : 0;
      const Ending* const ending = isKnown && call < ofCall_.size() ? endingOf(reference, &call) : nullptr;
      if (ending == nullptr || ending->length == 0) {
        formatBlocks(rows + r, 1, lines);
        continue;
      }
      char* out = putContig(lines.text.data() + lines.used, contig);
      out = putNumber(out, static_cast<uint32_t>(position));
      std::memcpy(out, "\t.\t", 3);
      out += 3;
      std::memcpy(out, ending->bytes, kEndingBytes);
      countRow(lines.fates, ending->isVariant, ofCall_[call].isCalled);
      endLine(contig, position, reference, out + ending->length, lines);
    }
  });
}

void RowFormatter::formatBlocks(const int64_t* rows, int64_t count, Lines& lines) {
  for (int64_t at = 0; at < count; at += blockRows_) {
    const int64_t own = std::min(blockRows_, count - at);
    summarise(rows + at, own);
    for (int64_t r = 0; r < own; r++) {
      const Defect defect = formatRow(rows[at + r], block_.data() + r * people_, summaries_[r], lines);
      if (defect != kNone) lines.defects.emplace_back(defect, rows[at + r]);
    }
  }
}

/** Gathers the calls of some rows, column by column, and what alleles each row has. */
void RowFormatter::summarise(const int64_t* rows, int64_t count) {
  std::fill_n(summaries_.begin(), count, Summary{0, 0, false, false});
  for (size_t k = 0; k < people_; k++) {
    const Calls::Individual& one = calls_.individuals[k];
    uint16_t* to = block_.data() + k;
    one.codes.visit([&](const auto* codes) {
      for (int64_t r = 0; r < count; r++, to += people_) {
        const auto code = static_cast<int64_t>(codes[rows[r]]);
        if (code >= one.count - 1)
          throw Error("ERR_FORMAT", "Code " + std::to_string(code) + " of individual " + std::to_string(k) + " in row " +
                                        std::to_string(rows[r]) + " stands for nothing.");
        // SAFETY: numbers of calls were checked when they were read; a negative code takes the last one.
        const uint16_t call = one.calls[code < 0 ? one.count - 1 : code];
        if (call >= ofCall_.size()) throw Error("ERR_INDEX", "A call changed while it was read.");
        *to = call;
        const Summary& of = ofCall_[call];
        Summary& summary = summaries_[r];
        summary.alleles |= of.alleles;
        summary.most = std::max(summary.most, of.most);
        summary.isCalled |= of.isCalled;
        summary.isBad |= of.isBad;
      }
    });
  }
}

Defect RowFormatter::formatRow(int64_t row, const uint16_t* calls, Summary summary, Lines& lines) {
  if (sites_.defects != nullptr && sites_.defects[row] != 0) return static_cast<Defect>(sites_.defects[row]);
  const int64_t contig = sites_.chromosome.codeOf(row);
  if (contig < 0) return kNoChromosome;
  const int64_t position = sites_.positionOf(row);
  if (position == 0) return kBadPosition;
  const int64_t reference = sites_.reference.codeOf(row);
  if (reference < 0 || referenceKind_[reference] < 0) return kBadReference;
  const int64_t alternate = sites_.alternate.isThere() ? sites_.alternate.codeOf(row) : -1;
  if (alternate >= 0 && alternates_[alternate].count < 0) return kBadAlternate;
  if (summary.isBad) return kBadCall;

  char* const start = lines.text.data() + lines.used;
  char* out = putContig(start, contig);
  out = putNumber(out, static_cast<uint32_t>(position));
  *out++ = '\t';
  const int64_t id = sites_.id.isThere() ? sites_.id.codeOf(row) : -1;
  if (id < 0) *out++ = '.';
  else out = put(out, sites_.id.texts.at(id));
  *out++ = '\t';
  Ending* const ending = endingOf(reference, calls);
  if (ending != nullptr && ending->length > 0) {
    std::memcpy(out, ending->bytes, kEndingBytes);
    countRow(lines.fates, ending->isVariant, summary.isCalled);
    return endLine(contig, position, reference, out + ending->length, lines);
  }
  const char* const end = out;
  const Words* words = nullptr;
  bool isVariant = false;
  Defect defect = kNone;
  out = form_.isLetters
            ? putLetters(out, reference, alternate, calls, summary, &words, &isVariant, &defect)
            : putNumbers(out, row, reference, alternate, calls, summary, &words, &isVariant, &defect);
  if (defect != kNone) return defect;
  if (form_.isVariantOnly && !isVariant) {
    lines.fates.leftOut++;
    return kNone;
  }
  countRow(lines.fates, isVariant, summary.isCalled);
  out = put(out, "\t.\t.\t");
  out = put(out, form_.info);
  out = put(out, "\tGT");
  const Word* const table = words->words.data();
  if (words->isEven) {
    for (size_t k = 0; k < people_; k++) std::memcpy(out + 4 * k, &table[calls[k]], 4);
    out += 4 * people_;
  } else {
    for (size_t k = 0; k < people_; k++) {
      const Word word = table[calls[k]];
      std::memcpy(out, &word, 8);
      out += word >> 56;
    }
  }
  *out++ = '\n';
  const auto length = static_cast<size_t>(out - end);
  if (ending != nullptr && length <= kEndingBytes) {
    std::memcpy(ending->bytes, end, length);
    ending->length = static_cast<uint8_t>(length);
    ending->isVariant = isVariant;
  }
  return endLine(contig, position, reference, out, lines);
}

/** The name of a chromosome and a tab; neighbouring lines mostly have the same one. */
char* RowFormatter::putContig(char* out, int64_t contig) {
  if (contig != contig_) {
    const std::string_view text = sites_.chromosome.texts.at(contig);
    contig_ = contig;
    contigLength_ = text.size() + 1;
    if (contigLength_ <= sizeof contigBytes_) *put(contigBytes_, text) = '\t';
  }
  if (contigLength_ > sizeof contigBytes_) {
    out = put(out, sites_.chromosome.texts.at(contig));
    *out = '\t';
    return out + 1;
  }
  std::memcpy(out, contigBytes_, sizeof contigBytes_);
  return out + contigLength_;
}

/** Where a line of one individual whose reference and call are these is kept from its REF on; null when there are too many of them. */
RowFormatter::Ending* RowFormatter::endingOf(int64_t referenceCode, const uint16_t* calls) {
  const int reference = referenceKind_[referenceCode];
  if (endings_.empty() || reference < 0 || reference > kN) return nullptr;
  return &endings_[static_cast<size_t>(reference) * calls_.distinct.size() + calls[0]];
}

void RowFormatter::countRow(Fates& fates, bool isVariant, bool isCalled) {
  (isVariant ? fates.variant : isCalled ? fates.homozygous : fates.missing)++;
}

/** The line ends at `out`. */
Defect RowFormatter::endLine(int64_t contig, int64_t position, int64_t referenceCode, const char* out, Lines& lines) {
  const size_t from = lines.used;
  lines.used = static_cast<size_t>(out - lines.text.data());
  if (form_.withRuns) {
    const auto length = static_cast<int64_t>(sites_.reference.texts.at(referenceCode).size());
    lines.runs.add(static_cast<int32_t>(contig), position - 1, position - 1 + length, from, lines.used,
                   form_.minShift, form_.depth);
  }
  return kNone;
}

/** REF and ALT where calls are bases: alternate alleles are those of the ALT column, then others as they first appear. */
char* RowFormatter::putLetters(char* out, int64_t referenceCode, int64_t alternateCode, const uint16_t* calls,
                               Summary summary, const Words** words, bool* isVariant, Defect* defect) {
  const int reference = referenceKind_[referenceCode];
  if (reference == kSeveral) {
    *defect = kBadReference;
    return out;
  }
  uint8_t numbers[4] = {kNoNumber, kNoNumber, kNoNumber, kNoNumber};
  if (reference < kN) numbers[reference] = 0;
  *out++ = kBases[reference];
  *out++ = '\t';
  int count = 0;
  const auto add = [&](int base) {
    if (count > 0) *out++ = ',';
    numbers[base] = static_cast<uint8_t>(++count);
    *out++ = kBases[base];
  };
  if (alternateCode >= 0) {
    const Alternate& alternate = alternates_[alternateCode];
    if (!alternate.isSingle) *defect = kBadAlternate;
    for (int k = 0; k < alternate.count && *defect == kNone; k++) {
      if (numbers[alternate.bases[k]] != kNoNumber) *defect = kBadAlternate;
      else add(alternate.bases[k]);
    }
    if (*defect != kNone) return out;
  }
  uint8_t open = summary.alleles;
  for (int base = 0; base < 4; base++)
    if (numbers[base] != kNoNumber) open &= static_cast<uint8_t>(~(1 << base));
  *isVariant = (summary.alleles & ~(reference < kN ? 1 << reference : 0)) != 0;
  for (size_t k = 0; open != 0 && k < people_; k++) {
    const Call& call = calls_.distinct[calls[k]];
    for (const uint8_t allele : {call.first, call.second}) {
      if (allele > 3 || numbers[allele] != kNoNumber) continue;
      add(allele);
      open &= static_cast<uint8_t>(~(1 << allele));
    }
  }
  if (count == 0) *out++ = '.';
  const uint32_t key = numbers[0] | numbers[1] << 3 | numbers[2] << 6 | numbers[3] << 9;
  *words = &wordsOf(key, numbers, 4);
  return out;
}

/** REF and ALT where calls are allele numbers: those of the columns, with another allele as the reference where `swaps` says so. */
char* RowFormatter::putNumbers(char* out, int64_t row, int64_t referenceCode, int64_t alternateCode,
                               const uint16_t* calls, Summary summary, const Words** words, bool* isVariant,
                               Defect* defect) {
  const std::string_view reference = sites_.reference.texts.at(referenceCode);
  const int count = alternateCode < 0 ? 0 : alternates_[alternateCode].count;
  const std::string_view alternates = count == 0 ? std::string_view() : sites_.alternate.texts.at(alternateCode);
  const int swap = sites_.swaps == nullptr ? 0 : sites_.swaps[row];
  if (summary.most > count || swap > count) {
    *defect = kUnknownAllele;
    return out;
  }
  for (int k = 0; k < count; k++) {
    if (alleleAt(alternates, k) != reference) continue;
    *defect = kBadAlternate;
    return out;
  }
  uint8_t numbers[kMostAlleles + 1];
  for (int k = 0; k <= kMostAlleles; k++) numbers[k] = static_cast<uint8_t>(k == swap ? 0 : k < swap ? k + 1 : k);
  *words = &wordsOf(static_cast<uint32_t>(swap), numbers, kMostAlleles + 1);
  if (swap == 0) {
    out = put(out, reference);
    *out++ = '\t';
    *isVariant = (summary.alleles & 2) != 0;
    return count == 0 ? put(out, ".") : put(out, alternates);
  }
  const std::string_view swapped = alleleAt(alternates, swap - 1);
  if (swapped.find_first_not_of(kBases) != std::string_view::npos) {
    *defect = kBadReference;
    return out;
  }
  out = put(out, swapped);
  *out++ = '\t';
  out = put(out, reference);
  for (int k = 0; k < count; k++) {
    if (k + 1 == swap) continue;
    *out++ = ',';
    out = put(out, alleleAt(alternates, k));
  }
  for (size_t k = 0; k < people_ && !*isVariant; k++) {
    const Call& call = calls_.distinct[calls[k]];
    for (const uint8_t allele : {call.first, call.second}) *isVariant |= allele < kMissingAllele && allele != swap;
  }
  return out;
}

/** Texts of all calls where alleles have these numbers. */
const RowFormatter::Words& RowFormatter::wordsOf(uint32_t key, const uint8_t* numbers, int count) {
  std::unique_ptr<Words>& words = words_[key];
  if (words) return *words;
  words = std::make_unique<Words>();
  words->isEven = true;
  const bool isSorted = form_.isLetters || key != 0;
  for (size_t i = 0; i < calls_.distinct.size(); i++) {
    const Call& call = calls_.distinct[i];
    const auto numberOf = [&](uint8_t allele) { return allele < count ? numbers[allele] : allele; };
    uint8_t first = numberOf(call.first), second = numberOf(call.second);
    if (isSorted && !call.isPhased && second < first) std::swap(first, second);
    char text[8] = {};
    char* out = text;
    *out++ = '\t';
    const auto add = [&](uint8_t number) {
      if (number >= kMissingAllele) *out++ = '.';
      else out = putNumber(out, number);
    };
    if (!ofCall_[i].isBad) {
      add(first);
      if (second != kNoAllele) {
        *out++ = call.isPhased ? '|' : '/';
        add(second);
      }
    }
    const size_t length = static_cast<size_t>(out - text);
    if (length != 4 && !ofCall_[i].isBad) words->isEven = false;
    Word word = 0;
    for (size_t b = 0; b < length; b++) word |= static_cast<Word>(static_cast<unsigned char>(text[b])) << 8 * b;
    words->words.push_back(word | static_cast<Word>(length) << 56);
  }
  return *words;
}

}  // namespace onecopy
