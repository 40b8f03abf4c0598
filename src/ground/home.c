#include "ground/home.h"

#include <pwd.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "ground/limits.h"

bool al_home (al_buf *out) {
  const char *home = getenv("HOME");
  if (home != NULL && home[0] == '/') return al_buf_set(out, home, strlen(home));
  char room[AL_MAX_USER_RECORD];
  struct passwd record, *found = NULL;
  if (getpwuid_r(getuid(), &record, room, sizeof room, &found) != 0 || found == NULL) return false;
  if (found->pw_dir == NULL || found->pw_dir[0] != '/') return false;
  return al_buf_set(out, found->pw_dir, strlen(found->pw_dir));
}
