/* Preloaded by spec/wire/stall_spec.lua: the name server never answers; after three seconds the resolver gives up. */
#define _GNU_SOURCE
#include <netdb.h>
#include <unistd.h>

int getaddrinfo (const char *node, const char *service, const struct addrinfo *hints, struct addrinfo **found) {
  (void)node, (void)service, (void)hints, (void)found;
  sleep(3);
  return EAI_AGAIN;
}
