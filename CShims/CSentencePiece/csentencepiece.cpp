#include "csentencepiece.h"

#include <sentencepiece_processor.h>
#include <sentencepiece_trainer.h>

#include <cstdlib>
#include <cstring>
#include <exception>
#include <memory>
#include <string>

/* Not in the public headers: the trainer's flag for it is read only after its first line is written. */
namespace sentencepiece::logging {
void SetMinLogLevel(int level);
}

struct cs_processor {
  sentencepiece::SentencePieceProcessor processor;
};

namespace {

thread_local std::string last_error;

cs_status fail(const char *message) {
  last_error = message;
  return 1;
}

/* Runs body, which returns a Status of the library, and keeps its message. */
template <typename Body>
cs_status guard(Body body) noexcept {
  try {
    const sentencepiece::util::Status status = body();
    return status.ok() ? 0 : fail(status.error_message());
  } catch (const std::exception &error) {
    return fail(error.what());
  } catch (...) {
    return fail("an unknown error in sentencepiece");
  }
}

/* The texts one by one, as the trainer asks for them. */
class Texts : public sentencepiece::SentenceIterator {
 public:
  Texts(const char *const *texts, const size_t *lengths, size_t count) : texts_(texts), lengths_(lengths), count_(count) { read(); }
  bool done() const override { return index_ >= count_; }
  void Next() override {
    index_ += 1;
    read();
  }
  const std::string &value() const override { return value_; }
  sentencepiece::util::Status status() const override { return {}; }

 private:
  void read() {
    if (!done()) value_.assign(texts_[index_], lengths_[index_]);
  }
  const char *const *texts_;
  const size_t *lengths_;
  size_t count_;
  size_t index_ = 0;
  std::string value_;
};

}  // namespace

const char *cs_last_error(void) { return last_error.c_str(); }

cs_status cs_load(const uint8_t *model, size_t count, cs_processor **out) {
  *out = nullptr;
  return guard([&] {
    auto loaded = std::make_unique<cs_processor>();
    const auto status = loaded->processor.LoadFromSerializedProto({reinterpret_cast<const char *>(model), count});
    if (status.ok()) *out = loaded.release();
    return status;
  });
}

void cs_free(cs_processor *processor) { delete processor; }

int32_t cs_piece_count(const cs_processor *processor) { return processor->processor.GetPieceSize(); }

const char *cs_piece(const cs_processor *processor, int32_t id, size_t *count) {
  const std::string &piece = processor->processor.IdToPiece(id);
  *count = piece.size();
  return piece.data();
}

float cs_score(const cs_processor *processor, int32_t id) { return processor->processor.GetScore(id); }

cs_status cs_encode(const cs_processor *processor, const char *text, size_t length, cs_token **out, size_t *count) {
  *out = nullptr;
  *count = 0;
  return guard([&]() -> sentencepiece::util::Status {
    const auto encoded = processor->processor.EncodeAsImmutableProto({text, length});
    const size_t size = encoded.pieces_size();
    auto *tokens = static_cast<cs_token *>(std::malloc((size + 1) * sizeof(cs_token)));
    if (!tokens) return {sentencepiece::util::StatusCode::kResourceExhausted, "out of memory"};
    for (size_t index = 0; index < size; ++index) {
      const auto piece = encoded.pieces(static_cast<int>(index));
      tokens[index] = {static_cast<int32_t>(piece.id()), piece.begin(), piece.end()};
    }
    *out = tokens;
    *count = size;
    return {};
  });
}

void cs_free_tokens(cs_token *tokens) { std::free(tokens); }

cs_status cs_train(const char *options, const char *const *texts, const size_t *lengths, size_t count, cs_bytes *out) {
  *out = {nullptr, 0};
  constexpr int errors_only = 2;
  sentencepiece::logging::SetMinLogLevel(errors_only);
  return guard([&]() -> sentencepiece::util::Status {
    Texts iterator(texts, lengths, count);
    std::string model;
    const auto status = sentencepiece::SentencePieceTrainer::Train(options, &iterator, &model);
    if (!status.ok()) return status;
    auto *data = static_cast<uint8_t *>(std::malloc(model.size() + 1));
    if (!data) return {sentencepiece::util::StatusCode::kResourceExhausted, "out of memory"};
    std::memcpy(data, model.data(), model.size());
    *out = {data, model.size()};
    return {};
  });
}

void cs_free_bytes(cs_bytes bytes) { std::free(bytes.data); }
