#include "ground/forked.h"

#include <stddef.h>
#include <sys/mman.h>
#include <unistd.h>

enum { mark_n = 1 }; /* the system makes a page of it */

static unsigned char *new_mark (void) {
#ifdef MADV_WIPEONFORK
  unsigned char *mark = mmap(NULL, mark_n, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (mark == MAP_FAILED) return NULL;
  if (madvise(mark, mark_n, MADV_WIPEONFORK) == 0) return mark;
  munmap(mark, mark_n);
#endif
  return NULL;
}

void al_forked_note (al_forked *b) {
  b->pid = getpid();
  if (b->mark == NULL) b->mark = new_mark();
  if (b->mark != NULL) *b->mark = 1;
}

bool al_forked_same (const al_forked *b) {
  return b->mark != NULL ? *b->mark == 1 : b->pid == getpid();
}

void al_forked_forget (al_forked *b) {
  if (b->mark != NULL) munmap(b->mark, mark_n);
  b->mark = NULL;
}
