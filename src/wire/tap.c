#include "wire/tap.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "ground/limits.h"

void al_tap_open (al_tap *tap) {
  if (!tap->on) tap->kept = AL_BUF_SECRET(AL_MAX_TAP);
  tap->on = true;
}

void al_tap_close (al_tap *tap) {
  tap->on = false;
  al_buf_dispose(&tap->kept);
}

static void add (al_tap *tap, uint64_t number, const char *kind, const char *bytes, size_t n) {
  char line[64];
  int head = snprintf(line, sizeof line, "%" PRIu64 " %s %zu\n", number, kind, n);
  if (!tap->on || n > tap->kept.max || tap->kept.n + n + (size_t)head > tap->kept.max) return; /* whole or not at all */
  al_buf_add(&tap->kept, line, (size_t)head);
  al_buf_add(&tap->kept, bytes, n);
}

/* libcurl tells of bytes as they are sent; of an answer's body it would tell before unpacking it, so that comes from
 * elsewhere. */
static int on_bytes (CURL *easy, curl_infotype type, char *bytes, size_t n, void *me) {
  (void)easy;
  al_tapped *tapped = me;
  if (type == CURLINFO_HEADER_OUT || type == CURLINFO_DATA_OUT) add(tapped->tap, tapped->number, "out", bytes, n);
  else if (type == CURLINFO_HEADER_IN) add(tapped->tap, tapped->number, "head", bytes, n);
  return 0;
}

void al_tap_follow (al_tap *tap, al_tapped *tapped, CURL *easy, const char *url) {
  *tapped = (al_tapped){ .tap = tap, .number = ++tap->count };
  curl_easy_setopt(easy, CURLOPT_DEBUGFUNCTION, on_bytes);
  curl_easy_setopt(easy, CURLOPT_DEBUGDATA, tapped);
  curl_easy_setopt(easy, CURLOPT_VERBOSE, 1L);
  add(tap, tapped->number, "url", url, strlen(url));
}

void al_tap_end (const al_tapped *tapped, CURLcode result, const char *error, const al_buf *body) {
  if (tapped->number == 0) return;
  const char *why = error[0] != '\0' ? error : curl_easy_strerror(result);
  if (result != CURLE_OK) add(tapped->tap, tapped->number, "over", why, strlen(why));
  else add(tapped->tap, tapped->number, "body", al_buf_text(body), body->n);
}

bool al_tap_leave (const al_tapped *tapped, CURL *easy) {
  if (tapped->number != 0) curl_easy_setopt(easy, CURLOPT_VERBOSE, 0L);
  return tapped->number != 0;
}
