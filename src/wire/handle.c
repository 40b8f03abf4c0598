#include "wire/handle.h"

#include <stdlib.h>
#include <string.h>

#include "wire/curl_options.h"
#include "wire/proxy.h"

static void forget_url (al_handle *handle) {
  curl_url_cleanup(handle->url);
  free(handle->origin);
  handle->url = NULL;
  handle->origin = NULL;
}

void al_handle_throw_away (al_handle *handle) {
  curl_easy_cleanup(handle->easy);
  forget_url(handle);
  handle->easy = NULL;
}

void al_handles_open (al_handles *all) {
  all->pooled = NULL;
  all->count = all->room = all->out = 0;
  all->looked = false;
  all->capath = NULL;
}

void al_handles_close (al_handles *all) {
  while (all->count > 0) al_handle_throw_away(&all->pooled[--all->count]);
  free(all->pooled);
  all->pooled = NULL;
  all->room = 0;
  free(all->capath);
  all->capath = NULL;
}

al_handle al_handle_take (al_handles *all, const al_settings *settings, bool *anew) {
  *anew = false;
  all->out++;
  for (int i = all->count - 1; i >= 0; i--)
    if (all->pooled[i].wears == settings->id) {
      al_handle found = all->pooled[i];
      all->pooled[i] = all->pooled[--all->count];
      return found;
    }
  /* never an old one that is reset: where libcurl has no memory for that, it leaves buffers of no size, and writes
   * beyond them */
  if (all->count > 0) al_handle_throw_away(&all->pooled[--all->count]);
  al_handle fresh = { .easy = curl_easy_init(), .wears = settings->id };
  *anew = fresh.easy != NULL && al_curl_dress(fresh.easy, settings);
  if (*anew) return fresh;
  all->out--;
  if (fresh.easy != NULL) al_handle_throw_away(&fresh);
  fresh.easy = NULL;
  return fresh;
}

/* As many may rest as are out, for those will soon be begun again; else a few. */
static bool room_to_rest (al_handles *all) {
  if (all->count >= AL_MAX_IDLE_HANDLES && all->count >= all->out) return false;
  if (all->count < all->room) return true;
  int room = all->room > 0 ? all->room * 2 : 8;
  al_handle *pooled = realloc(all->pooled, (size_t)room * sizeof *pooled);
  if (pooled == NULL) return false;
  all->pooled = pooled;
  all->room = room;
  return true;
}

void al_handle_recycle (al_handles *all, al_handle handle) {
  all->out--;
  if (room_to_rest(all)) all->pooled[all->count++] = handle;
  else al_handle_throw_away(&handle);
}

/* A proxy that the environment names is no way to this machine itself; one that the program names may be. */
static bool choose_proxy (al_handle *handle, const al_settings *settings, const al_request *q) {
  bool direct = settings->proxy == NULL && q->where.loopback;
  if (direct == handle->direct) return true;
  handle->direct = direct;
  return curl_easy_setopt(handle->easy, CURLOPT_NOPROXY, direct ? "*" : NULL) == CURLE_OK;
}

/* A part of the URL as a C string: what follows it is put aside for the moment. */
static CURLUcode set_part (CURLU *url, CURLUPart part, const char *text, size_t n) {
  char *end = (char *)(uintptr_t)(text + n), after = *end;
  *end = '\0';
  CURLUcode result = curl_url_set(url, part, n > 0 || part == CURLUPART_QUERY ? text : "/", 0);
  *end = after;
  return result;
}

static bool set_origin (al_handle *handle, const char *origin, size_t n) {
  forget_url(handle);
  handle->url = curl_url();
  handle->origin = malloc(n + 1);
  if (handle->url == NULL || handle->origin == NULL) return false;
  memcpy(handle->origin, origin, n);
  handle->origin[n] = '\0';
  return curl_url_set(handle->url, CURLUPART_URL, handle->origin, 0) == CURLUE_OK &&
         curl_easy_setopt(handle->easy, CURLOPT_CURLU, handle->url) == CURLE_OK;
}

