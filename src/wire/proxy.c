#include "wire/proxy.h"

#include <stdlib.h>
#include <string.h>

#include "ground/ascii.h"

static bool known (const char *scheme) {
  static const char *const all[] = { "http", "https", "socks4", "socks4a", "socks5", "socks5h" };
  for (size_t i = 0; i < sizeof all / sizeof *all; i++)
    if (al_ascii_is(scheme, strlen(scheme), all[i])) return true;
  return false;
}

static const char *judge (CURLU *url, const char *text) {
  char *scheme = NULL, *host = NULL;
  if (curl_url_set(url, CURLUPART_URL, text, CURLU_NON_SUPPORT_SCHEME | CURLU_GUESS_SCHEME) != CURLUE_OK ||
      curl_url_get(url, CURLUPART_HOST, &host, 0) != CURLUE_OK)
    return "can't be read as a proxy's URL (scheme://host:port; what is odd in a password is percent-encoded)";
  curl_free(host);
  bool fits = strstr(text, "://") == NULL ||
              (curl_url_get(url, CURLUPART_SCHEME, &scheme, 0) == CURLUE_OK && known(scheme));
  curl_free(scheme);
  return fits ? NULL : "has a scheme that no proxy has (http, https, socks4, socks4a, socks5 or socks5h)";
}

const char *al_proxy_unfit (const char *text) {
  if (text[0] == '\0') return NULL;
  CURLU *url = curl_url();
  if (url == NULL) return "can't be read: there is no memory left";
  const char *why = judge(url, text);
  curl_url_cleanup(url);
  return why;
}

/* Those that libcurl asks, for plain http. */
static const char *from_environment (void) {
  static const char *const names[] = { "http_proxy", "all_proxy", "ALL_PROXY" };
  const char *found = NULL;
  for (size_t i = 0; i < sizeof names / sizeof *names && found == NULL; i++) found = getenv(names[i]);
  return found;
}

bool al_proxy_of_http (const char *named) {
  const char *proxy = named != NULL ? named : from_environment();
  return proxy != NULL && *proxy != '\0' && (strlen(proxy) < 5 || !al_ascii_same(proxy, "socks", 5));
}

static const char odd[] = "Unsupported proxy";

bool al_proxy_odd (const char *words) {
  return strncmp(words, odd, strlen(odd)) == 0;
}

/* A password may hold anything: of a URL that can't be read nothing is left, of others all up to the last '@' goes. */
void al_proxy_hide (char *words) {
  if (al_proxy_odd(words)) words[strlen(odd)] = '\0';
  char *start = strstr(words, "://"), *at = strrchr(words, '@');
  if (start != NULL && at > start) memmove(start + 3, at + 1, strlen(at + 1) + 1);
}

int al_proxy_refusal (CURL *easy, CURLcode result) {
  long status = 0;
  if (result == CURLE_OK || curl_easy_getinfo(easy, CURLINFO_HTTP_CONNECTCODE, &status) != CURLE_OK) return 0;
  return status >= 300 && status < 600 ? (int)status : 0;
}

void al_proxy_fault (al_fault *out, int status) {
  const char *hint = status == 407 ? " (user and password belong into its URL, option proxy)" : "";
  if (status > 0)
    al_fault_set(out, AL_NETWORK, status < 500 ? AL_MISCONFIGURED : AL_TRANSIENT, "proxy",
                 "the proxy refused the way there with status %d%s", status, hint);
  else
    al_fault_set(out, AL_NETWORK, AL_MISCONFIGURED, "proxy",
                 "the URL of the proxy, which the environment names, can't be used");
  out->status = status;
}
