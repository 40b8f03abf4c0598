/* application/x-www-form-urlencoded: fields come in order, none of them twice, and each stands in the text. */
#include "fuzz.h"
#include "ground/encode.h"

int LLVMFuzzerTestOneInput (const uint8_t *bytes, size_t n) {
  input in = input_of(bytes, n);
  size_t size, at = 0, before = 0, name_n, value_n;
  const char *text = input_rest(&in, &size), *name, *value, *last = text;
  while (al_form_next(text, size, &at, &name, &name_n, &value, &value_n)) {
    must(at > before && at <= size);
    must(name >= last && value >= name + name_n && value + value_n == text + at);
    must(memchr(name, '&', name_n) == NULL && memchr(name, '=', name_n) == NULL && memchr(value, '&', value_n) == NULL);
    last = value + value_n;
    before = at;
  }
  input_over(&in);
  return 0;
}
