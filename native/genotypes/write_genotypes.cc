/** Writes rows of a genotype table to an open file, on several threads and in order. */

#include <cerrno>
#include <condition_variable>
#include <mutex>
#include <optional>
#include <poll.h>
#include <unistd.h>

#include <algorithm>
#include <string>
#include <vector>

#include "border/job.h"
#include "genotypes/bgzf.h"
#include "genotypes/genotypes.h"
#include "genotypes/row_formatter.h"
#include "matrix/matrix.h"
#include "matrix/results.h"
#include "matrix/threads.h"

namespace onecopy {
namespace {

/** Bytes of text that a thread formats at once, at most; a file's blocks depend on it. */
constexpr size_t kPieceBytes = size_t{1} << 20;
constexpr int64_t kMostPieceRows = 1 << 15;

/** How many rows are named for each reason. */
constexpr int64_t kNamedRows = 5;
constexpr int kReasons = 16;

class WriteGenotypes : public Job {
 public:
  WriteGenotypes(const Arguments& arguments, Held& held)
      : fd_(static_cast<int>(arguments.at(0, "fd").integer(0, INT32_MAX))),
        sites_(arguments.at(2, "sites"), held),
        calls_(arguments.at(3, "calls"), sites_.rows, held),
        rows_(Rows::read(arguments.at(4, "rows"), sites_.rows, held)) {
    const Value headValue = arguments.at(1, "head"), form = arguments.at(5, "form");
    const TypedArray head = headValue.typedArray(napi_uint8_array, "a Uint8Array");
    head_.assign(static_cast<const char*>(head.data), head.length);
    form_.isLetters = form.member("isLetters").boolean();
    form_.isVariantOnly = form.member("isVariantOnly").boolean();
    form_.info = form.member("info").text();
    form_.withRuns = form.member("withIndex").boolean();
    form_.minShift = static_cast<int>(form.member("minShift").integer(1, 30));
    form_.depth = static_cast<int>(form.member("depth").integer(1, 9));
    level_ = static_cast<int>(form.member("level").integer(-1, 9));
    threads_ = readThreads(arguments.at(6, "threads"));
  }

  void run() override {
    const size_t longest = RowFormatter(sites_, calls_, form_).longestLine();
    const int64_t pieceRows = std::clamp<int64_t>(static_cast<int64_t>(kPieceBytes / longest), 1, kMostPieceRows);
    const int64_t pieces = (rows_.count() + pieceRows - 1) / pieceRows;
    writeHead();
    if (pieces > 0 && error_ == 0) writePieces(pieces, pieceRows);
    if (level_ >= 0 && error_ == 0 && !stop()) put(kBgzfEnd, sizeof kBgzfEnd);
  }

  napi_value settle(napi_env env) override {
    const auto number = [&](int64_t value) { return toValue(env, static_cast<double>(value)); };
    std::vector<double> counts(defects_, defects_ + kReasons);
    return makeObject(env, {
        {"error", number(error_)},
        {"variant", number(fates_.variant)},
        {"homozygous", number(fates_.homozygous)},
        {"missing", number(fates_.missing)},
        {"leftOut", number(fates_.leftOut)},
        {"defects", toFloat64Array(env, counts)},
        {"defectRows", toFloat64Array(env, namedRows())},
        {"bytes", number(static_cast<int64_t>(offset_))},
        {"runs", runsOf(env)},
        {"windows", windowsOf(env)},
    });
  }

 private:
  void writeHead() {
    if (level_ < 0) return put(head_.data(), head_.size());
    std::vector<unsigned char> packed;
    std::vector<uint64_t> starts;
    BgzfWriter(level_).compress(head_.data(), head_.size(), packed, starts);
    put(packed.data(), packed.size());
  }

  /** Each thread makes a piece and waits for its turn to write it, so at most one piece a thread is in memory. */
  void writePieces(int64_t pieces, int64_t pieceRows) {
    Tasks tasks(pieces, stop());
    onThreads(static_cast<int>(std::min<int64_t>(threads_, pieces)), [&] {
      std::optional<RowFormatter> formatter;
      std::optional<BgzfWriter> bgzf;
      Lines lines;
      std::vector<int64_t> rows(static_cast<size_t>(pieceRows));
      std::vector<unsigned char> packed;
      std::vector<uint64_t> starts;
      tasks.each([&](int64_t piece) {
        try {
          if (!formatter) formatter.emplace(sites_, calls_, form_);
          if (level_ >= 0 && !bgzf) bgzf.emplace(level_);
          const int64_t from = piece * pieceRows, count = std::min(pieceRows, rows_.count() - from);
          rows_.list(from, count, rows.data());
          lines.clear();
          formatter->format(rows.data(), count, lines);
          packed.clear();
          starts.clear();
          if (bgzf) bgzf->compress(lines.text.data(), lines.used, packed, starts);
        } catch (...) {
          giveUp();
          throw;
        }
        if (!waitFor(piece)) return;
        // Only the thread whose turn it is touches the file and the sums.
        const uint64_t at = offset_;
        if (bgzf) put(packed.data(), packed.size());
        else put(lines.text.data(), lines.used);
        add(lines, at, starts);
        pass(piece);
      });
    });
  }

