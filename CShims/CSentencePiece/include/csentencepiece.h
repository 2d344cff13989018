/* SentencePiece behind a C header: a model as its own library reads it, encoding, and training.
 *
 * The library parses protobuf and follows tables inside a model without bounds checks; hand it only bytes that
 * SentencePieceModel (Swift) has accepted. No exception leaves a function. Strings are UTF-8 with a length; arguments are
 * borrowed. */
#ifndef CSENTENCEPIECE_H
#define CSENTENCEPIECE_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef struct cs_processor cs_processor;

/* A buffer that the caller frees with cs_free_bytes. */
typedef struct cs_bytes {
  uint8_t *data;
  size_t count;
} cs_bytes;

/* One token of an encoded text: its id and the bytes of the text that it covers. */
typedef struct cs_token {
  int32_t id;
  uint32_t begin;
  uint32_t end;
} cs_token;

/* 0 = ok; otherwise cs_last_error says why. */
typedef int cs_status;

/* The message of this thread's last failure; valid until its next one. */
const char *cs_last_error(void);

/* Reads a serialised model. out: owned by the caller, released with cs_free. */
cs_status cs_load(const uint8_t *model, size_t count, cs_processor **out);
void cs_free(cs_processor *processor);

/* How many pieces there are; their text (valid as long as the processor) and score. */
int32_t cs_piece_count(const cs_processor *processor);
const char *cs_piece(const cs_processor *processor, int32_t id, size_t *count);
float cs_score(const cs_processor *processor, int32_t id);

/* The tokens of a text. out: an array of *count tokens, released with cs_free_tokens. Safe from several threads at once. */
cs_status cs_encode(const cs_processor *processor, const char *text, size_t length, cs_token **out, size_t *count);
void cs_free_tokens(cs_token *tokens);

/* Trains a model on texts with the options of spm_train ("--model_type=bpe --vocab_size=512"). out: the serialised model. */
cs_status cs_train(const char *options, const char *const *texts, const size_t *lengths, size_t count, cs_bytes *out);
void cs_free_bytes(cs_bytes bytes);

#ifdef __cplusplus
}
#endif

#endif
