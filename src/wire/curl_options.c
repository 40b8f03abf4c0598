#include "wire/curl_options.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>

#include "ground/buf.h"
#include "wire/proxy.h"

/* libcurl 7.88 leaves its sockets open to programs that are exec'ed later */
static int close_on_exec (void *unused, curl_socket_t fd, curlsocktype purpose) {
  (void)unused, (void)purpose;
  fcntl(fd, F_SETFD, FD_CLOEXEC);
  return CURL_SOCKOPT_OK;
}

/* The system's own bundle, whose certificates lie in the hashed folder too: reading it whole would hold a host up. */
static bool is_own_bundle (const char *file) {
  const char *own = curl_version_info(CURLVERSION_NOW)->cainfo;
  return own != NULL && strcmp(own, file) == 0;
}

/* libcurl keeps a copy of a text, for which it may have no memory; what it doesn't know at all it may leave. */
static bool set_text (CURL *easy, CURLoption option, const char *text) {
  return curl_easy_setopt(easy, option, text) != CURLE_OUT_OF_MEMORY;
}

/*
 * libcurl parses a bundle file anew for every connection (37 to 55 ms with Debian's), and caches it only where CAPATH
 * is off; a hashed folder costs 2 ms. So it is one or the other, never both.
 */
bool al_curl_trust (CURL *easy, const al_settings *s, const char *capath) {
  if (s->ca_file != NULL && !(capath != NULL && is_own_bundle(s->ca_file))) {
    curl_easy_setopt(easy, CURLOPT_CAPATH, NULL);
    return set_text(easy, CURLOPT_CAINFO, s->ca_file);
  }
  if (capath != NULL) curl_easy_setopt(easy, CURLOPT_CAINFO, NULL);
  return set_text(easy, CURLOPT_CAPATH, capath);
}

/* libcurl takes a connection again only for the same certificate and key, so no client speaks over another's. */
bool al_curl_certify (CURL *easy, const char *cert_file, const char *key_file) {
  if (cert_file != NULL && key_file == NULL) key_file = cert_file;
  /* a key behind a password isn't read: left to itself, OpenSSL would ask for it at the terminal */
  return set_text(easy, CURLOPT_SSLCERT, cert_file) && set_text(easy, CURLOPT_SSLKEY, key_file) &&
         set_text(easy, CURLOPT_KEYPASSWD, cert_file != NULL ? "" : NULL);
}

bool al_curl_dress (CURL *easy, const al_settings *s) {
  curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
  if (s->http == 1) curl_easy_setopt(easy, CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_1_1);
  curl_easy_setopt(easy, CURLOPT_NOPROGRESS, 1L);
  curl_easy_setopt(easy, CURLOPT_BUFFERSIZE, (long)AL_RECEIVE_BUFFER);
  curl_easy_setopt(easy, CURLOPT_FOLLOWLOCATION, 0L); /* law/flow judges redirects */
  curl_easy_setopt(easy, CURLOPT_SSL_VERIFYPEER, 1L);
  curl_easy_setopt(easy, CURLOPT_SSL_VERIFYHOST, 2L);
  curl_easy_setopt(easy, CURLOPT_SSLVERSION, (long)CURL_SSLVERSION_TLSv1_2);
  bool ok = set_text(easy, CURLOPT_ACCEPT_ENCODING, ""); /* whatever this libcurl can decode: gzip, brotli … */
  curl_easy_setopt(easy, CURLOPT_NETRC, (long)CURL_NETRC_IGNORED);
  curl_easy_setopt(easy, CURLOPT_SOCKOPTFUNCTION, close_on_exec);
  curl_easy_setopt(easy, CURLOPT_TCP_KEEPALIVE, 1L);
  curl_easy_setopt(easy, CURLOPT_SUPPRESS_CONNECT_HEADERS, 1L); /* a proxy's words aren't the answer's */
#if LIBCURL_VERSION_NUM >= 0x075500
  ok = ok && set_text(easy, CURLOPT_PROTOCOLS_STR, "http,https");
#else
  curl_easy_setopt(easy, CURLOPT_PROTOCOLS, (long)(CURLPROTO_HTTP | CURLPROTO_HTTPS));
#endif
#if LIBCURL_VERSION_NUM >= 0x075700
  curl_easy_setopt(easy, CURLOPT_QUICK_EXIT, 1L); /* a hanging look-up must not hold up whoever cancels it */
#endif
  curl_easy_setopt(easy, CURLOPT_CONNECTTIMEOUT_MS, (long)s->connect_timeout_ms);
  return ok && al_curl_certify(easy, s->cert_file, s->key_file) &&
         (s->proxy == NULL || set_text(easy, CURLOPT_PROXY, s->proxy));
}