/* Parsing the whole URL again for every request of one origin would be a tenth of what libcurl does for it. */
static bool set_url (al_handle *handle, const al_request *q) {
  const al_url *where = &q->where;
  size_t n = (size_t)(where->path - q->url.bytes);
  bool same = handle->url != NULL && strncmp(handle->origin, q->url.bytes, n) == 0 && handle->origin[n] == '\0';
  if (!same && !set_origin(handle, q->url.bytes, n)) return false;
  return set_part(handle->url, CURLUPART_PATH, where->path, where->path_n) == CURLUE_OK &&
         (where->query == NULL ? curl_url_set(handle->url, CURLUPART_QUERY, NULL, 0)
                               : set_part(handle->url, CURLUPART_QUERY, where->query, where->query_n)) == CURLUE_OK;
}

/* Signs that libcurl of some version writes otherwise: "%2F" as "%2f", for one. */
static bool rewritten (const char *text, size_t n) {
  for (size_t i = 0; i < n; i++) {
    char c = text[i];
    bool alnum = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
    if (!alnum && (c == '\0' || strchr("/-_~:@!$&()*,;=+?", c) == NULL) && (c != '.' || (i > 0 && text[i - 1] == '/')))
      return true;
  }
  return false;
}

/* What was written is sent sign by sign: signatures are made of it, and servers tell "%2F" and "%2f" apart. A proxy
 * without a tunnel gets the whole URL (RFC 9112 section 3.2.2). */
static bool write_target (al_buf *out, const al_request *q, bool whole) {
  const al_url *where = &q->where;
  if (whole) al_buf_add(out, q->url.bytes, (size_t)(where->path - q->url.bytes));
  if (where->path_n > 0) al_buf_add(out, where->path, where->path_n);
  else al_buf_addc(out, '/');
  if (where->query != NULL) {
    al_buf_addc(out, '?');
    al_buf_add(out, where->query, where->query_n);
  }
  return !out->broken;
}

static bool choose_target (al_handle *handle, const al_settings *settings, const al_request *q) {
  const al_url *where = &q->where;
  bool exact = rewritten(where->path, where->path_n) ||
               (where->query != NULL && (where->query_n == 0 || rewritten(where->query, where->query_n)));
  if (!exact && !handle->exact) return true;
  al_buf target = AL_BUF(2 * AL_MAX_URL);
  bool ok = !exact || write_target(&target, q, !where->https && !handle->direct && al_proxy_of_http(settings->proxy));
  ok = ok && curl_easy_setopt(handle->easy, CURLOPT_REQUEST_TARGET, exact ? al_buf_text(&target) : NULL) == CURLE_OK;
  al_buf_dispose(&target);
  handle->exact = exact;
  return ok;
}

/* One HTTP/2 connection rather than many; where there is no TLS there is none, and all would wait for the first answer.
 */
static void choose_waiting (al_handle *handle, const al_request *q) {
  if (handle->waits == q->where.https) return;
  handle->waits = q->where.https;
  curl_easy_setopt(handle->easy, CURLOPT_PIPEWAIT, handle->waits ? 1L : 0L);
}

/* HTTP/2 is agreed upon within TLS; without, it has to be known before. */
static void choose_version (al_handle *handle, const al_settings *settings, const al_request *q) {
  if (settings->http != 2) return;
  curl_easy_setopt(handle->easy, CURLOPT_HTTP_VERSION,
                   (long)(q->where.https ? CURL_HTTP_VERSION_2TLS : CURL_HTTP_VERSION_2_PRIOR_KNOWLEDGE));
}

/* Left until there is TLS: looking for the system's certificates reads a folder of hundreds. */
static bool choose_trust (al_handles *all, al_handle *handle, const al_settings *settings, const al_request *q) {
  if (handle->trusts || !q->where.https) return true;
  if (!all->looked) all->capath = al_curl_capath();
  all->looked = handle->trusts = true;
  return al_curl_trust(handle->easy, settings, all->capath);
}

/* A certificate is a credential, and no other origin's business. */
static void bare_of_certificate (al_handle *handle, const al_settings *settings, const al_request *q) {
  if (settings->cert_file == NULL || !q->bare || q->endpoint) return;
  al_curl_certify(handle->easy, NULL, NULL);
  handle->wears = 0;
}

bool al_handle_aim (al_handles *all, al_handle *handle, const al_settings *settings, const al_request *q) {
  bare_of_certificate(handle, settings, q);
  if (!choose_proxy(handle, settings, q) || !choose_trust(all, handle, settings, q)) return false;
  choose_waiting(handle, q);
  choose_version(handle, settings, q);
  return choose_target(handle, settings, q) && set_url(handle, q);
}
