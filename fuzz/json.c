/* JSON, walked to its ends: once value by value, once skipped; both must come to the same. */
#include "ground/json.h"

#include "fuzz.h"
#include "ground/limits.h"

static bool walk (al_json *j, int depth);

static bool walk_object (al_json *j, int depth) {
  al_buf name = AL_BUF(1 << 20);
  bool ok = al_json_enter(j);
  while (ok && al_json_member(j, &name)) ok = walk(j, depth + 1);
  al_buf_dispose(&name);
  return ok && !j->bad;
}

static bool walk_array (al_json *j, int depth) {
  bool ok = al_json_enter(j);
  while (ok && al_json_item(j)) ok = walk(j, depth + 1);
  return ok && !j->bad;
}

static bool walk_string (al_json *j) {
  al_buf text = AL_BUF(1 << 20);
  size_t left = (size_t)(j->end - j->p);
  bool ok = al_json_string(j, &text);
  must(!ok || text.n <= left);
  al_buf_dispose(&text);
  return ok;
}

static bool walk (al_json *j, int depth) {
  double number;
  must(depth <= AL_MAX_JSON_DEPTH + 1);
  switch (al_json_peek(j)) {
    case AL_JSON_OBJECT: return walk_object(j, depth);
    case AL_JSON_ARRAY: return walk_array(j, depth);
    case AL_JSON_STRING: return walk_string(j);
    case AL_JSON_NUMBER: return al_json_number(j, &number);
    default: return al_json_skip(j);
  }
}

int LLVMFuzzerTestOneInput (const uint8_t *bytes, size_t n) {
  input in = input_of(bytes, n);
  size_t size;
  const char *text = input_rest(&in, &size);
  al_json walked = al_json_from(text, size), skipped = al_json_from(text, size);
  bool a = walk(&walked, 0) && al_json_done(&walked), b = al_json_skip(&skipped) && al_json_done(&skipped);
  must(a == b);
  must(walked.p <= walked.end && skipped.p <= skipped.end);
  input_over(&in);
  return 0;
}