/* The names OpenSSL looks for: eight hexadecimal digits, a dot, a number. */
static bool hashed (const char *name) {
  return strspn(name, "0123456789abcdef") == 8 && name[8] == '.' &&
         strspn(name + 9, "0123456789") == strlen(name + 9) && name[9] != '\0';
}

char *al_curl_capath (void) {
  const char *path = curl_version_info(CURLVERSION_NOW)->capath;
  DIR *folder = path != NULL ? opendir(path) : NULL;
  if (folder == NULL) return NULL;
  bool found = false;
  for (struct dirent *entry; !found && (entry = readdir(folder)) != NULL;) found = hashed(entry->d_name);
  closedir(folder);
  return found ? al_text_copy(path) : NULL;
}

void al_curl_encodings (char *out, size_t size) {
  int has = curl_version_info(CURLVERSION_NOW)->features;
  snprintf(out, size, "Accept-Encoding: %s%s%s", has & CURL_VERSION_LIBZ ? "deflate, gzip" : "identity",
           has & CURL_VERSION_BROTLI ? ", br" : "", has & CURL_VERSION_ZSTD ? ", zstd" : "");
}

static const struct {
  CURLcode result;
  const char *code;
  al_outcome outcome;
  const char *message;
} meanings[] = {
  { CURLE_COULDNT_RESOLVE_HOST, "resolve", AL_TRANSIENT, "the host's name can't be resolved" },
  { CURLE_COULDNT_RESOLVE_PROXY, "resolve", AL_TRANSIENT, "the proxy's name can't be resolved" },
  { CURLE_COULDNT_CONNECT, "connect", AL_TRANSIENT, "no connection could be made" },
  { CURLE_OPERATION_TIMEDOUT, "timeout", AL_TRANSIENT, "there was no answer in time (option timeout)" },
  { CURLE_SSL_CONNECT_ERROR, "tls", AL_MISCONFIGURED, "no TLS connection could be made" },
  { CURLE_PEER_FAILED_VERIFICATION, "tls", AL_MISCONFIGURED,
    "its certificate can't be trusted (option ca_file names the file of those to trust)" },
  { CURLE_SSL_CERTPROBLEM, "tls", AL_MISCONFIGURED,
    "the client's own certificate or its key can't be used (options cert_file and key_file)" },
  { CURLE_SSL_CIPHER, "tls", AL_MISCONFIGURED, "there is no cipher in common" },
  { CURLE_SSL_CACERT_BADFILE, "tls", AL_MISCONFIGURED,
    "the file of trusted certificates can't be read (option ca_file)" },
  { CURLE_SSL_ISSUER_ERROR, "tls", AL_MISCONFIGURED, "its certificate's issuer can't be trusted" },
  { CURLE_GOT_NOTHING, "empty_reply", AL_TRANSIENT, "the connection was closed without an answer" },
  { CURLE_PARTIAL_FILE, "cut_off", AL_TRANSIENT, "the answer was cut off" },
  { CURLE_RECV_ERROR, "cut_off", AL_TRANSIENT, "the connection broke before the answer was there" },
  { CURLE_SEND_ERROR, "cut_off", AL_TRANSIENT, "the connection broke while the request went out" },
  { CURLE_SEND_FAIL_REWIND, "cut_off", AL_TRANSIENT, "the connection broke, and the body's reader can't begin again" },
  { CURLE_HTTP2, "malformed_response", AL_TRANSIENT, "the answer broke the rules of HTTP/2" },
  { CURLE_HTTP2_STREAM, "malformed_response", AL_TRANSIENT, "the answer broke the rules of HTTP/2" },
  { CURLE_WEIRD_SERVER_REPLY, "malformed_response", AL_TRANSIENT, "the answer isn't HTTP" },
  { CURLE_UNSUPPORTED_PROTOCOL, "malformed_response", AL_TRANSIENT, "the answer isn't HTTP" },
  { CURLE_BAD_CONTENT_ENCODING, "malformed_response", AL_TRANSIENT, "the answer can't be unpacked" },
#if LIBCURL_VERSION_NUM >= 0x080600
  { CURLE_TOO_LARGE, "too_large", AL_MISCONFIGURED,
    "the answer unpacks to more than this libcurl holds (64 MB) while a sink takes it" },
#endif
  { CURLE_OUT_OF_MEMORY, "out_of_memory", AL_TRANSIENT, "there is no memory left" },
};

