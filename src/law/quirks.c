#include "law/quirks.h"

#include <stdlib.h>
#include <string.h>

#include "ground/ascii.h"

bool al_quirks_list (const char *words, const char *word, size_t n) {
  while (words != NULL && *words != '\0') {
    size_t length = strcspn(words, " ");
    if (length == n && n > 0 && al_ascii_same(words, word, n)) return true;
    words += length;
    words += strspn(words, " ");
  }
  return false;
}

void al_quirks_dispose (al_quirks *q) {
  free(q->user_token);
  free(q->token_types);
  free(q->invalid_grants);
  *q = (al_quirks){ .user_token = NULL };
}
