/** Writes memory of JavaScript to a file, beside the event loop. */

#include "bytes/append.h"

#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <memory>
#include <utility>

#include "border/job.h"

namespace onecopy {
namespace {

/** Bytes of one system call, so that the job soon sees that it shall stop. */
constexpr size_t kPiece = size_t{1} << 20;

class Append : public Job {
 public:
  Append(int fd, const std::byte* bytes, size_t count) : fd_(fd), bytes_(bytes), count_(count) {}

  void run() override {
    while (count_ > 0 && !stop()) {
      const ssize_t written = write(fd_, bytes_, std::min(count_, kPiece));
      if (written < 0 && errno == EINTR) continue;
      if (written < 0) {
        error_ = errno;
        return;
      }
      bytes_ += written;
      count_ -= static_cast<size_t>(written);
    }
  }

  napi_value settle(napi_env env) override { return toValue(env, static_cast<double>(error_)); }

 private:
  const int fd_;
  const std::byte* bytes_;
  size_t count_;
  int error_ = 0;
};

napi_value appendBytes(const Arguments& arguments) {
  const auto fd = static_cast<int>(arguments.at(0, "fd").integer(0, INT32_MAX));
  const Value value = arguments.at(1, "bytes");
  const TypedArray bytes = value.typedArray(napi_uint8_array, "a Uint8Array");
  Held held(arguments.env());
  const void* memory = held.take(value, bytes, Use::kRead, 0, bytes.length);
  return startJob(arguments.env(), std::move(held),
                  std::make_unique<Append>(fd, static_cast<const std::byte*>(memory), bytes.length));
}

}  // namespace

void registerAppend(napi_env env, napi_value exports) {
  exportFunction<appendBytes>(env, exports, "appendBytes");
}

}  // namespace onecopy
