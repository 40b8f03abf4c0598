/* near. */
#include "test.h"

#include <string.h>

#include "ground/limits.h"
#include "ground/near.h"

static int distance (const char *a, const char *b) {
  return al_near_distance(a, strlen(a), b, strlen(b));
}

static const char *meant (const char *word, const char *const names[]) {
  al_near near = al_near_to(word, strlen(word));
  for (; *names != NULL; names++) al_near_try(&near, *names, strlen(*names));
  return near.found;
}

int main (void) {
  it("near: counts letters put in, left out, changed and swapped") {
    check(distance("", "") == 0 && distance("abc", "abc") == 0 && distance("", "abc") == 3 && distance("abc", "") == 3);
    check(distance("abc", "abd") == 1 && distance("abc", "ab") == 1 && distance("abc", "xabc") == 1);
    check(distance("toekn", "token") == 1 && distance("abcdef", "badcfe") == 3);
    check(distance("kitten", "sitting") == 3 && distance("sitting", "kitten") == 3);
  }
  it("near: looks no further than a name may be long") {
    char longest[AL_MAX_NEAR + 2];
    memset(longest, 'x', sizeof longest);
    check(al_near_distance(longest, AL_MAX_NEAR, longest, AL_MAX_NEAR) == 0);
    check(al_near_distance(longest, AL_MAX_NEAR, "", 0) == AL_MAX_NEAR);
    check(al_near_distance(longest, AL_MAX_NEAR + 1, longest, AL_MAX_NEAR + 1) == AL_MAX_NEAR + 1);
    al_near near = al_near_to(longest, AL_MAX_NEAR + 1);
    al_near_try(&near, longest, AL_MAX_NEAR + 1);
    check(near.found == NULL);
  }
  it("near: finds what was meant, and guesses nothing") {
    static const char *const names[] = { "client_id", "client_secret", "scope", "store", "timeout", NULL };
    check(strcmp(meant("clientId", names), "client_id") == 0 && strcmp(meant("timout", names), "timeout") == 0);
    check(strcmp(meant("client_secert", names), "client_secret") == 0);
    check(meant("colour", names) == NULL && meant("x", names) == NULL && meant("", names) == NULL);
    check(meant("ab", names) == NULL);
    static const char *const twins[] = { "cat", "car", NULL };
    check(meant("cap", twins) == NULL && strcmp(meant("cat", twins), "cat") == 0);
  }
  return test_over();
}
