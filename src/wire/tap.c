#include "wire/tap.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "ground/limits.h"

void al_tap_close (al_tap *tap) {
  tap->on = false;
  al_buf_dispose(&tap->kept);
}

void al_tap_add (al_tap *tap, uint64_t number, const char *kind, const char *bytes, size_t n) {
  char line[64];
  int head = snprintf(line, sizeof line, "%" PRIu64 " %s %zu\n", number, kind, n);
  if (n > tap->kept.max || tap->kept.n + n + (size_t)head > tap->kept.max) return; /* whole or not at all */
  al_buf_add(&tap->kept, line, (size_t)head);
  al_buf_add(&tap->kept, bytes, n);
}

/* libcurl tells of bytes as they are sent; of an answer's body it would tell before unpacking it, so that comes from elsewhere. */
static int on_bytes (CURL *easy, curl_infotype type, char *bytes, size_t n, void *me) {
  (void)easy;
  al_tapped *tapped = me;
  if (type == CURLINFO_HEADER_OUT || type == CURLINFO_DATA_OUT) al_tap_add(tapped->tap, tapped->number, "out", bytes, n);
  else if (type == CURLINFO_HEADER_IN) al_tap_add(tapped->tap, tapped->number, "head", bytes, n);
  return 0;
}

void al_tap_follow (al_tap *tap, al_tapped *tapped, CURL *easy, const char *url) {
  *tapped = (al_tapped){ .tap = tap, .number = ++tap->count };
  curl_easy_setopt(easy, CURLOPT_DEBUGFUNCTION, on_bytes);
  curl_easy_setopt(easy, CURLOPT_DEBUGDATA, tapped);
  curl_easy_setopt(easy, CURLOPT_VERBOSE, 1L);
  al_tap_add(tap, tapped->number, "url", url, strlen(url));
}