/*
 * Whether a handshake failed because the connection went, which may pass, and not for what either side is: libcurl has
 * one code for both, and only its words tell, OpenSSL's and GnuTLS's. Words not known count as the latter.
 */
static bool broke_off (CURLcode result, const char *detail) {
  static const char *const words[] = { "SSL_ERROR_SYSCALL",       "reset by peer", "unexpected eof", "Broken pipe",
                                       "non-properly terminated", "pull function", "push function" };
  for (size_t i = 0; result == CURLE_SSL_CONNECT_ERROR && i < sizeof words / sizeof *words; i++)
    if (strstr(detail, words[i]) != NULL) return true;
  return false;
}

/* What OpenSSL and GnuTLS say where the other side doesn't speak TLS at all. */
static bool speaks_plainly (CURLcode result, const char *detail) {
  static const char *const words[] = { "wrong version number", "packet length too long", "http request",
                                       "unexpected TLS packet" };
  for (size_t i = 0; result == CURLE_SSL_CONNECT_ERROR && i < sizeof words / sizeof *words; i++)
    if (strstr(detail, words[i]) != NULL) return true;
  return false;
}

void al_curl_fault (al_fault *out, CURLcode result, const char *over, const char *detail, int refusal) {
  char words[CURL_ERROR_SIZE];
  if (over != NULL) {
    al_fault_set(out, AL_NETWORK, AL_MISCONFIGURED, "too_large", "the answer's %s is larger than allowed%s", over,
                 strcmp(over, "body") == 0 ? " (option max_body)" : "");
    return;
  }
  if (refusal > 0 || al_proxy_odd(detail)) {
    al_proxy_fault(out, refusal);
    return;
  }
  /* which libcurl 8.20 and later say of a key's file that can't be read */
  if (result == CURLE_BAD_FUNCTION_ARGUMENT && strstr(detail, "private key") != NULL) result = CURLE_SSL_CERTPROBLEM;
  bool broke = broke_off(result, detail);
  if (broke) result = CURLE_RECV_ERROR;
  const char *code = "network", *message = curl_easy_strerror(result);
  al_outcome outcome = AL_TRANSIENT;
  for (size_t i = 0; i < sizeof meanings / sizeof *meanings; i++)
    if (meanings[i].result == result)
      code = meanings[i].code, message = meanings[i].message, outcome = meanings[i].outcome;
  if (broke) /* some servers close without a word where they hear TLS at a plain port */
    message = "the connection broke within the TLS handshake; if it always does, the server speaks plain http:// at "
              "this port, or no TLS at all";
  if (speaks_plainly(result, detail))
    message = "no TLS connection could be made: the server speaks plain http:// at this port, or no TLS at all; "
              "check scheme and port";
  al_fault_text(words, sizeof words, detail, strlen(detail));
  al_fault_set(out, AL_NETWORK, outcome, code, "%s%s%s", message, words[0] != '\0' ? ": " : "", words);
}
