/*
 * URLs, each a line: a base, a path, a query. What Airlock accepts, libcurl must read in the same way: the token goes
 * where Airlock thinks, and nowhere else.
 */
#include "ground/url.h"

#include <curl/curl.h>
#include <strings.h>

#include "fuzz.h"
#include "law/request.h"

/* The part libcurl sees, or "" where it sees none. */
static void part (char out[512], CURLU *u, CURLUPart what, unsigned flags) {
  char *text = NULL;
  out[0] = '\0';
  if (curl_url_get(u, what, &text, flags) == CURLUE_OK) snprintf(out, 512, "%s", text);
  curl_free(text);
}

static void same_for_curl (const al_url *url, const char *text, size_t n) {
  char copy[4096], host[512], port[512], scheme[512];
  if (n >= sizeof copy || url->host_n >= 256) return;
  memcpy(copy, text, n);
  copy[n] = '\0';
  CURLU *u = curl_url();
  if (u == NULL) abort();
  if (curl_url_set(u, CURLUPART_URL, copy, 0) == CURLUE_OK) {
    part(host, u, CURLUPART_HOST, 0);
    part(port, u, CURLUPART_PORT, CURLU_DEFAULT_PORT);
    part(scheme, u, CURLUPART_SCHEME, 0);
    must(strcmp(scheme, url->https ? "https" : "http") == 0);
    must(atoi(port) == url->port);
    bool exact = strlen(host) == url->host_n && strncasecmp(host, url->host, url->host_n) == 0;
    must(exact || url->host[0] == '['); /* libcurl writes IPv6 its own way */
    must(curl_url_get(u, CURLUPART_USER, &(char *){ NULL }, 0) == CURLUE_NO_USER);
  }
  curl_url_cleanup(u);
}

static void judge (const al_url *url, const char *text, size_t n) {
  must(url->host >= text && url->host_n > 0 && url->host + url->host_n <= text + n);
  must(url->path >= url->host + url->host_n && url->path + url->path_n <= text + n);
  must(url->query == NULL || (url->query > url->path && url->query + url->query_n <= text + n));
  must(url->port > 0 && url->port <= 65535);
  for (size_t i = 0; i < n; i++) must(text[i] > 0x20 && text[i] < 0x7F);
  same_for_curl(url, text, n);
}

int LLVMFuzzerTestOneInput (const uint8_t *bytes, size_t n) {
  input in = input_of(bytes, n);
  size_t base_n, path_n, query_n;
  const char *base = input_line(&in, &base_n), *path = input_line(&in, &path_n), *query = input_rest(&in, &query_n);
  al_url home, led;
  bool whole = al_url_parse(&home, base, base_n) == NULL;
  if (whole) judge(&home, base, base_n);
  al_buf root = AL_BUF(AL_MAX_URL);
  al_buf_add(&root, base, base_n);
  al_request q;
  al_request_init(&q);
  if (whole && al_request_target(&q, al_buf_text(&root), &home, path, path_n, query, query_n) == NULL) {
    must(al_url_same_origin(&q.where, &home) && al_url_private(&q.where) && !q.where.fragment);
    must(al_url_parse(&led, q.url.bytes, q.url.n) == NULL && al_url_same_origin(&led, &home));
    judge(&q.where, q.url.bytes, q.url.n);
  }
  al_buf_dispose(&root);
  al_request_dispose(&q);
  input_over(&in);
  return 0;
}
