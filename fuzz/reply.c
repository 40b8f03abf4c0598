/* A token endpoint's answer: status from the first byte, the body is the rest. */
#include "law/reply.h"

#include "fuzz.h"
#include "law/token.h"

static void judge_fault (const al_fault *f) {
  must(f->kind == AL_OAUTH);
  must(f->code[0] != '\0' && printable(f->code, sizeof f->code) && printable(f->error, sizeof f->error));
  must(strlen(f->message) > 10 && printable(f->message, sizeof f->message));
  must(printable(f->description, sizeof f->description) && printable(f->uri, sizeof f->uri));
  must(f->outcome != AL_REVOKED); /* only the renewal knows what a refusal means */
}

int LLVMFuzzerTestOneInput (const uint8_t *bytes, size_t n) {
  static const int statuses[] = { 200, 400, 401, 500, 302, 201, 429, 404 };
  input in = input_of(bytes, n);
  int status = statuses[input_byte(&in) % 8];
  size_t size;
  const char *body = input_rest(&in, &size);
  al_reply reply;
  al_fault fault;
  al_reply_init(&reply);
  al_fault_clear(&fault);
  if (al_reply_read(&reply, &fault, status, body, size)) {
    must(status < 300);
    must(al_token_printable(al_buf_text(&reply.access_token), reply.access_token.n));
    must(reply.lifetime_ms == -1 || (reply.lifetime_ms > 0 && reply.lifetime_ms <= AL_MAX_LIFETIME_S * 1000));
    must(reply.access_token.n + reply.refresh_token.n <= size && reply.scope.n <= AL_MAX_SCOPE);
  } else judge_fault(&fault);
  al_reply_dispose(&reply);
  input_over(&in);
  return 0;
}
