/*
 * The measure of bench/get.lua: the same authenticated GETs by plain C on libcurl, one handle kept, one header list.
 * plain URL COUNT
 */
#include <curl/curl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef struct body {
  char *bytes;
  size_t n, room;
} body;

static size_t on_body (char *bytes, size_t size, size_t n, void *me) {
  body *b = me;
  n *= size;
  if (b->n + n > b->room) {
    b->room = (b->n + n) * 2;
    b->bytes = realloc(b->bytes, b->room);
    if (b->bytes == NULL) return 0;
  }
  memcpy(b->bytes + b->n, bytes, n);
  b->n += n;
  return n;
}

int main (int argc, char **argv) {
  if (argc < 3) return 2;
  long count = atol(argv[2]), ok = 0;
  curl_global_init(CURL_GLOBAL_DEFAULT);
  CURL *easy = curl_easy_init();
  struct curl_slist *lines = curl_slist_append(NULL, "Authorization: Bearer bench-token");
  lines = curl_slist_append(lines, "Accept: application/json");
  body b = { NULL, 0, 0 };
  curl_easy_setopt(easy, CURLOPT_URL, argv[1]);
  curl_easy_setopt(easy, CURLOPT_HTTPHEADER, lines);
  curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, on_body);
  curl_easy_setopt(easy, CURLOPT_WRITEDATA, &b);
  curl_easy_setopt(easy, CURLOPT_ACCEPT_ENCODING, "");
  curl_easy_setopt(easy, CURLOPT_USERAGENT, "plain-c/0.1.0");
  curl_easy_setopt(easy, CURLOPT_TIMEOUT_MS, 30000L);
  curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
  for (long i = 0; i < count; i++) {
    long status = 0;
    b.n = 0;
    if (curl_easy_perform(easy) == CURLE_OK && curl_easy_getinfo(easy, CURLINFO_RESPONSE_CODE, &status) == CURLE_OK && status == 200 && b.n > 1000) ok++;
  }
  curl_slist_free_all(lines);
  curl_easy_cleanup(easy);
  free(b.bytes);
  if (ok != count) fprintf(stderr, "plain: only %ld of %ld answers were good\n", ok, count);
  return ok == count ? 0 : 1;
}