  bool waitFor(int64_t piece) {
    std::unique_lock lock(mutex_);
    turned_.wait(lock, [&] { return turn_ == piece || hasFailed_; });
    return !hasFailed_;
  }

  void pass(int64_t piece) {
    const std::lock_guard lock(mutex_);
    turn_ = piece + 1;
    if (error_ != 0) hasFailed_ = true;
    turned_.notify_all();
  }

  void giveUp() {
    const std::lock_guard lock(mutex_);
    hasFailed_ = true;
    turned_.notify_all();
  }

  /** Adds what became of a piece, which starts at byte `at` of the file, with blocks at `starts` from there. */
  void add(const Lines& lines, uint64_t at, const std::vector<uint64_t>& starts) {
    fates_.variant += lines.fates.variant;
    fates_.homozygous += lines.fates.homozygous;
    fates_.missing += lines.fates.missing;
    fates_.leftOut += lines.fates.leftOut;
    for (const auto& [reason, row] : lines.defects) {
      const int kind = std::min<int>(reason, kReasons - 1);
      const int64_t before = defects_[kind]++;
      if (before < kNamedRows) defectRows_[kind][before] = static_cast<double>(row);
    }
    if (!form_.withRuns) return;
    runs_.append(lines.runs, [&](uint64_t place) {
      if (place == lines.used) return offset_ << 16;
      return (at + starts[place / kBgzfText]) << 16 | place % kBgzfText;
    });
  }

  /** Writes to the end of the file; the system's error number goes to `error_`. */
  void put(const void* bytes, size_t count) {
    const char* from = static_cast<const char*>(bytes);
    while (count > 0 && error_ == 0) {
      const ssize_t written = write(fd_, from, count);
      if (written < 0 && (errno == EAGAIN || errno == EWOULDBLOCK)) {
        pollfd waiting{fd_, POLLOUT, 0};
        poll(&waiting, 1, 10);
        if (stop()) return;
        continue;
      }
      if (written < 0 && errno == EINTR) continue;
      if (written < 0) {
        error_ = errno;
        return;
      }
      from += written;
      count -= static_cast<size_t>(written);
      offset_ += static_cast<uint64_t>(written);
    }
  }

  std::vector<double> namedRows() const {
    std::vector<double> rows;
    for (int kind = 0; kind < kReasons; kind++)
      for (int64_t i = 0; i < kNamedRows; i++) rows.push_back(i < defects_[kind] ? defectRows_[kind][i] : -1);
    return rows;
  }

  /** Shape (runs, 5): contig, bin, start, end (virtual offsets) and rows. */
  napi_value runsOf(napi_env env) const {
    uint64_t* data;
    const napi_value array = makeBigArray(env, 5 * runs_.runs().size(), &data);
    for (const BinRun& run : runs_.runs()) {
      *data++ = static_cast<uint64_t>(run.contig);
      *data++ = static_cast<uint64_t>(run.bin);
      *data++ = run.from;
      *data++ = run.to;
      *data++ = static_cast<uint64_t>(run.rows);
    }
    return array;
  }

  /** Shape (windows, 3): contig, window and start. */
  napi_value windowsOf(napi_env env) const {
    uint64_t* data;
    const napi_value array = makeBigArray(env, 3 * runs_.windows().size(), &data);
    for (const WindowStart& start : runs_.windows()) {
      *data++ = static_cast<uint64_t>(start.contig);
      *data++ = static_cast<uint64_t>(start.window);
      *data++ = start.from;
    }
    return array;
  }

  static napi_value makeBigArray(napi_env env, size_t length, uint64_t** data) {
    napi_value buffer, array;
    void* bytes = nullptr;
    check(env, napi_create_arraybuffer(env, length * sizeof(uint64_t), &bytes, &buffer));
    check(env, napi_create_typedarray(env, napi_biguint64_array, length, buffer, 0, &array));
    *data = static_cast<uint64_t*>(bytes);
    return array;
  }

  const int fd_;
  std::string head_;
  Sites sites_;
  Calls calls_;
  Rows rows_;
  LineForm form_;
  int level_, threads_;

  std::mutex mutex_;
  std::condition_variable turned_;
  int64_t turn_ = 0;
  bool hasFailed_ = false;

  int error_ = 0;
  uint64_t offset_ = 0;
  Fates fates_;
  int64_t defects_[kReasons] = {};
  double defectRows_[kReasons][kNamedRows] = {};
  BinRuns runs_;
};

}  // namespace

void registerGenotypes(napi_env env, napi_value exports) {
  exportFunction<startWith<WriteGenotypes>>(env, exports, "writeGenotypes");
}

}  // namespace onecopy
