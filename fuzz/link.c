/* A Link field, and the relation that is looked for. */
#include "law/link.h"

#include "fuzz.h"

int LLVMFuzzerTestOneInput (const uint8_t *bytes, size_t n) {
  input in = input_of(bytes, n);
  size_t relation_n, size, target_n = 0;
  const char *relation = input_line(&in, &relation_n), *field = input_rest(&in, &size);
  const char *target = al_link_find(field, size, relation, relation_n, &target_n);
  if (target != NULL) {
    must(target > field && target[-1] == '<' && target + target_n < field + size && target[target_n] == '>');
    must(memchr(target, '>', target_n) == NULL);
  }
  input_over(&in);
  return 0;
}
